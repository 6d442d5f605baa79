import { type Client, inTransaction, type Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { appendDrafts, appendOrOwe, lockFleet, unlessStopped } from '../append.js';
import { canonicalize } from '../canonical.js';
import type { EntryDraft } from '../chain.js';
import { formatVerifierKey, type VerifierKey, verifierKey } from '../note/key.js';
import { findKeys, type LedgerKey } from './keys.js';
import { originOf, ROOT_LOG, readInstallation } from './origin.js';
import type { SigningKeys } from './signing-keys.js';

/** In whose name a key is changed, and why. */
export interface KeyChange {
  actor: string;
  reason: string;
  nowMs: number;
}

interface KeyInForce {
  fleet: string;
  publicKey: Buffer;
}

const IN_FORCE =
  'SELECT fleet_id AS fleet, public_key AS "publicKey" FROM ledger_key WHERE to_size IS NULL ORDER BY fleet_id';

/**
 * Puts the next key in force for every log, in one transaction with an entry in every fleet's ledger that says so. What was
 * signed before keeps its key, which stays listed. A server that runs signs with the new key from then on. Throws
 * VALIDATION_FAILED when the next key signs already or signed before. A fleet whose ledger stands still keeps its key, of which
 * nothing is left then: it cannot be signed until it goes on and is rotated, too. One that never does holds up no other.
 */
export async function rotateKey(pool: Pool, keys: SigningKeys, change: KeyChange): Promise<Rotation> {
  const installation = await readInstallation(pool);
  const [current] = (await pool.query<KeyInForce>(IN_FORCE)).rows;
  // A rotation before this one may have been cut off between its transaction and the end of its files.
  if (current !== undefined) await keys.adopt(current.publicKey);
  const { publicKey } = await keys.next();
  const rotation = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<KeyInForce>(IN_FORCE);
    const standing: string[] = [];
    for (const before of rows) {
      if (!(await rotateLog(client, { before, publicKey, installation, change }))) standing.push(before.fleet);
    }
    const fleets = rows.filter(({ fleet }) => fleet !== ROOT_LOG).length - standing.length;
    return { fleets, standing };
  });
  await keys.adopt(publicKey);
  return rotation;
}

/** What came of a rotation. */
export interface Rotation {
  /** How many fleets it was told to. */
  fleets: number;
  /** The fleets whose ledgers stand still, which keep their key. */
  standing: string[];
}

/** False where the ledger stands still. */
async function rotateLog(
  client: Client,
  {
    before: { fleet, publicKey: former },
    publicKey,
    installation,
    change,
  }: { before: KeyInForce; publicKey: Buffer; installation: string; change: KeyChange },
): Promise<boolean> {
  const origin = originOf(installation, fleet);
  const [key, formerKey] = [verifierKey(origin, publicKey, 'note'), verifierKey(origin, former, 'note')];
  const size =
    fleet === ROOT_LOG
      ? await sizeOfRoot(client)
      : await sealRotation(client, fleet, { action: 'ROTATE', key, change, more: { previousKeyId: formerKey.id } });
  if (size === null) return false;
  await client.query('UPDATE ledger_key SET to_size = $2 WHERE fleet_id = $1 AND to_size IS NULL', [fleet, size]);
  const { rowCount } = await client.query(
    `INSERT INTO ledger_key (fleet_id, public_key, from_size, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (fleet_id, public_key) DO NOTHING`,
    [fleet, publicKey, size + 1, new Date(change.nowMs)],
  );
  if (rowCount === 1) return true;
  throw new AppError(
    'VALIDATION_FAILED',
    'this key signs the ledger, or did before: set MIDWATCH_LEDGER_KEY to a new one',
  );
}

interface KeyEntry {
  action: 'ROTATE' | 'REVOKE';
  key: VerifierKey;
  change: KeyChange;
  more: Record<string, string>;
}

/** Seals that another key signs; returns the size of the largest tree without that entry, null while the ledger stands still. */
async function sealRotation(client: Client, fleet: string, entry: KeyEntry): Promise<number | null> {
  await lockFleet(client, fleet);
  const addition = { drafts: [draftOf(entry)], nowMs: entry.change.nowMs };
  if ((await unlessStopped(client, () => appendDrafts(client, fleet, addition))) !== null) return null;
  const { rows } = await client.query<{ size: number }>('SELECT size FROM ledger_head WHERE fleet_id = $1', [fleet]);
  return (rows[0] as { size: number }).size - 1;
}

function draftOf({ action, key, change: { actor, reason }, more }: KeyEntry): EntryDraft {
  const payload = canonicalize({ action, actor, reason, keyId: key.id, publicKey: formatVerifierKey(key), ...more });
  return { kind: 'LEDGER_KEY', subject: `LedgerKey:${key.id}`, payload };
}

async function sizeOfRoot(client: Client): Promise<number> {
  const { rows } = await client.query<{ size: number }>('SELECT size FROM ledger_tree WHERE fleet_id = $1 FOR UPDATE', [
    ROOT_LOG,
  ]);
  return rows[0]?.size ?? 0;
}

/** A key with the log that it signs. */
export interface ListedKey extends LedgerKey {
  fleet: string;
  key: VerifierKey;
}

/** All keys of the fleets' ledgers and of the log of the installation, by log, the newest first. */
export async function listKeys(pool: Pool): Promise<ListedKey[]> {
  const installation = await readInstallation(pool);
  const { rows } = await pool.query<{ fleet: string }>('SELECT DISTINCT fleet_id AS fleet FROM ledger_key ORDER BY 1');
  const listed: ListedKey[] = [];
  for (const { fleet } of rows) {
    const origin = originOf(installation, fleet);
    for (const each of await findKeys(pool, fleet)) {
      listed.push({ fleet, key: verifierKey(origin, each.publicKey, 'note'), ...each });
    }
  }
  return listed;
}

/**
 * Revokes a key that signed before, in every log that it signed, with an entry in every fleet's ledger that says so: what only
 * it signed is not to be believed any more. A ledger that stands still owes the entry. Revoking it again changes nothing. Throws
 * NOT_FOUND for an id that no log knows, CONFLICT for the key in force, which has to be rotated first. Returns how many fleets it
 * was told to.
 */
export async function revokeKey(pool: Pool, keyId: string, change: KeyChange): Promise<number> {
  const installation = await readInstallation(pool);
  const known = (await listKeys(pool)).find(({ key }) => key.id === keyId);
  if (known === undefined)
    throw new AppError('NOT_FOUND', `there is no key ${keyId}: see npx midwatch ledger key list`);
  if (known.toSize === null) {
    throw new AppError(
      'CONFLICT',
      `the key ${keyId} signs now: have npx midwatch ledger key rotate put another in force first`,
    );
  }
  const { publicKey } = known.key;
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ fleet: string }>(
      `UPDATE ledger_key SET revoked_at = $2 WHERE public_key = $1 AND to_size IS NOT NULL AND revoked_at IS NULL
       RETURNING fleet_id AS fleet`,
      [publicKey, new Date(change.nowMs)],
    );
    const fleets = rows.map(({ fleet }) => fleet).filter((fleet) => fleet !== ROOT_LOG);
    for (const fleet of fleets.sort()) {
      const key = verifierKey(originOf(installation, fleet), publicKey, 'note');
      const drafts = [draftOf({ action: 'REVOKE', key, change, more: {} })];
      await lockFleet(client, fleet);
      await appendOrOwe(client, fleet, { drafts, nowMs: change.nowMs });
    }
    return fleets.length;
  });
}
