import { setTimeout as wait } from 'node:timers/promises';
import { inTransaction, type Pool } from '../../db/pool.js';
import { IS_CONTRADICTED } from '../contradiction.js';
import { ROOT_LOG } from './origin.js';
import { findRooted } from './root-store.js';

/** Whoever waits for the log of the installation shares this advisory lock (an arbitrary constant), whatever process he is. */
const WISH_LOCK = 1_520_417_733;
const LOOK_EVERY_MS = 50;
/** A publisher that runs looks for wishes several times a second. */
const PATIENCE_MS = 10_000;

/** Whether somebody waits for the log of the installation to take in what fleets signed. */
export async function isRootWanted(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ is_wanted: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1 AND d.datname = current_database()) AS is_wanted`,
    [WISH_LOCK],
  );
  return rows[0]?.is_wanted === true;
}

/**
 * Has the log of the installation take in a ledger of `size` entries or more, and waits for it, for some seconds at most. Returns how
 * many entries the ledger has there; null when it did not come to that: nobody publishes, or it stands still.
 */
export async function awaitRooted(pool: Pool, ledger: { fleet: string; size: number }): Promise<number | null> {
  const known = await findRooted(pool, ledger);
  if (known !== null) return known.checkpoint.size;
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ stands_still: boolean }>(
      `SELECT ${IS_CONTRADICTED} AS stands_still, pg_advisory_xact_lock_shared($2)`,
      [ROOT_LOG, WISH_LOCK],
    );
    if (rows[0]?.stands_still === true) return null;
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
      await wait(LOOK_EVERY_MS);
      const found = await findRooted(client, ledger);
      if (found !== null) return found.checkpoint.size;
    }
    return null;
  });
}
