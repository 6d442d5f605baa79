import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config.js';
import { createFile } from '../../disk/create-file.js';
import { AppError } from '../../errors.js';
import { signerKey } from '../note/key.js';

/** An Ed25519 pair of which every log of the installation makes a key of its own name (RFC 8032). */
export interface SigningPair {
  /** 32 bytes. */
  seed: Buffer;
  /** 32 bytes. */
  publicKey: Buffer;
}

/** Where the pair is kept that signs now, and the one that is to sign next. */
export interface SigningKeys {
  /** The pair that signs now; made at first. */
  current(): Promise<SigningPair>;
  /** The pair that a rotation puts in force; the same each time until that is done. */
  next(): Promise<SigningPair>;
  /** The pair of this public key, which is the current one from then on; null when it is not kept here. */
  adopt(publicKey: Buffer): Promise<SigningPair | null>;
}

/** Those of `MIDWATCH_LEDGER_KEY`, or else those in the data directory. */
export function openSigningKeys({ dataDir, ledgerKey }: Pick<Config, 'dataDir' | 'ledgerKey'>): SigningKeys {
  return ledgerKey === null ? new FileKeys(path.join(dataDir, 'keys')) : new EnvironmentKey(ledgerKey);
}

/** The environment holds one pair: whoever sets another has a rotation put it in force. */
class EnvironmentKey implements SigningKeys {
  readonly #pair: SigningPair;

  constructor(seed: Buffer) {
    this.#pair = pairOf(seed);
  }

  async current(): Promise<SigningPair> {
    return this.#pair;
  }

  async next(): Promise<SigningPair> {
    return this.#pair;
  }

  async adopt(publicKey: Buffer): Promise<SigningPair | null> {
    return publicKey.equals(this.#pair.publicKey) ? this.#pair : null;
  }
}

class FileKeys implements SigningKeys {
  readonly #folder: string;
  readonly #current: string;
  readonly #next: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#current = path.join(folder, 'ledger.jwk.json');
    this.#next = path.join(folder, 'ledger.next.jwk.json');
  }

  current(): Promise<SigningPair> {
    return this.#readOrMake(this.#current);
  }

  next(): Promise<SigningPair> {
    return this.#readOrMake(this.#next);
  }

  async adopt(publicKey: Buffer): Promise<SigningPair | null> {
    const current = await readPair(this.#current);
    if (current?.publicKey.equals(publicKey)) return current;
    const next = await readPair(this.#next);
    if (!next?.publicKey.equals(publicKey)) {
      // Somebody else may have put it there meanwhile.
      const adopted = await readPair(this.#current);
      return adopted?.publicKey.equals(publicKey) ? adopted : null;
    }
    // What signed before is not needed again, and is gone with this: nobody can steal it any more.
    await fs.rename(this.#next, this.#current).catch(ignoreMissing);
    return next;
  }

  async #readOrMake(file: string): Promise<SigningPair> {
    const known = await readPair(file);
    if (known !== null) return known;
    // The data directory keeps the default mode: the database's account has to pass through it.
    await fs.mkdir(path.dirname(this.#folder), { recursive: true });
    await fs.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    await createFile(file, `${JSON.stringify(jwk)}\n`);
    return (await readPair(file)) as SigningPair;
  }
}

const OTHERS_BITS = 0o077;

async function readPair(file: string): Promise<SigningPair | null> {
  try {
    const text = await fs.readFile(file, 'utf8');
    const { mode } = await fs.stat(file);
    if (process.platform !== 'win32' && (mode & OTHERS_BITS) !== 0) {
      throw new AppError('UNAVAILABLE', `others than its owner may use it: chmod 600 ${file}`);
    }
    return pairOf(readSeed(text));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('UNAVAILABLE', `${file} cannot be used as the ledger's key: ${reason}`, { cause });
  }
}

const SEED_BYTES = 32;

/** The seed of a JWK (RFC 8037 section 2). */
function readSeed(text: string): Buffer {
  const { kty, crv, d } = JSON.parse(text) as { kty?: unknown; crv?: unknown; d?: unknown };
  const seed = Buffer.from(typeof d === 'string' ? d : '', 'base64url');
  if (kty === 'OKP' && crv === 'Ed25519' && seed.length === SEED_BYTES) return seed;
  throw new AppError('UNAVAILABLE', 'it holds no Ed25519 pair');
}

function pairOf(seed: Buffer): SigningPair {
  return { seed, publicKey: signerKey('ledger', seed, 'note').publicKey };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  // The server and the command that rotates may both finish it.
  if (error.code !== 'ENOENT') throw error;
}
