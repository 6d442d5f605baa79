import { groupRows } from '../db/group.js';
import type { Pool } from '../db/pool.js';
import type { DecisionCalendar } from './calendar.js';
import { daysAround, portions, readByDays, TRACE_DAYS } from './days.js';
import { DECISION_SELECTION, type DecisionRow } from './row.js';

/** Decisions that belong together: those of one trace, and who invoked whom. */

/** Decisions of one trace that are read at most. */
export const TRACE_DECISIONS_MAX = 10_000;

/**
 * Every decision of a trace in order of start, at most `TRACE_DECISIONS_MAX`. The days are walked from the newest until
 * one of them is found; the others were sealed within days of it.
 */
export async function findDecisionsOfTrace(
  { pool, calendar, fleet }: { pool: Pool; calendar: DecisionCalendar; fleet: string },
  traceId: string,
): Promise<DecisionRow[]> {
  const readDays = (days: readonly string[]) => readTrace(pool, { fleet, traceId, days });
  const open = calendar.openDays();
  const closed = (await calendar.closedDays(fleet, open.at(-1) as string)).map(({ day }) => day);
  for (const days of [open, ...portions(closed)]) {
    const found = await readDays(days);
    if (found.length === 0) continue;
    const near = new Set(found.flatMap(({ sealedOn }) => daysAround(sealedOn, TRACE_DAYS)));
    const nearDays = [...open, ...closed].filter((day) => near.has(day));
    return nearDays.every((day) => days.includes(day)) ? found : readDays(nearDays);
  }
  return [];
}

async function readTrace(
  pool: Pool,
  { fleet, traceId, days }: { fleet: string; traceId: string; days: readonly string[] },
): Promise<DecisionRow[]> {
  const { rows } = await pool.query<DecisionRow>(
    `SELECT ${DECISION_SELECTION} FROM decision d
     WHERE d.fleet_id = $1 AND d.sealed_on = ANY($3::date[]) AND d.trace_id = $2
     ORDER BY d.started_at, d.id LIMIT ${TRACE_DECISIONS_MAX}`,
    [fleet, traceId, days],
  );
  return rows;
}

/** Whether the span whose hex id is `spanId` is one of the decision's: ids are 8 bytes each, one after the other. */
function holdsSpan(decision: string, spanId: string): string {
  return `position(decode(${spanId}, 'hex') IN ${decision}.span_ids) > 0 AND EXISTS (
    SELECT FROM generate_series(1, length(${decision}.span_ids), 8) AS start
    WHERE substring(${decision}.span_ids FROM start FOR 8) = decode(${spanId}, 'hex'))`;
}

const PARENTS = `
  WITH child AS (
    SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS c (id, parent_id, trace_id, parent_span_id)
  )
  SELECT child.id AS "childId", ${DECISION_SELECTION} FROM child
  JOIN decision d ON d.fleet_id = $1 AND d.sealed_on = ANY($6::date[]) AND d.id = child.parent_id
  UNION ALL
  SELECT child.id, ${DECISION_SELECTION} FROM child
  JOIN decision d ON d.fleet_id = $1 AND d.sealed_on = ANY($6::date[]) AND d.trace_id = child.trace_id
    AND d.id <> child.id AND ${holdsSpan('d', 'child.parent_span_id')}
  WHERE child.parent_id IS NULL`;

/**
 * The parent of each decision that has one, by the child's id: the one it names, else the one of its trace that holds
 * the span it was called from; sealed within days of it.
 */
export async function findParents(
  pool: Pool,
  fleet: string,
  children: readonly DecisionRow[],
): Promise<Map<string, DecisionRow>> {
  const found = await readByDays(children, TRACE_DAYS, async ({ rows: located, days }) => {
    const { rows } = await pool.query<DecisionRow & { childId: string }>(PARENTS, [
      fleet,
      located.map(({ id }) => id),
      located.map(({ parentId }) => parentId),
      located.map(({ traceId }) => traceId),
      located.map(({ parentSpanId }) => parentSpanId),
      days,
    ]);
    return rows;
  });
  return new Map(found.map(({ childId, ...row }) => [childId, row]));
}

const CHILDREN = `
  SELECT d.parent_id AS "inParentId", ${DECISION_SELECTION} FROM decision d
  WHERE d.fleet_id = $1 AND d.sealed_on = ANY($3::date[]) AND d.parent_id = ANY($2::text[])
  UNION ALL
  SELECT parent.id, ${DECISION_SELECTION} FROM decision parent
  JOIN decision d ON d.fleet_id = $1 AND d.sealed_on = ANY($3::date[]) AND d.trace_id = parent.trace_id
    AND d.id <> parent.id AND d.parent_id IS NULL AND d.parent_span_id IS NOT NULL
    AND ${holdsSpan('parent', 'd.parent_span_id')}
  WHERE parent.fleet_id = $1 AND parent.sealed_on = ANY($3::date[]) AND parent.id = ANY($2::text[])
  ORDER BY "startedAt", id`;

/** The decisions each of these invoked, by the parent's id, in order of start; the inverse of `findParents`. */
export async function findChildren(
  pool: Pool,
  fleet: string,
  parents: readonly DecisionRow[],
): Promise<Map<string, DecisionRow[]>> {
  const found = await readByDays(parents, TRACE_DAYS, async ({ rows: located, days }) => {
    const { rows } = await pool.query<DecisionRow & { inParentId: string }>(CHILDREN, [
      fleet,
      located.map(({ id }) => id),
      days,
    ]);
    return rows;
  });
  return groupRows(found, ({ inParentId }) => inParentId);
}
