import { type Checkpoint, parseCheckpoint } from './checkpoint.js';
import { checkCosignature } from './cosignature.js';
import type { VerifierKey } from './key.js';
import { isQuorum, type Policy } from './policy.js';
import { checkSignature, parseNote } from './signed-note.js';

/** A checkpoint that a policy believes. */
export interface TrustedCheckpoint {
  checkpoint: Checkpoint;
  /** The key of the log that signed it. */
  signedBy: VerifierKey;
  /** Seconds since 1970 at which each of the policy's witnesses cosigned, by name; those that did not are left out. */
  cosignedAtS: ReadonlyMap<string, bigint>;
}

/** Why a checkpoint is not believed. Only the last two can be told of a note that nobody tampered with. */
export interface Distrust {
  reason: 'malformed' | 'forged' | 'unknown-key' | 'no-quorum';
  fault: string;
}

/**
 * Opens a checkpoint: it must be signed by a log of the policy whose key is named like its origin, and cosigned by a
 * quorum. One wrong signature of a key the policy knows condemns it. `fault` says why it is not believed.
 */
export function openCheckpoint(note: string, policy: Policy): TrustedCheckpoint | Distrust {
  const signed = parseNote(note);
  if (signed === null) return { reason: 'malformed', fault: 'it is no signed note' };
  const checkpoint = parseCheckpoint(signed.text);
  if (checkpoint === null) return { reason: 'malformed', fault: 'its text is no checkpoint' };
  const verdicts = policy.logs.map((key) => ({ key, verdict: checkSignature(signed, key) }));
  const forged = verdicts.find(({ verdict }) => verdict === 'forged');
  if (forged !== undefined) {
    return { reason: 'forged', fault: `the signature of ${forged.key.name}+${forged.key.id} is wrong` };
  }
  const signer = verdicts.find(({ key, verdict }) => verdict === 'verified' && key.name === checkpoint.origin);
  if (signer === undefined) {
    return { reason: 'unknown-key', fault: `it is not signed by a known key of ${checkpoint.origin}` };
  }
  const cosignedAtS = new Map<string, bigint>();
  for (const { name, key } of policy.witnesses) {
    const atS = checkCosignature(signed, key);
    if (atS === 'forged') return { reason: 'forged', fault: `the cosignature of ${name} is wrong` };
    if (atS !== null) cosignedAtS.set(name, atS);
  }
  const isWitnessed = isQuorum(policy.quorum, new Set(cosignedAtS.keys()));
  return isWitnessed
    ? { checkpoint, signedBy: signer.key, cosignedAtS }
    : { reason: 'no-quorum', fault: 'the witnesses that cosigned it are no quorum' };
}
