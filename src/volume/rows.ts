import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { listFleetIds } from '../fleet/store.js';
import { appendDrafts, lockFleet } from '../ledger/append.js';
import { DAY_MS, floorTo, HOUR_MS } from '../time.js';
import { pruneDraft } from './prune.js';

/** Rows deleted by one statement: short enough for nobody to wait for it. */
const BATCH_ROWS = 5_000;

/** A horizon lies between two buckets of the next coarser tier, which answers for what is behind it. */
const HORIZON_UNITS_MS = { minute: HOUR_MS, hour: DAY_MS } as const;
type DroppedTier = keyof typeof HORIZON_UNITS_MS;

/**
 * Moves the tier's horizon to `before` and deletes, in batches, what lies behind the horizon as it stood until now: whoever
 * has read that lately still finds what it promised. Returns how many rows were deleted.
 */
export async function deleteRollups(
  pool: Pool,
  { tier, before }: { tier: DroppedTier; before: Date },
): Promise<number> {
  const horizon = await moveHorizon(pool, tier, new Date(floorTo(before.getTime(), HORIZON_UNITS_MS[tier])));
  if (horizon === null) return 0;
  const rows = { table: `rollup_${tier}`, where: 'fleet_id = $1 AND bucket < $2', order: 'bucket' };
  let deleted = 0;
  for (const fleet of await listFleetIds(pool)) {
    deleted += await deleteInBatches(pool, rows, [fleet, horizon.toISOString()]);
  }
  return deleted;
}

/** Where the horizon was before; null when there was none. It never moves back. */
async function moveHorizon(pool: Pool, tier: DroppedTier, since: Date): Promise<Date | null> {
  const { rows } = await pool.query<{ since: Date }>(
    `WITH before AS (SELECT since FROM rollup_horizon WHERE tier = $1),
       moved AS (
         INSERT INTO rollup_horizon AS horizon (tier, since) VALUES ($1, $2)
         ON CONFLICT (tier) DO UPDATE SET since = greatest(horizon.since, excluded.since))
     SELECT since FROM before`,
    [tier, since],
  );
  return rows[0]?.since ?? null;
}

/** Forgets the last points of series that have sent nothing since `before`; returns how many. */
export async function deleteSeries(pool: Pool, before: Date): Promise<number> {
  const rows = { table: 'metric_series', where: 'last_at < $1', order: 'last_at' };
  return deleteInBatches(pool, rows, [before.toISOString()]);
}

/** Forgets by what to know what was on its way when it was erased: by `before` it has come. */
export async function deleteErasureMarks(pool: Pool, before: Date): Promise<number> {
  const rows = { table: 'erasure_mark', where: 'erased_at < $1', order: 'erased_at' };
  return deleteInBatches(pool, rows, [before.toISOString()]);
}

/**
 * Forgets alerts that resolved before `resolvedBefore` (null: none), which the ledger says, those that began before `unfiredBefore` and
 * never fired, and what happened to them; returns how many. What a fleet had stays while it is held.
 */
export async function deleteAlerts(
  pool: Pool,
  { resolvedBefore, unfiredBefore, nowMs }: { resolvedBefore: Date | null; unfiredBefore: Date; nowMs: number },
): Promise<number> {
  let deleted = 0;
  for (const fleet of await listFleetIds(pool)) {
    const unfired = { where: `state = 'INACTIVE' AND started_at < $2`, before: unfiredBefore };
    const resolved = { where: `state = 'RESOLVED' AND resolved_at < $2`, sealedMs: nowMs };
    for (const alerts of [unfired, ...(resolvedBefore === null ? [] : [{ ...resolved, before: resolvedBefore }])]) {
      for (let count = BATCH_ROWS; count === BATCH_ROWS; deleted += count) {
        count = await inTransaction(pool, (client) => deleteAlertBatch(client, fleet, alerts));
      }
    }
  }
  return deleted;
}

interface PastAlerts {
  where: string;
  before: Date;
  /** Now, where the ledger is to say it. */
  sealedMs?: number;
}

async function deleteAlertBatch(
  client: Client,
  fleet: string,
  { where, before, sealedMs }: PastAlerts,
): Promise<number> {
  await lockFleet(client, fleet);
  const { rows } = await client.query<{ deleted: number }>(
    `WITH gone AS (
       DELETE FROM alert WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM alert WHERE fleet_id = $1 AND ${where} AND NOT EXISTS (
           SELECT FROM legal_hold WHERE fleet_id = $1 AND scope = 'FLEET' AND released_at IS NULL)
         LIMIT ${BATCH_ROWS} FOR UPDATE))
       RETURNING fleet_id, seq
     ), changes AS (
       DELETE FROM alert_change change USING gone
       WHERE change.fleet_id = gone.fleet_id AND change.alert_seq = gone.seq
     )
     SELECT count(*)::int AS deleted FROM gone`,
    [fleet, before.toISOString()],
  );
  const deleted = rows[0]?.deleted ?? 0;
  if (deleted > 0 && sealedMs !== undefined) {
    const draft = pruneDraft({ what: 'ALERTS', alerts: deleted, resolvedBefore: before.toISOString() });
    await appendDrafts(client, fleet, { drafts: [draft], nowMs: sealedMs });
  }
  return deleted;
}

async function deleteInBatches(
  pool: Pool,
  { table, where, order }: { table: string; where: string; order: string },
  parameters: readonly string[],
): Promise<number> {
  const statement = `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED))`;
  for (let deleted = 0; ; ) {
    const { rowCount } = await pool.query(statement, [...parameters]);
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH_ROWS) return deleted;
  }
}
