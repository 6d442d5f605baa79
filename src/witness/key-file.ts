import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createFile } from '../disk/create-file.js';
import { syncDirectory } from '../disk/replace-file.js';
import { AppError } from '../errors.js';
import { parseBase64 } from '../ledger/note/base64.js';
import { isKeyName, KEY_TYPE, type SignerKey, signerKey } from '../ledger/note/key.js';

const SEED_BYTES = 32;

/**
 * Reads the witness's key from its file, making it at first; it is for the owner's eyes alone. The file holds one line as
 * Go's sumdb/note writes signer keys: `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`. `name` is the name of a new key;
 * null lets the key itself give one. Throws VALIDATION_FAILED when the key there has another name, or others may read it,
 * UNAVAILABLE when it is no key.
 */
export async function loadWitnessKey(file: string, name: string | null): Promise<SignerKey> {
  if (name !== null && !isKeyName(name)) {
    throw new AppError('VALIDATION_FAILED', `--name: ${JSON.stringify(name)} has spaces or a plus, or is empty`);
  }
  if (await createFile(file, `${formatSignerKey(newKey(name))}\n`)) await syncDirectory(path.dirname(file));
  await refuseOpenFile(file);
  const key = parseSignerKey((await fs.readFile(file, 'utf8')).trimEnd());
  if (key === null) throw new AppError('UNAVAILABLE', `${file} holds no witness key: restore it from a backup`);
  if (name !== null && name !== key.name) {
    throw new AppError('VALIDATION_FAILED', `--name: the key in ${file} is named ${key.name} for good`);
  }
  return key;
}

function newKey(name: string | null): { name: string; seed: Buffer } {
  const seed = randomBytes(SEED_BYTES);
  const publicKey = signerKey('unnamed', seed, 'cosignature').publicKey;
  return { name: name ?? `midwatch-witness/${publicKey.toString('hex', 0, 4)}`, seed };
}

async function refuseOpenFile(file: string): Promise<void> {
  const { mode } = await fs.stat(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new AppError('VALIDATION_FAILED', `--data: others may read ${file}: chmod 600 it, or make a new key`);
  }
}

function formatSignerKey({ name, seed }: { name: string; seed: Buffer }): string {
  const { id } = signerKey(name, seed, 'cosignature');
  return `PRIVATE+KEY+${name}+${id}+${Buffer.concat([Buffer.of(KEY_TYPE.cosignature), seed]).toString('base64')}`;
}

function parseSignerKey(text: string): SignerKey | null {
  const [, name, id, encoded] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const bytes = encoded === undefined ? null : parseBase64(encoded);
  if (name === undefined || !isKeyName(name) || bytes?.length !== 1 + SEED_BYTES) return null;
  if (bytes[0] !== KEY_TYPE.cosignature) return null;
  const key = signerKey(name, bytes.subarray(1), 'cosignature');
  return key.id === id ? key : null;
}
