import { createHmac, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createFile } from '../disk/create-file.js';
import { AppError } from '../errors.js';

const KEY = /^[0-9a-f]{64}\n?$/;
const KEY_BYTES = 32;

/**
 * Loads the 32 bytes under which texts that are searched for are told of, from `<dataDir>/keys/search.key`, making them at first.
 * Throws UNAVAILABLE when the file cannot be read or holds no such key.
 */
export async function loadSearchKey(dataDir: string): Promise<Buffer> {
  const file = path.join(dataDir, 'keys', 'search.key');
  try {
    // The data directory keeps the default mode: the database's account has to pass through it.
    await fs.mkdir(dataDir, { recursive: true });
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await createFile(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    const text = await fs.readFile(file, 'utf8');
    if (!KEY.test(text)) throw new AppError('UNAVAILABLE', 'it holds no key of 64 lower-case hex digits');
    return Buffer.from(text.trim(), 'hex');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('UNAVAILABLE', `${file} cannot be used as the key of searches: ${reason}`, { cause });
  }
}

/**
 * What stands in the ledger for a text that was searched for: hex HMAC-SHA-256(key, fleet ‖ 0x00 ‖ text). Without the key nobody
 * can find out by trying what the text was; with it, whether it was a text that one has.
 */
export function digestSearch(key: Buffer, fleet: string, text: string): string {
  return createHmac('sha256', key).update(`${fleet}\u0000${text}`).digest('hex');
}
