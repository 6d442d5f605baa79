import { createHash } from 'node:crypto';
import { type CanonicalValue, canonicalize } from './canonical.js';

export const SALT_BYTES = 32;

const DOMAIN = 'midwatch/content/v1\u0000';

/**
 * A commitment to content: hex SHA-256("midwatch/content/v1" ‖ 0x00 ‖ salt ‖ UTF-8(JCS(content))), CONTRACT section 9.
 * Without the salt nobody can guess the content from it, so erasing salt and content leaves a proof and nothing else.
 */
export function commit(salt: Uint8Array, content: CanonicalValue): string {
  return createHash('sha256').update(DOMAIN).update(salt).update(canonicalize(content)).digest('hex');
}
