import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from '../../db/pool.js';
import { findWishes, wishFor } from '../../db/wish.js';
import { IS_CONTRADICTED } from '../contradiction.js';
import { ROOT_LOG } from './origin.js';
import { findRooted, type RootedCheckpoint } from './root-store.js';
import { findNewestCheckpoint, type PublishedCheckpoint } from './store.js';

/** Whoever waits for the log of the installation wishes for this kind of thing, of which there is one. */
const ROOT_WISH = { kind: 1_520_417_733, about: 0 };
const LOOK_EVERY_MS = 50;
/** A publisher that runs looks for wishes several times a second. */
const PATIENCE_MS = 10_000;
/** Witnesses that can be reached answer within this. */
const COSIGNED_WITHIN_MS = 3_000;

/** Whether somebody waits for the log of the installation to take in what fleets signed. */
export async function isRootWanted(pool: Pool): Promise<boolean> {
  return (await findWishes(pool, ROOT_WISH.kind)).length > 0;
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
  return wishFor(pool, ROOT_WISH, { patienceMs: PATIENCE_MS, look: () => findRooted(pool, ledger) });
}

async function standsStill(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ stands_still: boolean }>(`SELECT ${IS_CONTRADICTED} AS stands_still`, [ROOT_LOG]);
  return rows[0]?.stands_still === true;
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
