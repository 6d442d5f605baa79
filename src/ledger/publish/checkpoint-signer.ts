import type { Clock } from '../../clock.js';
import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { formatCheckpoint } from '../note/checkpoint.js';
import { type SignerKey, signerKey } from '../note/key.js';
import { formatNote, signText } from '../note/signed-note.js';
import { beginKey, findCurrentKey } from './keys.js';
import { originOf } from './origin.js';
import type { SigningKeys, SigningPair } from './signing-keys.js';
import type { PublishedCheckpoint } from './store.js';

/** The key in force of a log, ready to sign. */
export interface LogSigner {
  key: SignerKey;
  /** The smallest tree that it may sign. */
  fromSize: number;
}

export interface CheckpointSignerOptions {
  pool: Pool;
  installation: string;
  keys: SigningKeys;
  clock: Clock;
}

/** Finds the key that is in force for a log, and signs with it. */
export class CheckpointSigner {
  readonly #options: CheckpointSignerOptions;
  #pair: SigningPair | null = null;
  /** By log. */
  readonly #signers = new Map<string, LogSigner>();

  constructor(options: CheckpointSignerOptions) {
    this.#options = options;
  }

  /**
   * The signer of a log whose key in force is `current`; puts the first one in force where that is null. Throws UNAVAILABLE
   * when the key is not kept here.
   */
  async signerOf(fleet: string, current: { publicKey: Buffer; fromSize: number } | null): Promise<LogSigner> {
    const { publicKey, fromSize } = current ?? (await this.#begin(fleet));
    const known = this.#signers.get(fleet);
    if (known?.key.publicKey.equals(publicKey) && known.fromSize === fromSize) return known;
    const { seed } = await this.#pairOf(publicKey);
    const key = signerKey(originOf(this.#options.installation, fleet), seed, 'note');
    const signer = { key, fromSize };
    this.#signers.set(fleet, signer);
    return signer;
  }

  async #begin(fleet: string): Promise<{ publicKey: Buffer; fromSize: number }> {
    const { pool, keys, clock } = this.#options;
    const at = new Date(clock.now());
    await beginKey(pool, { fleet, publicKey: (await keys.current()).publicKey, at });
    const begun = await findCurrentKey(pool, fleet);
    if (begun === null) throw new AppError('UNAVAILABLE', `no key of the ledger of ${fleet} is in force`);
    return begun;
  }

  async #pairOf(publicKey: Buffer): Promise<SigningPair> {
    if (this.#pair?.publicKey.equals(publicKey)) return this.#pair;
    this.#pair = await this.#options.keys.adopt(publicKey);
    if (this.#pair !== null) return this.#pair;
    throw new AppError(
      'UNAVAILABLE',
      'the key that signs the ledger is not kept here: restore it, or have npx midwatch ledger key rotate put another in force',
    );
  }
}

/** Signs the head of a tree (C2SP tlog-checkpoint). */
export function signCheckpoint(
  { key }: LogSigner,
  { size, root, at }: { size: bigint; root: Buffer; at: Date },
): Pick<PublishedCheckpoint, 'rootHash' | 'note' | 'keyId' | 'signedAt'> {
  const text = formatCheckpoint({ origin: key.name, size, root, extensions: [] });
  const note = formatNote({ text, signatures: [signText(text, key)] });
  return { rootHash: root, note, keyId: key.id, signedAt: at };
}
