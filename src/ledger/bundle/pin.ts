import { createPublicKey } from 'node:crypto';
import { parseBase64 } from '../note/base64.js';
import { isKeyName, parseVerifierKey, type VerifierKey, verifierKey } from '../note/key.js';
import type { Policy } from '../note/policy.js';

const ED25519_BYTES = 32;

/** A key that was pinned from outside the bundle. One without a name is believed for whatever origin the bundle has. */
export type PinnedKey = VerifierKey | { publicKey: Buffer };

/** What a verifier believes before it opens a bundle. */
export interface Trust {
  key: PinnedKey | null;
  policy: Policy | null;
  /** Checkpoints that were kept from before, as signed notes: the bundle has to continue them. */
  held: readonly string[];
}

/**
 * Reads a key as people hand it over: a C2SP verifier key, a PEM, or the 32 bytes of an Ed25519 key in hex or base64. Null
 * when it is none of these.
 */
export function parsePinnedKey(text: string): PinnedKey | null {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN')) return parsePem(trimmed);
  // A verifier key can look like base64: its name has only letters and slashes.
  const key = parseVerifierKey(trimmed);
  if (key !== null) return key.type === 'note' ? key : null;
  const publicKey = /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : parseBase64(trimmed);
  return publicKey?.length === ED25519_BYTES ? { publicKey } : null;
}

function parsePem(text: string): PinnedKey | null {
  try {
    const key = createPublicKey(text);
    if (key.asymmetricKeyType !== 'ed25519') return null;
    return { publicKey: key.export({ format: 'der', type: 'spki' }).subarray(-ED25519_BYTES) };
  } catch {
    // Whatever OpenSSL says of it, it is no key.
    return null;
  }
}

/** Whom to believe about a log of this origin; null when nobody was pinned. A pinned key takes the place of the policy's logs. */
export function policyFor({ key, policy }: Trust, origin: string): Policy | null {
  if (key === null) return policy;
  const named = 'name' in key ? key : isKeyName(origin) ? verifierKey(origin, key.publicKey, 'note') : null;
  const logs = named === null ? [] : [named];
  return { witnesses: [], quorum: null, ...policy, logs };
}
