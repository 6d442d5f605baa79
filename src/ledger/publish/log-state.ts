import type { Pool } from '../../db/pool.js';
import { parseCheckpoint } from '../note/checkpoint.js';
import { verifierKey } from '../note/key.js';
import { checkSignature, parseNote } from '../note/signed-note.js';
import { Frontier } from '../tree/frontier.js';
import { HASH_BYTES } from '../tree/node.js';
import { findKeys } from './keys.js';
import { findNewestCheckpoint, findTree, type PublishedCheckpoint, type StoredTree } from './store.js';

/** Something is not as it was signed: nothing more is signed of this log until it was mended. */
export class PublishFault extends Error {
  /** Where it begins: the first seq that is not as it should be; null when that cannot be told. */
  readonly seq: number | null;

  constructor(fault: string, seq: number | null = null) {
    super(fault);
    this.name = 'PublishFault';
    this.seq = seq;
  }
}

/** A log as far as it was published. */
export interface LogState {
  /** As it is stored; null while nothing of the log was published. */
  stored: StoredTree | null;
  frontier: Frontier;
}

/** What the last leaf's hash is of a log without leaves: `previousHash` of the first entry. */
export const NO_LEAF = Buffer.alloc(HASH_BYTES);

/**
 * Reads where a log was left, and holds it against what was signed last. Throws PublishFault when the tree is not the one
 * that was signed.
 */
export async function loadLog(pool: Pool, log: { fleet: string; origin: string }): Promise<LogState> {
  const stored = await findTree(pool, log.fleet);
  const checkpoint = await findNewestCheckpoint(pool, log.fleet);
  if (stored === null && checkpoint === null) return { stored, frontier: Frontier.empty() };
  if (stored === null || checkpoint === null || stored.size !== checkpoint.size) {
    throw new PublishFault('the stored tree is not of the size that was signed last');
  }
  const frontier = Frontier.read(BigInt(stored.size), stored.frontier);
  if (frontier === null) throw new PublishFault('the stored tree is not of the size that it says');
  const keys = await findKeys(pool, log.fleet);
  const publicKeys = keys.map(({ publicKey }) => publicKey);
  const fault = findCheckpointFault(checkpoint, { ...log, root: frontier.root(), publicKeys });
  if (fault !== null) throw new PublishFault(fault);
  return { stored, frontier };
}

/** Why a stored checkpoint is not the log's own over this root; null when it is. */
export function findCheckpointFault(
  { size, rootHash, note, keyId }: Pick<PublishedCheckpoint, 'size' | 'rootHash' | 'note' | 'keyId'>,
  { origin, root, publicKeys }: { origin: string; root: Buffer; publicKeys: readonly Buffer[] },
): string | null {
  const signed = parseNote(note);
  const checkpoint = signed && parseCheckpoint(signed.text);
  if (signed === null || checkpoint === null) return `the checkpoint of size ${size} is no signed note`;
  if (checkpoint.origin !== origin) return `the checkpoint of size ${size} is of another log`;
  if (checkpoint.size !== BigInt(size) || !checkpoint.root.equals(rootHash)) {
    return `the checkpoint of size ${size} says something else than what is stored beside it`;
  }
  const keys = publicKeys.map((publicKey) => verifierKey(origin, publicKey, 'note'));
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined || checkSignature(signed, key) !== 'verified') {
    return `the checkpoint of size ${size} is not signed by a key of this log`;
  }
  return checkpoint.root.equals(root)
    ? null
    : `the tree is not the one that the checkpoint of size ${size} was signed for`;
}
