import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { AppError } from '../errors.js';

/** The key pair this installation signs its own tokens with: Ed25519, RFC 8037. */
export interface InstallationKey {
  /** The JWK thumbprint of the public key, RFC 7638. */
  kid: string;
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}

/**
 * Loads the pair from `<dataDir>/keys/token.jwk.json`, making it at first; whoever starts at the same moment gets the
 * same pair. Throws UNAVAILABLE when the file cannot be read or holds no such key.
 */
export async function loadInstallationKey(dataDir: string): Promise<InstallationKey> {
  const file = path.join(dataDir, 'keys', 'token.jwk.json');
  try {
    const text = (await readIfPresent(file)) ?? (await createKeyFile(file));
    return await importPair(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('UNAVAILABLE', `${file} cannot be used as the installation's key: ${reason}`, { cause });
  }
}

async function readIfPresent(file: string): Promise<string | null> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes a new pair beside its place and links it there: the file is whole or absent, and the first of two wins. */
async function createKeyFile(file: string): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  // The data directory keeps the default mode: the database's account has to pass through it.
  await fs.mkdir(path.dirname(path.dirname(file)), { recursive: true });
  await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const partial = `${file}.${randomUUID()}`;
  await fs.writeFile(partial, `${JSON.stringify(await exportJWK(privateKey))}\n`, { mode: 0o600, flush: true });
  try {
    await fs.link(partial, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await fs.rm(partial);
  }
  return fs.readFile(file, 'utf8');
}

async function importPair({ kty, crv, x, d }: JWK): Promise<InstallationKey> {
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined || d === undefined) {
    throw new AppError('UNAVAILABLE', 'it holds no Ed25519 key pair');
  }
  const [publicKey, privateKey] = await Promise.all([
    importJWK({ kty, crv, x }, 'EdDSA'),
    importJWK({ kty, crv, x, d }, 'EdDSA'),
  ]);
  // jose answers with bytes for symmetric keys alone.
  if (publicKey instanceof Uint8Array || privateKey instanceof Uint8Array) {
    throw new AppError('UNAVAILABLE', 'it holds a symmetric key');
  }
  return { kid: await calculateJwkThumbprint({ kty, crv, x }), publicKey, privateKey };
}
