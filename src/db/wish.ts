import { setTimeout as wait } from 'node:timers/promises';
import { inTransaction, type Pool } from './pool.js';

/** What somebody waits for, as the two halves of an advisory lock's key, each below 2^31. */
export interface Wish {
  /** What kind of thing: an arbitrary constant. */
  kind: number;
  /** Which of them. */
  about: number;
}

const LOOK_EVERY_MS = 50;
/** Shorter than a transaction may be idle. */
const HELD_MS = 10_000;

/**
 * Waits until `look` finds something, for `patienceMs` at most; meanwhile whoever can bring it about sees the wish, in whatever
 * process he is. Null when it did not come.
 */
export async function wishFor<Found>(
  pool: Pool,
  wish: Wish,
  { patienceMs, look }: { patienceMs: number; look: () => Promise<Found | null> },
): Promise<Found | null> {
  const release = holdWish(pool, wish);
  try {
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += LOOK_EVERY_MS) {
      await wait(LOOK_EVERY_MS);
      const found = await look();
      if (found !== null) return found;
    }
    return null;
  } finally {
    await release();
  }
}

/** What somebody wishes of a kind: which of them, in their order. */
export async function findWishes(pool: Pool, kind: number): Promise<number[]> {
  const { rows } = await pool.query<{ about: number }>(
    `SELECT DISTINCT l.objid::bigint AS about FROM pg_locks l JOIN pg_database d ON d.oid = l.database
     WHERE l.locktype = 'advisory' AND l.classid = $1 AND l.objsubid = 2 AND d.datname = current_database()
     ORDER BY about`,
    [kind],
  );
  return rows.map(({ about }) => about);
}

/** A lock that is held, by how many who wait. */
interface HeldWish {
  waiting: number;
  over: AbortController;
  held: Promise<void>;
}

/** All of a process who wait for the same share one connection: where it does not come there may be many. */
const wishes = new WeakMap<Pool, Map<string, HeldWish>>();

/** Holds the lock until what it returns was called by all who hold it; that resolves when the connection is free. */
function holdWish(pool: Pool, wish: Wish): () => Promise<void> {
  const ofPool = wishes.get(pool) ?? new Map<string, HeldWish>();
  wishes.set(pool, ofPool);
  const name = `${wish.kind}/${wish.about}`;
  const held = ofPool.get(name) ?? beginWish(pool, wish);
  ofPool.set(name, held);
  held.waiting += 1;
  return async () => {
    held.waiting -= 1;
    if (held.waiting > 0) return;
    ofPool.delete(name);
    held.over.abort();
    await held.held;
  };
}

function beginWish(pool: Pool, wish: Wish): HeldWish {
  const over = new AbortController();
  // Where the lock cannot be taken nobody is told that somebody waits: the wait ends without, as where nobody brings it about.
  return { waiting: 0, over, held: keepLock(pool, wish, over.signal).catch(() => undefined) };
}

async function keepLock(pool: Pool, { kind, about }: Wish, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await inTransaction(pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock_shared($1, $2)', [kind, about]);
      await wait(HELD_MS, undefined, { signal: over }).catch(() => undefined);
    });
  }
}
