import type { Client } from '../../db/pool.js';
import type { Dialects } from '../convention/metric/dialect.js';
import type { SeriesState } from './series.js';

/** What is remembered of a series, of a resource or of its dialects, by its key in hex. */
export interface Remembered {
  /** Milliseconds since the epoch: when a series' writer began, when a resource was first heard of, or last its dialects. */
  startMs: number;
  /** Null of a resource. */
  state: RememberedState | null;
}

type RememberedState = SeriesState | { dialects: Dialects };

interface SeriesRow {
  key: string;
  start_at: Date;
  state: RememberedState | Record<string, never>;
}

/** Of these keys, those that are known in the fleet; their rows stay locked to the end of the transaction. */
export async function readSeries(
  client: Client,
  fleet: string,
  keys: readonly string[],
): Promise<Map<string, Remembered>> {
  const { rows } = await client.query<SeriesRow>(
    `SELECT encode(key, 'hex') AS key, start_at, state FROM metric_series
     WHERE fleet_id = $1 AND key = ANY($2::bytea[]) ORDER BY key FOR UPDATE`,
    [fleet, keys.map((key) => Buffer.from(key, 'hex'))],
  );
  return new Map(
    rows.map(({ key, start_at: startAt, state }) => [
      key,
      { startMs: startAt.getTime(), state: Object.keys(state).length > 0 ? (state as RememberedState) : null },
    ]),
  );
}

/** Remembers each key as it is now, last heard of at `nowMs`. */
export async function writeSeries(
  client: Client,
  { fleet, nowMs }: { fleet: string; nowMs: number },
  remembered: ReadonlyMap<string, Remembered>,
): Promise<void> {
  if (remembered.size === 0) return;
  const records = Array.from(remembered, ([key, { startMs, state }]) => ({
    key,
    start_at: new Date(startMs),
    state: state ?? {},
  }));
  await client.query(
    `INSERT INTO metric_series (fleet_id, key, start_at, last_at, state)
     SELECT $1, decode(key, 'hex'), start_at, $2, state
     FROM jsonb_to_recordset($3) AS series (key text, start_at timestamptz, state jsonb) ORDER BY key
     ON CONFLICT (fleet_id, key) DO UPDATE
       SET start_at = excluded.start_at, last_at = excluded.last_at, state = excluded.state`,
    [fleet, new Date(nowMs), JSON.stringify(records)],
  );
}
