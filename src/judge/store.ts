import type { Pool } from '../db/pool.js';

/** How far a fleet's ledger was followed. */
export interface Cursor {
  fleet: string;
  /** Everything up to here was judged or passed over; −1 at the beginning. */
  seq: number;
  /** What is beyond and was judged already. */
  judged: readonly number[];
}

/** Has every fleet whose ledger is not followed yet followed from its end on: what was sealed before is nobody's to send. */
export async function beginCursors(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO judge_cursor (fleet_id, seq, judged)
     SELECT f.id, coalesce((SELECT max(e.seq) FROM ledger_entry e WHERE e.fleet_id = f.id), -1), '{}' FROM fleet f
     ON CONFLICT (fleet_id) DO NOTHING`,
  );
}

/** The cursors of all fleets whose ledger goes on beyond them; a fleet made since the beginning is followed from its first entry on. */
export async function findCursorsBehind(pool: Pool): Promise<Cursor[]> {
  const { rows } = await pool.query<Cursor>(
    `SELECT f.id AS fleet, coalesce(c.seq, -1) AS seq, to_jsonb(coalesce(c.judged, '{}')) AS judged
     FROM fleet f LEFT JOIN judge_cursor c ON c.fleet_id = f.id
     WHERE EXISTS (SELECT FROM ledger_entry e WHERE e.fleet_id = f.id AND e.seq > coalesce(c.seq, -1))
     ORDER BY f.id`,
  );
  return rows;
}

export async function moveCursor(pool: Pool, fleet: string, seq: number): Promise<void> {
  await pool.query(
    `INSERT INTO judge_cursor (fleet_id, seq, judged) VALUES ($1, $2, '{}')
     ON CONFLICT (fleet_id) DO UPDATE SET seq = EXCLUDED.seq, judged = '{}'`,
    [fleet, seq],
  );
}

/** Remembers that a decision beyond the cursor was judged. */
export async function markJudged(pool: Pool, fleet: string, seq: number): Promise<void> {
  await pool.query(
    `INSERT INTO judge_cursor AS known (fleet_id, seq, judged) VALUES ($1, -1, ARRAY[$2::bigint])
     ON CONFLICT (fleet_id) DO UPDATE SET judged = known.judged || EXCLUDED.judged`,
    [fleet, seq],
  );
}

export async function removeCursors(pool: Pool): Promise<void> {
  await pool.query('DELETE FROM judge_cursor');
}

/** Counts one call on a day (UTC), before it is made; false, and nothing is counted, when the day has had as many as it may. */
export async function claimCall(pool: Pool, { day, callsMax }: { day: string; callsMax: number }): Promise<boolean> {
  const { rowCount } = await pool.query(
    `INSERT INTO judge_day AS known (day, calls) VALUES ($1, 1)
     ON CONFLICT (day) DO UPDATE SET calls = known.calls + 1 WHERE known.calls < $2`,
    [day, callsMax],
  );
  return rowCount === 1;
}
