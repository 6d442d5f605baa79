import { groupRows } from '../../db/group.js';
import type { Pool } from '../../db/pool.js';
import type { DecisionCalendar } from '../../decision/calendar.js';
import { OWN_DAYS, readByDays } from '../../decision/days.js';
import { findParents } from '../../decision/kin.js';
import { listDecisions } from '../../decision/list.js';
import type { DecisionRow } from '../../decision/row.js';
import type { Window } from '../window.js';
import { type Cascade, findCascades } from './cascade.js';
import type { FailedDecision, JudgedStep } from './failed-decision.js';

export interface CascadeQuery extends Window {
  pool: Pool;
  calendar: DecisionCalendar;
  fleet: string;
}

/** The cascades of a range, the one that broke last first. */
export interface CascadeFindings {
  cascades: Cascade[];
  /** False when the range has more failures than are looked through: those left out are the oldest. */
  isComplete: boolean;
}

/** Failed decisions of a range that are looked through, newest first. */
export const FAILURES_MAX = 5_000;
const CALLERS_DEPTH_MAX = 32;

/** Who of the failed decisions was invoked by whom. */
interface FailureKin {
  failed: ReadonlyMap<string, DecisionRow>;
  parentIds: ReadonlyMap<string, string>;
}

export async function readCascades(query: CascadeQuery): Promise<CascadeFindings> {
  const { pool, calendar, fleet, fromMs, toMs } = query;
  const { rows, hasNextPage } = await listDecisions({
    pool,
    calendar,
    fleet,
    filter: { outcomes: ['ERROR'], from: new Date(fromMs), to: new Date(toMs) },
    page: { direction: 'forward', limit: FAILURES_MAX, beyond: null },
  });
  const { failed, parentIds } = await findFailedCallers(pool, fleet, rows);
  const related = new Set([...parentIds].flat());
  const judged = await readEvidence(
    pool,
    fleet,
    [...failed.values()].filter(({ id }) => related.has(id)),
  );
  return { cascades: findCascades(judged, parentIds), isComplete: !hasNextPage };
}

/** The failed callers of failed decisions, up to the last, whenever they began. */
async function findFailedCallers(pool: Pool, fleet: string, rows: readonly DecisionRow[]): Promise<FailureKin> {
  const failed = new Map(rows.map((row) => [row.id, row]));
  const parentIds = new Map<string, string>();
  let unasked = rows.filter(hasCaller);
  for (let depth = 0; depth < CALLERS_DEPTH_MAX && unasked.length > 0; depth += 1) {
    const callers = await findParents(pool, fleet, unasked);
    const added: DecisionRow[] = [];
    for (const [childId, caller] of callers) {
      if (caller.outcome !== 'ERROR') continue;
      parentIds.set(childId, caller.id);
      if (failed.has(caller.id)) continue;
      failed.set(caller.id, caller);
      added.push(caller);
    }
    unasked = added.filter(hasCaller);
  }
  return { failed, parentIds };
}

function hasCaller({ parentId, parentSpanId }: DecisionRow): boolean {
  return parentId !== null || parentSpanId !== null;
}

interface StepEvidence {
  decisionId: string;
  index: number;
  kind: JudgedStep['kind'];
  name: string;
  startedAt: Date;
  durationMs: number;
  outcome: JudgedStep['outcome'];
  errorMessage: string | null;
  spanId: string | null;
}

/** Their chains without content, but with the error messages, which are compared and not shown. */
async function readEvidence(pool: Pool, fleet: string, rows: readonly DecisionRow[]): Promise<FailedDecision[]> {
  const own = await readByDays(rows, OWN_DAYS, async ({ rows: located, days }) => {
    const found = await pool.query<{ id: string; spanId: string | null; errorMessage: string | null }>(
      `SELECT id, span_id AS "spanId", error_message AS "errorMessage" FROM decision
       WHERE fleet_id = $1 AND sealed_on = ANY($3::date[]) AND id = ANY($2::text[])`,
      [fleet, located.map(({ id }) => id), days],
    );
    return found.rows;
  });
  const steps = await readByDays(rows, OWN_DAYS, async ({ rows: located, days }) => {
    const found = await pool.query<StepEvidence>(
      `SELECT decision_id AS "decisionId", index, kind, name, started_at AS "startedAt", duration_ms AS "durationMs",
         outcome, error_message AS "errorMessage", span_id AS "spanId" FROM step
       WHERE fleet_id = $1 AND sealed_on = ANY($3::date[]) AND decision_id = ANY($2::text[]) ORDER BY decision_id, index`,
      [fleet, located.map(({ id }) => id), days],
    );
    return found.rows;
  });
  const facts = new Map(own.map((row) => [row.id, row]));
  const chains = groupRows(steps, ({ decisionId }) => decisionId);
  return rows.map((row) => ({
    row,
    spanId: facts.get(row.id)?.spanId ?? null,
    errorMessage: facts.get(row.id)?.errorMessage ?? null,
    steps: (chains.get(row.id) ?? []).map(toJudgedStep),
  }));
}

function toJudgedStep({ startedAt, durationMs, ...step }: StepEvidence): JudgedStep {
  const startMs = startedAt.getTime();
  const { index, kind, name, outcome, errorMessage, spanId } = step;
  return { index, kind, name, startMs, endMs: startMs + durationMs, outcome, errorMessage, spanId };
}
