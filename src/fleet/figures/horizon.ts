import type { Pool } from '../../db/pool.js';
import type { RollupsSince } from './span.js';

/** Retention moves a horizon an hour before it deletes what is behind it, so one that was read a while ago still holds. */
const KEPT_MS = 60_000;

const known = new WeakMap<Pool, { readAtMs: number; since: Promise<RollupsSince> }>();

/** From when on the rollups of each tier are whole. */
export function findHorizon(pool: Pool): Promise<RollupsSince> {
  const nowMs = performance.now();
  const remembered = known.get(pool);
  if (remembered !== undefined && nowMs - remembered.readAtMs < KEPT_MS) return remembered.since;
  const since = readHorizon(pool);
  known.set(pool, { readAtMs: nowMs, since });
  since.catch(() => known.delete(pool));
  return since;
}

async function readHorizon(pool: Pool): Promise<RollupsSince> {
  const { rows } = await pool.query<{ tier: string; since: Date }>('SELECT tier, since FROM rollup_horizon');
  const sinceOf = (tier: string) => rows.find((row) => row.tier === tier)?.since.getTime() ?? Number.NEGATIVE_INFINITY;
  return { day: Number.NEGATIVE_INFINITY, hour: sinceOf('hour'), minute: sinceOf('minute') };
}
