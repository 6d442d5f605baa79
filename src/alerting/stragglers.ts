import type { Pool } from '../db/pool.js';
import { contributionsOf } from '../decision/record/figures.js';
import { figuresOfRow, MEASURED_COLUMNS, type MeasuredRow } from '../decision/record/measured-row.js';
import type { Contribution } from '../metric/figures.js';
import { DAY_MS, dayOf } from '../time.js';

/** Decisions that take longer are looked for by when they ended. The migration's index is of these. */
export const LONG_MS = 30_000;
/** More of them say nothing that so many did not. */
const ROWS_MAX = 5_000;

/**
 * Figures are kept by when decisions started. What took long may have started before a window in which it ended, and nobody
 * could have known of it before: it counts where it ended.
 */
export async function readStragglers(
  pool: Pool,
  fleet: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Contribution[]> {
  const { rows } = await pool.query<MeasuredRow>(
    `SELECT ${MEASURED_COLUMNS.join(', ')} FROM decision
     WHERE fleet_id = $1 AND sealed_on BETWEEN $4::date AND $5::date AND latency_ms > ${LONG_MS}
       AND ended_at >= to_timestamp($2 / 1000.0) AND ended_at < to_timestamp($3 / 1000.0)
       AND started_at < to_timestamp($2 / 1000.0)
     ORDER BY ended_at DESC LIMIT ${ROWS_MAX}`,
    [fleet, fromMs, toMs, dayOf(fromMs), dayOf(toMs + DAY_MS)],
  );
  return rows
    .flatMap((row) => contributionsOf(figuresOfRow(row), 1))
    .filter(({ slice }) => slice.source === 'DECISIONS');
}
