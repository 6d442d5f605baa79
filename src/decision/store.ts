import { groupRows } from '../db/group.js';
import { keysetOrder, type Page, type PageRequest, toPage } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import { type DecisionFilter, filterSql } from './filter.js';
import {
  DECISION_SELECTION,
  type DecisionContent,
  type DecisionRow,
  STEP_SELECTION,
  type StepContent,
  type StepRow,
} from './row.js';

/** A decision's place in the lists of decisions: newest start first, then by id, descending. */
export interface DecisionKey {
  startedAtMs: number;
  id: string;
}

export interface DecisionListOptions {
  pool: Pool;
  fleet: string;
  filter: DecisionFilter;
  page: PageRequest<DecisionKey>;
}

/** One page of the fleet's decisions, in one statement. */
export async function listDecisions(options: DecisionListOptions): Promise<Page<DecisionRow>> {
  const pages = await readPages(options, null);
  return pages.get(null) ?? { rows: [], hasNextPage: false, hasPreviousPage: false };
}

/** The same page of each agent's decisions, by agent, in one statement for all of them. */
export async function listDecisionsOfAgents(
  options: DecisionListOptions,
  agents: readonly string[],
): Promise<Map<string | null, Page<DecisionRow>>> {
  return readPages(options, agents);
}

interface ListedRow extends DecisionRow {
  list: string | null;
  hasRowsBehind: boolean;
}

async function readPages(
  options: DecisionListOptions,
  agents: readonly string[] | null,
): Promise<Map<string | null, Page<DecisionRow>>> {
  const { text, parameters } = pageSql(options, agents);
  const { rows } = await options.pool.query<ListedRow>(text, parameters);
  const lists = new Map<string | null, { fetched: DecisionRow[]; hasRowsBehind: boolean }>();
  for (const row of rows) {
    const list = lists.get(row.list) ?? { fetched: [], hasRowsBehind: row.hasRowsBehind };
    // An empty page still has a row of its list, which says what lies behind the cursor.
    if (row.id !== null) list.fetched.push(row);
    lists.set(row.list, list);
  }
  return new Map([...lists].map(([name, list]) => [name, toPage(list.fetched, options.page, list.hasRowsBehind)]));
}

/** A lateral join reads at most `limit + 1` rows of each list from the index, however long the lists are. */
export function pageSql(
  { fleet, filter, page }: Omit<DecisionListOptions, 'pool'>,
  agents: readonly string[] | null,
): { text: string; parameters: unknown[] } {
  const parameters: unknown[] = [fleet, agents ?? [null], page.limit + 1];
  const conditions = filterSql(filter, parameters.length + 1);
  parameters.push(...conditions.parameters);
  const { ahead, sort, behind, sortBehind } = keysetOrder('descending', page.direction);
  let beyond = 'TRUE';
  let hasRowsBehind = 'FALSE';
  const listed = `d.fleet_id = $1 AND ${agents === null ? 'TRUE' : 'd.agent = list.agent'} AND ${conditions.text}`;
  if (page.beyond !== null) {
    parameters.push(new Date(page.beyond.startedAtMs).toISOString(), page.beyond.id);
    const key = `($${parameters.length - 1}::timestamptz, $${parameters.length}::text)`;
    beyond = `(d.started_at, d.id) ${ahead} ${key}`;
    hasRowsBehind = `(SELECT TRUE FROM decision d WHERE ${listed} AND (d.started_at, d.id) ${behind} ${key}
      ORDER BY d.started_at ${sortBehind}, d.id ${sortBehind} LIMIT 1) IS NOT NULL`;
  }
  const text = `
    SELECT list.agent AS "list", ${hasRowsBehind} AS "hasRowsBehind", page.*
    FROM unnest($2::text[]) AS list (agent)
    LEFT JOIN LATERAL (
      SELECT ${DECISION_SELECTION} FROM decision d
      WHERE ${listed} AND ${beyond}
      ORDER BY d.started_at ${sort}, d.id ${sort} LIMIT $3
    ) page ON TRUE
    ORDER BY list.agent, page."startedAt" DESC, page.id DESC`;
  return { text, parameters };
}

