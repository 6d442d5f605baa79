import type { Pool } from '../db/pool.js';
import { findWishes, wishFor } from '../db/wish.js';
import { findRooted } from '../ledger/publish/root-store.js';
import { DAY_MS } from '../time.js';
import { findNewestTimestamp, findTimestamp } from './store.js';

/** What is wished for is the time-stamp of a head of the log of the installation, by its size. */
const STAMP_WISH = 1_520_417_734;
const ROOT_SIZE_MAX = 0x7fff_ffff;
/** A server that asks an authority looks for wishes every second. */
const PATIENCE_MS = 6_000;
/** An authority that has given nothing for so long is asked no more. */
const IN_USE_MS = 2 * DAY_MS;

/** The heads of the log of the installation, by their sizes, that somebody waits for a time-stamp of. */
export function findStampWishes(pool: Pool): Promise<number[]> {
  return findWishes(pool, STAMP_WISH);
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
  await wishFor(
    pool,
    { kind: STAMP_WISH, about: size },
    { patienceMs: PATIENCE_MS, look: () => findTimestamp(pool, size) },
  );
}
