import { setTimeout as wait } from 'node:timers/promises';
import { inTransaction, type Pool } from '../db/pool.js';
import { findRooted } from '../ledger/publish/root-store.js';
import { DAY_MS } from '../time.js';
import { findNewestTimestamp, findTimestamp } from './store.js';

/** Whoever waits for a time-stamp shares an advisory lock of this class (an arbitrary constant), whatever process he is. */
const WISH_CLASS = 1_520_417_734;
/** The other half of the lock's key. */
const ROOT_SIZE_MAX = 0x7fff_ffff;
const LOOK_EVERY_MS = 50;
/** A server that asks an authority looks for wishes every second. */
const PATIENCE_MS = 6_000;
/** An authority that has given nothing for so long is asked no more. */
const IN_USE_MS = 2 * DAY_MS;

/** The heads of the log of the installation, by their sizes, that somebody waits for a time-stamp of. */
export async function findStampWishes(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ size: number }>(
    `SELECT DISTINCT l.objid::bigint AS size FROM pg_locks l JOIN pg_database d ON d.oid = l.database
     WHERE l.locktype = 'advisory' AND l.classid = $1 AND l.objsubid = 2 AND d.datname = current_database() ORDER BY size`,
    [WISH_CLASS],
  );
  return rows.map(({ size }) => size);
}

/**
 * Where an authority is in use, has it stamp the head of the log of the installation that names a ledger of `size` entries, and
 * waits for it, for some seconds at most: whatever comes of it, a bundle has the token that is there by then, or none.
 */
export async function awaitStamped(pool: Pool, ledger: { fleet: string; size: number }, nowMs: number): Promise<void> {
  const newest = await findNewestTimestamp(pool);
  if (newest === null || newest.stampedAt.getTime() < nowMs - IN_USE_MS) return;
  const { size } = (await findRooted(pool, ledger))?.root ?? { size: 0 };
  if (size === 0 || size > ROOT_SIZE_MAX || (await findTimestamp(pool, size)) !== null) return;
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock_shared($1, $2)', [WISH_CLASS, size]);
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
      await wait(LOOK_EVERY_MS);
      if ((await findTimestamp(client, size)) !== null) return;
    }
  });
}
