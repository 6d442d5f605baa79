import { inTransaction, type Pool } from '../db/pool.js';
import { listFleetIds } from '../fleet/store.js';
import { appendOrOwe, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import type { Reload } from '../settings/live-settings.js';
import type { Ground } from './ground.js';

const SUBJECT = 'midwatch.yaml';

/**
 * Reads the settings anew, as a whole or not at all, and seals in every fleet's ledger that it was done and by whom: one that
 * stands still owes it, since the settings hold by then. Throws VALIDATION_FAILED with a line for each problem of the file;
 * then what held before holds on.
 */
export async function reloadSettings({ live, database, clock, log }: Ground, actor: string): Promise<Reload> {
  const reload = live.reload();
  log.info({ actor, digest: reload.digest, needRestart: reload.needRestart }, 'the settings were read anew');
  for (const fleet of await listFleetIds(database.pool)) {
    await seal(database.pool, fleet, { reload, actor, nowMs: clock.now() });
  }
  return reload;
}

async function seal(
  pool: Pool,
  fleet: string,
  { reload: { digest, needRestart }, actor, nowMs }: { reload: Reload; actor: string; nowMs: number },
): Promise<void> {
  const payload = canonicalize({ actor, needRestart, sha256: digest });
  await inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    await appendOrOwe(client, fleet, { drafts: [{ kind: 'SETTINGS', subject: SUBJECT, payload }], nowMs });
  });
}
