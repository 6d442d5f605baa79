import { sign, verify } from 'node:crypto';
import type { SignerKey, VerifierKey } from './key.js';
import type { NoteSignature, SignedNote } from './signed-note.js';

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
/** Of seconds since 1970 (C2SP tlog-cosignature, Format). */
const TIME_MAX = 2n ** 63n - 1n;

/** A witness's statement about a checkpoint's text: this was the largest tree it had seen, at this time. */
export function cosign(text: string, key: SignerKey, atS: bigint): NoteSignature {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(atS);
  return {
    name: key.name,
    keyId: key.id,
    bytes: Buffer.concat([time, sign(null, cosignedMessage(text, atS), key.privateKey)]),
  };
}

/**
 * When the witness cosigned, in seconds since 1970; null when the note has no cosignature of it, `forged` when it has one
 * that is wrong (C2SP tlog-cosignature, Ed25519). Of several the newest counts.
 */
export function checkCosignature({ text, signatures }: SignedNote, key: VerifierKey): bigint | null | 'forged' {
  let newest: bigint | null = null;
  for (const { name, keyId, bytes } of signatures) {
    if (name !== key.name || keyId !== key.id) continue;
    if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return 'forged';
    const atS = bytes.readBigUInt64BE();
    const isSigned = verify(null, cosignedMessage(text, atS), key.object, bytes.subarray(TIME_BYTES));
    if (!isSigned || atS > TIME_MAX) return 'forged';
    if (newest === null || atS > newest) newest = atS;
  }
  return newest;
}

function cosignedMessage(text: string, atS: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${atS}\n${text}`);
}
