import { setTimeout as wait } from 'node:timers/promises';
import { inTransaction, type Pool } from '../../db/pool.js';
import { IS_CONTRADICTED } from '../contradiction.js';
import { ROOT_LOG } from './origin.js';
import { findRooted, type RootedCheckpoint } from './root-store.js';
import { findNewestCheckpoint, type PublishedCheckpoint } from './store.js';

/** Whoever waits for the log of the installation shares this advisory lock (an arbitrary constant), whatever process he is. */
const WISH_LOCK = 1_520_417_733;
const LOOK_EVERY_MS = 50;
/** A publisher that runs looks for wishes several times a second. */
const PATIENCE_MS = 10_000;
/** Witnesses that can be reached answer within this. */
const COSIGNED_WITHIN_MS = 3_000;

/** Whether somebody waits for the log of the installation to take in what fleets signed. */
export async function isRootWanted(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ is_wanted: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1 AND d.datname = current_database()) AS is_wanted`,
    [WISH_LOCK],
  );
  return rows[0]?.is_wanted === true;
}

/** A ledger that has `size` entries or more. */
interface Rooting {
  fleet: string;
  size: number;
  /** Whether witnesses are asked to cosign what is published. */
  hasWitnesses: boolean;
}

/**
 * Has the log of the installation take in a ledger of `size` entries or more, and waits for it, for some seconds at most; then for its
 * witnesses, for fewer. Returns how many entries the ledger has there; null when it did not come to that: nobody publishes, or it
 * stands still.
 */
export async function awaitRooted(pool: Pool, ledger: Rooting): Promise<number | null> {
  const rooted = (await findRooted(pool, ledger)) ?? (await wish(pool, ledger));
  if (rooted !== null && ledger.hasWitnesses) await awaitCosigned(pool, ledger);
  return rooted?.checkpoint.size ?? null;
}

async function wish(pool: Pool, ledger: Rooting): Promise<RootedCheckpoint | null> {
  if (await standsStill(pool)) return null;
  const release = holdWish(pool);
  try {
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
      await wait(LOOK_EVERY_MS);
      const found = await findRooted(pool, ledger);
      if (found !== null) return found;
    }
    return null;
  } finally {
    await release();
  }
}

async function standsStill(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ stands_still: boolean }>(`SELECT ${IS_CONTRADICTED} AS stands_still`, [ROOT_LOG]);
  return rows[0]?.stands_still === true;
}

/** A lock that is held, by how many who wait. */
interface HeldWish {
  waiting: number;
  over: AbortController;
  held: Promise<void>;
}

/** All who wait in a process share one connection: while the log stands still there may be many. */
const wishes = new WeakMap<Pool, HeldWish>();

/** Holds the lock until what it returns was called by all who hold it; that resolves when the connection is free. */
function holdWish(pool: Pool): () => Promise<void> {
  const known = wishes.get(pool);
  const held = known ?? { waiting: 0, over: new AbortController(), held: Promise.resolve() };
  held.waiting += 1;
  if (known === undefined) {
    wishes.set(pool, held);
    // Where the lock cannot be taken nobody is told that somebody waits: the wait ends without, as it does where nobody publishes.
    held.held = keepLock(pool, held.over.signal).catch(() => undefined);
  }
  return async () => {
    held.waiting -= 1;
    if (held.waiting > 0) return;
    wishes.delete(pool);
    held.over.abort();
    await held.held;
  };
}

async function keepLock(pool: Pool, over: AbortSignal): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock_shared($1)', [WISH_LOCK]);
    // Shorter than an idle transaction may last; whoever waits longer has lost patience.
    await wait(PATIENCE_MS, undefined, { signal: over }).catch(() => undefined);
  });
}

/** Waits for the witnesses as long as they are still asked about it: of what is not the newest any more they never are. */
async function awaitCosigned(pool: Pool, ledger: Rooting): Promise<void> {
  for (let waitedMs = 0; waitedMs < COSIGNED_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const rooted = await findRooted(pool, ledger);
    if (rooted === null) return;
    const awaited = await Promise.all([rooted.checkpoint, rooted.root].map((each) => isAwaited(pool, each)));
    if (!awaited.includes(true)) return;
    await wait(LOOK_EVERY_MS);
  }
}

async function isAwaited(pool: Pool, { fleet, size, witnessedAt }: PublishedCheckpoint): Promise<boolean> {
  return witnessedAt === null && (await findNewestCheckpoint(pool, fleet))?.size === size;
}
