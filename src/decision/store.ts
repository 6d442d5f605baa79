import { groupRows } from '../db/group.js';
import type { Pool } from '../db/pool.js';
import { daysAround, ENTRY_DAYS, OWN_DAYS, portions, readByDays } from './days.js';
import {
  DECISION_SELECTION,
  type DecisionContent,
  type DecisionRow,
  STEP_SELECTION,
  type StepContent,
  type StepRow,
} from './row.js';

/** A decision that was read before, and where it lies. */
export type LocatedDecision = Pick<DecisionRow, 'id' | 'sealedOn'>;

/**
 * The decisions of these ids, by id; ids the fleet does not have, or not any more, are left out. The ledger says on which
 * days they lie.
 */
export async function findDecisions(
  pool: Pool,
  fleet: string,
  ids: readonly string[],
): Promise<Map<string, DecisionRow>> {
  const found = new Map<string, DecisionRow>();
  for (const days of portions(await findDecisionDays(pool, fleet, ids))) {
    const { rows } = await pool.query<DecisionRow>(
      `SELECT ${DECISION_SELECTION} FROM decision d
       WHERE d.fleet_id = $1 AND d.sealed_on = ANY($3::date[]) AND d.id = ANY($2::text[])`,
      [fleet, ids, days],
    );
    for (const row of rows) found.set(row.id, row);
  }
  return found;
}

/** The days around every entry of these decisions: an amendment moves the row to its own day. */
export async function findDecisionDays(pool: Pool, fleet: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ day: string }>(
    `SELECT DISTINCT (recorded_at AT TIME ZONE 'UTC')::date::text AS day FROM ledger_entry
     WHERE fleet_id = $1 AND subject = ANY($2::text[])`,
    [fleet, ids],
  );
  return [...new Set(rows.flatMap(({ day }) => daysAround(day, ENTRY_DAYS)))].sort();
}

/** The content of these decisions, by id. */
export async function findContents(
  pool: Pool,
  fleet: string,
  decisions: readonly LocatedDecision[],
): Promise<Map<string, DecisionContent>> {
  const found = await readByDays(decisions, OWN_DAYS, async ({ rows: located, days }) => {
    const { rows } = await pool.query<DecisionContent & { id: string }>(
      `SELECT id, input, output, error_message AS "errorMessage" FROM decision
       WHERE fleet_id = $1 AND sealed_on = ANY($3::date[]) AND id = ANY($2::text[])`,
      [fleet, located.map(({ id }) => id), days],
    );
    return rows;
  });
  return new Map(found.map((row) => [row.id, row]));
}

/** The reasoning chain of each decision, by the decision's id. */
export async function findSteps(
  pool: Pool,
  fleet: string,
  decisions: readonly LocatedDecision[],
): Promise<Map<string, StepRow[]>> {
  const found = await readByDays(decisions, OWN_DAYS, async ({ rows: located, days }) => {
    const { rows } = await pool.query<StepRow>(
      `SELECT ${STEP_SELECTION} FROM step s
       WHERE s.fleet_id = $1 AND s.sealed_on = ANY($3::date[]) AND s.decision_id = ANY($2::text[])
       ORDER BY s.decision_id, s.index`,
      [fleet, located.map(({ id }) => id), days],
    );
    return rows;
  });
  return groupRows(found, ({ decisionId }) => decisionId);
}

/** The content of each decision's steps, by the decision's id, in the order of the chain. */
export async function findStepContents(
  pool: Pool,
  fleet: string,
  decisions: readonly LocatedDecision[],
): Promise<Map<string, StepContent[]>> {
  const found = await readByDays(decisions, OWN_DAYS, async ({ rows: located, days }) => {
    const { rows } = await pool.query<StepContent & { decisionId: string }>(
      `SELECT decision_id AS "decisionId", arguments, result, input, output, error_message AS "errorMessage" FROM step
       WHERE fleet_id = $1 AND sealed_on = ANY($3::date[]) AND decision_id = ANY($2::text[]) ORDER BY decision_id, index`,
      [fleet, located.map(({ id }) => id), days],
    );
    return rows;
  });
  return groupRows(found, ({ decisionId }) => decisionId);
}
