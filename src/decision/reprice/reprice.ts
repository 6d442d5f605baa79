import type { Pool } from '../../db/pool.js';
import type { DecisionCalendar } from '../calendar.js';
import {
  addTallies,
  findChanges,
  NO_CHANGES,
  PRICED_SELECTION,
  type PricedRow,
  type RepriceTally,
  tallyOf,
} from './change.js';
import { type RepriceRange, type RepriceTools, repriceBatch } from './write.js';

/** Decisions of one transaction at most: what is recorded meanwhile waits for it. */
const BATCH_MAX = 250;

export interface RepriceRequest {
  fleet: string;
  /** When the decisions started. */
  range: RepriceRange;
  /** Whether to say what would change, and change nothing. */
  isDryRun: boolean;
}

/**
 * Prices again what was recorded before, a bounded transaction at a time, beside whatever server runs: decisions that
 * started in the range and whose cost the user did not state. What is right already stays, so that a second time changes
 * nothing, and what an interruption left is done by the next run.
 */
export async function repriceFleet(
  tools: RepriceTools & { calendar: DecisionCalendar },
  request: RepriceRequest,
): Promise<RepriceTally> {
  const { pool, pricing } = tools;
  const { fleet, range } = request;
  let total = NO_CHANGES;
  const days = await tools.calendar.daysOf(fleet, [range]);
  // Oldest first, as it was recorded.
  for (const day of days.reverse()) {
    for await (const rows of readPages(pool, { fleet, day, range })) {
      const changes = findChanges(rows, pricing);
      if (changes.length === 0) continue;
      const ids = changes.map(({ row }) => row.id);
      const tally = request.isDryRun ? tallyOf(changes) : await repriceBatch(tools, { fleet, day, range }, ids);
      total = addTallies(total, tally);
    }
  }
  return total;
}

async function* readPages(
  pool: Pool,
  { fleet, day, range }: { fleet: string; day: string; range: RepriceRange },
): AsyncGenerator<PricedRow[], void, void> {
  let beyond = '';
  for (;;) {
    const { rows } = await pool.query<PricedRow>(
      `SELECT ${PRICED_SELECTION} FROM decision d
       WHERE d.fleet_id = $1 AND d.sealed_on = $2::date AND d.started_at >= $3 AND d.started_at < $4
         AND d.cost_source IS NULL AND d.id > $5
       ORDER BY d.id LIMIT ${BATCH_MAX}`,
      [fleet, day, new Date(range.fromMs).toISOString(), new Date(range.toMs).toISOString(), beyond],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    beyond = last.id;
  }
}
