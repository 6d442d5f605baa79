import { copyRows, encodeRows } from '../db/copy.js';
import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../time.js';
import type { Figures } from './figures.js';
import { addFigures, addRow, emptyFigures, type FigureRow, figureValues, ROLLUP_COLUMNS } from './rollup-row.js';

const TIERS = [
  { table: 'rollup_minute', bucketMs: MINUTE_MS },
  { table: 'rollup_hour', bucketMs: HOUR_MS },
  { table: 'rollup_day', bucketMs: DAY_MS },
] as const;
/** Deltas of one transaction at most. */
const DELTAS_MAX = 5_000;

interface RollupRow extends FigureRow {
  bucket: Date;
  slice_id: number;
}

/** Figures of one slice in one bucket of a tier. */
interface Rollup {
  bucketMs: number;
  sliceId: number;
  figures: Figures;
}

/**
 * Moves what came since the last time into the rollups of its minute, hour and day. Whoever reads meanwhile sees each figure
 * once: as a delta before the commit, in the rollups after it. Returns the number of deltas moved.
 */
export async function compactRollups(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ fleet: string }>('SELECT DISTINCT fleet_id AS fleet FROM rollup_delta');
  let moved = 0;
  for (const { fleet } of rows) {
    for (let count = DELTAS_MAX; count === DELTAS_MAX; moved += count) count = await compactFleet(pool, fleet);
  }
  return moved;
}

async function compactFleet(pool: Pool, fleet: string): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows: deltas } = await client.query<RollupRow>(
      `DELETE FROM rollup_delta WHERE id IN (
         SELECT id FROM rollup_delta WHERE fleet_id = $1 ORDER BY id LIMIT ${DELTAS_MAX} FOR UPDATE SKIP LOCKED)
       RETURNING *`,
      [fleet],
    );
    let finest = gather(deltas, MINUTE_MS);
    for (const { table, bucketMs } of TIERS) {
      finest = coarsen(finest, bucketMs);
      await addToTier(client, { fleet, table }, finest);
    }
    return deltas.length;
  });
}

function gather(rows: readonly RollupRow[], bucketMs: number): Rollup[] {
  const rollups = new Map<string, Rollup>();
  for (const row of rows) addRow(place(rollups, floorTo(row.bucket.getTime(), bucketMs), row.slice_id).figures, row);
  return [...rollups.values()];
}

function coarsen(finer: readonly Rollup[], bucketMs: number): Rollup[] {
  const rollups = new Map<string, Rollup>();
  for (const { bucketMs: atMs, sliceId, figures } of finer) {
    addFigures(place(rollups, floorTo(atMs, bucketMs), sliceId).figures, figures);
  }
  return [...rollups.values()];
}

function place(rollups: Map<string, Rollup>, bucketMs: number, sliceId: number): Rollup {
  const key = keyOf(bucketMs, sliceId);
  const rollup = rollups.get(key) ?? { bucketMs, sliceId, figures: emptyFigures() };
  rollups.set(key, rollup);
  return rollup;
}

async function addToTier(
  client: Client,
  { fleet, table }: { fleet: string; table: string },
  added: readonly Rollup[],
): Promise<void> {
  const { rows: standing } = await client.query<RollupRow>(
    `DELETE FROM ${table} r USING unnest($2::timestamptz[], $3::int[]) AS added (bucket, slice_id)
     WHERE r.fleet_id = $1 AND r.bucket = added.bucket AND r.slice_id = added.slice_id RETURNING r.*`,
    [fleet, added.map(({ bucketMs }) => new Date(bucketMs)), added.map(({ sliceId }) => sliceId)],
  );
  const before = new Map(standing.map((row) => [keyOf(row.bucket.getTime(), row.slice_id), row]));
  const rows = added.map(({ bucketMs, sliceId, figures }) => {
    const total = emptyFigures();
    const known = before.get(keyOf(bucketMs, sliceId));
    if (known !== undefined) addRow(total, known);
    addFigures(total, figures);
    return [fleet, new Date(bucketMs), sliceId, ...figureValues(total)];
  });
  await copyRows(client, { table, columns: ROLLUP_COLUMNS }, encodeRows(rows));
}

function keyOf(bucketMs: number, sliceId: number): string {
  return `${bucketMs} ${sliceId}`;
}
