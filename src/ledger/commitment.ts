import { hash, randomBytes } from 'node:crypto';

export const SALT_BYTES = 32;

const DOMAIN = Buffer.from('midwatch/content/v1\u0000');
const CONTENT_START = DOMAIN.length + SALT_BYTES;
const SCRATCH_BYTES_MAX = 1_048_576;

const SALT_POOL_BYTES = 65_536;
let saltPool = Buffer.alloc(0);

/** Salts for `count` commitments, one after another. Random bytes are drawn in bulk, since each draw is a system call. */
export function drawSalts(count: number): Buffer {
  const bytes = count * SALT_BYTES;
  if (bytes > SALT_POOL_BYTES) return randomBytes(bytes);
  if (saltPool.length < bytes) saltPool = randomBytes(SALT_POOL_BYTES);
  const drawn = saltPool.subarray(0, bytes);
  saltPool = saltPool.subarray(bytes);
  return drawn;
}

/** What is hashed is put together here; JavaScript runs one commitment at a time. */
let scratch = Buffer.alloc(65_536);

/**
 * A commitment to content: hex SHA-256("midwatch/content/v1" ‖ 0x00 ‖ salt ‖ UTF-8(JCS(content))), CONTRACT section 9.
 * `canonical` is JCS(content). Without the salt nobody can guess the content from it, so erasing salt and content leaves
 * a proof and nothing else.
 */
export function commit(salt: Uint8Array, canonical: string): string {
  const UTF8_BYTES_PER_UNIT_MAX = 3;
  const needed = CONTENT_START + canonical.length * UTF8_BYTES_PER_UNIT_MAX;
  const target = needed <= scratch.length ? scratch : enlarge(needed);
  target.set(DOMAIN, 0);
  target.set(salt, DOMAIN.length);
  const end = CONTENT_START + target.write(canonical, CONTENT_START);
  return hash('sha256', target.subarray(0, end), 'hex');
}

/** Rare large contents get a buffer of their own, so that none stays behind. */
function enlarge(bytes: number): Buffer {
  const larger = Buffer.allocUnsafe(bytes);
  if (bytes <= SCRATCH_BYTES_MAX) scratch = larger;
  return larger;
}