/** The decisions of these ids, by id; ids the fleet does not have are left out. */
export async function findDecisions(
  pool: Pool,
  fleet: string,
  ids: readonly string[],
): Promise<Map<string, DecisionRow>> {
  const { rows } = await pool.query<DecisionRow>(
    `SELECT ${DECISION_SELECTION} FROM decision d WHERE d.fleet_id = $1 AND d.id = ANY($2::text[])`,
    [fleet, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Decisions of one trace that are read at most. */
export const TRACE_DECISIONS_MAX = 10_000;

/** Every decision of a trace in order of start, at most `TRACE_DECISIONS_MAX`. */
export async function findDecisionsOfTrace(pool: Pool, fleet: string, traceId: string): Promise<DecisionRow[]> {
  const { rows } = await pool.query<DecisionRow>(
    `SELECT ${DECISION_SELECTION} FROM decision d WHERE d.fleet_id = $1 AND d.trace_id = $2
     ORDER BY d.started_at, d.id LIMIT ${TRACE_DECISIONS_MAX}`,
    [fleet, traceId],
  );
  return rows;
}

/** Whether the span whose hex id is `spanId` is one of the decision's: ids are 8 bytes each, one after the other. */
function holdsSpan(decision: string, spanId: string): string {
  return `position(decode(${spanId}, 'hex') IN ${decision}.span_ids) > 0 AND EXISTS (
    SELECT FROM generate_series(1, length(${decision}.span_ids), 8) AS start
    WHERE substring(${decision}.span_ids FROM start FOR 8) = decode(${spanId}, 'hex'))`;
}

/**
 * The parent of each decision that has one, by the child's id: the one it names, else the one of its trace that holds
 * the span it was called from.
 */
export async function findParents(
  pool: Pool,
  fleet: string,
  children: readonly DecisionRow[],
): Promise<Map<string, DecisionRow>> {
  const { rows } = await pool.query<DecisionRow & { childId: string }>(
    `WITH child AS (
       SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS c (id, parent_id, trace_id, parent_span_id)
     )
     SELECT child.id AS "childId", ${DECISION_SELECTION} FROM child
     JOIN decision d ON d.fleet_id = $1 AND d.id = child.parent_id
     UNION ALL
     SELECT child.id, ${DECISION_SELECTION} FROM child
     JOIN decision d ON d.fleet_id = $1 AND d.trace_id = child.trace_id AND d.id <> child.id
       AND ${holdsSpan('d', 'child.parent_span_id')}
     WHERE child.parent_id IS NULL`,
    [
      fleet,
      children.map(({ id }) => id),
      children.map(({ parentId }) => parentId),
      children.map(({ traceId }) => traceId),
      children.map(({ parentSpanId }) => parentSpanId),
    ],
  );
  return new Map(rows.map(({ childId, ...row }) => [childId, row]));
}

/** The decisions each of these invoked, by the parent's id, in order of start; the inverse of `findParents`. */
export async function findChildren(
  pool: Pool,
  fleet: string,
  parentIds: readonly string[],
): Promise<Map<string, DecisionRow[]>> {
  const { rows } = await pool.query<DecisionRow & { inParentId: string }>(
    `SELECT d.parent_id AS "inParentId", ${DECISION_SELECTION} FROM decision d
     WHERE d.fleet_id = $1 AND d.parent_id = ANY($2::text[])
     UNION ALL
     SELECT parent.id, ${DECISION_SELECTION} FROM decision parent
     JOIN decision d ON d.fleet_id = $1 AND d.trace_id = parent.trace_id AND d.id <> parent.id
       AND d.parent_id IS NULL AND d.parent_span_id IS NOT NULL AND ${holdsSpan('parent', 'd.parent_span_id')}
     WHERE parent.fleet_id = $1 AND parent.id = ANY($2::text[])
     ORDER BY "startedAt", id`,
    [fleet, parentIds],
  );
  return groupRows(rows, ({ inParentId }) => inParentId);
}

/** The content of these decisions, by id. */
export async function findContents(
  pool: Pool,
  fleet: string,
  ids: readonly string[],
): Promise<Map<string, DecisionContent>> {
  const { rows } = await pool.query<DecisionContent & { id: string }>(
    `SELECT id, input, output, error_message AS "errorMessage" FROM decision
     WHERE fleet_id = $1 AND id = ANY($2::text[])`,
    [fleet, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** The reasoning chain of each decision, by the decision's id. */
export async function findSteps(
  pool: Pool,
  fleet: string,
  decisionIds: readonly string[],
): Promise<Map<string, StepRow[]>> {
  const { rows } = await pool.query<StepRow>(
    `SELECT ${STEP_SELECTION} FROM step s WHERE s.fleet_id = $1 AND s.decision_id = ANY($2::text[])
     ORDER BY s.decision_id, s.index`,
    [fleet, decisionIds],
  );
  return groupRows(rows, ({ decisionId }) => decisionId);
}

/** The content of each decision's steps, by the decision's id, in the order of the chain. */
export async function findStepContents(
  pool: Pool,
  fleet: string,
  decisionIds: readonly string[],
): Promise<Map<string, StepContent[]>> {
  const { rows } = await pool.query<StepContent & { decisionId: string }>(
    `SELECT decision_id AS "decisionId", arguments, result, input, output, error_message AS "errorMessage"
     FROM step WHERE fleet_id = $1 AND decision_id = ANY($2::text[]) ORDER BY decision_id, index`,
    [fleet, decisionIds],
  );
  return groupRows(rows, ({ decisionId }) => decisionId);
}

/** Decisions sealed after `afterSeq`, in the order they were sealed, at most `limit`. */
export async function readSealedAfter(
  { pool, fleet, filter }: Pick<DecisionListOptions, 'pool' | 'fleet' | 'filter'>,
  { afterSeq, limit }: { afterSeq: number; limit: number },
): Promise<DecisionRow[]> {
  const conditions = filterSql(filter, 4);
  const { rows } = await pool.query<DecisionRow>(
    `SELECT ${DECISION_SELECTION} FROM decision d
     WHERE d.fleet_id = $1 AND d.seq > $2 AND ${conditions.text} ORDER BY d.seq LIMIT $3`,
    [fleet, afterSeq, limit, ...conditions.parameters],
  );
  return rows;
}

/** The seq of the newest sealed decision; −1 when the fleet has none. */
export async function findNewestSeq(pool: Pool, fleet: string): Promise<number> {
  const { rows } = await pool.query<{ seq: number | null }>(
    'SELECT max(seq) AS seq FROM decision WHERE fleet_id = $1',
    [fleet],
  );
  return rows[0]?.seq ?? -1;
}
