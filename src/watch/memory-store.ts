import type { Pool } from '../db/pool.js';

/** What one detector remembers of one subject of a fleet, as JSON. */
export interface RememberedRow {
  fleet: string;
  detector: string;
  subject: string;
  /** Null: forgotten. */
  state: string | null;
}

/** Everything that detectors remember of the fleet. */
export async function loadMemory(pool: Pool, fleet: string): Promise<(RememberedRow & { state: string })[]> {
  const { rows } = await pool.query<RememberedRow & { state: string }>(
    'SELECT fleet_id AS fleet, detector, subject, state FROM detector_memory WHERE fleet_id = $1',
    [fleet],
  );
  return rows;
}

/** Writes what is remembered now and removes what was forgotten, in one statement. */
export async function saveMemory(pool: Pool, rows: readonly RememberedRow[]): Promise<void> {
  await pool.query(
    `WITH changed AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS row (fleet_id, detector, subject, state)
     ), forgotten AS (
       DELETE FROM detector_memory known USING changed
       WHERE changed.state IS NULL
         AND (known.fleet_id, known.detector, known.subject) = (changed.fleet_id, changed.detector, changed.subject)
     )
     INSERT INTO detector_memory (fleet_id, detector, subject, state)
     SELECT fleet_id, detector, subject, state FROM changed WHERE state IS NOT NULL
     ON CONFLICT (fleet_id, detector, subject) DO UPDATE SET state = EXCLUDED.state`,
    [
      rows.map(({ fleet }) => fleet),
      rows.map(({ detector }) => detector),
      rows.map(({ subject }) => subject),
      rows.map(({ state }) => state),
    ],
  );
}
