import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** `mw_`, 40 characters of base62 (238 random bits), and 6 of base62 that hold the CRC32 of all before them. */
const PREFIX = 'mw_';
const SECRET_LENGTH = 40;
const CHECKSUM_LENGTH = 6;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const API_KEY = new RegExp(`^${PREFIX}[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

export function generateApiKey(): string {
  const secret = Array.from({ length: SECRET_LENGTH }, () => BASE62.charAt(randomInt(BASE62.length))).join('');
  return PREFIX + secret + checksum(PREFIX + secret);
}

/** Whether the text means to be an API key; no JWT begins this way. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** Whether form and checksum are right, which tells a mistyped key from an unknown one without asking the database. */
export function isWellFormedApiKey(key: string): boolean {
  return API_KEY.test(key) && key.slice(-CHECKSUM_LENGTH) === checksum(key.slice(0, -CHECKSUM_LENGTH));
}

/** What is stored of a key. A secret of 238 random bits cannot be guessed, so a fast hash will do. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let position = 0; position < CHECKSUM_LENGTH; position++) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}
