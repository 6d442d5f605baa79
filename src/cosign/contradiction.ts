import { hash } from 'node:crypto';
import { parseCheckpoint } from '../ledger/note/checkpoint.js';
import type { VerifierKey } from '../ledger/note/key.js';
import { checkSignature, parseNote } from '../ledger/note/signed-note.js';
import type { WitnessClient } from './client.js';

/** A witness cosigned what our log does not continue: entries were lost, or the log told two histories. */
export interface Contradiction {
  origin: string;
  /** The witness's name in the policy. */
  witness: string;
  /** `ahead`: it has seen a larger tree; `inconsistent`: another one. */
  kind: 'ahead' | 'inconsistent';
  /** Of the tree that the witness cosigned. */
  size: bigint;
  /** A checkpoint of that tree that bears our own signature: then it is not the witness's word alone. Null without. */
  evidence: string | null;
}

/**
 * Asks the witness for the checkpoint that contradicts ours. Null when it does not show one of that size at least, or one
 * that no key of the log signed.
 */
export async function findEvidence(
  client: WitnessClient,
  { origin, keys, size }: { origin: string; keys: readonly VerifierKey[]; size: bigint },
): Promise<string | null> {
  const note = await client.show(hash('sha256', origin, 'hex'));
  const signed = note === null ? null : parseNote(note);
  if (note === null || signed === null) return null;
  const checkpoint = parseCheckpoint(signed.text);
  if (checkpoint === null || checkpoint.origin !== origin || checkpoint.size < size) return null;
  return keys.some((key) => checkSignature(signed, key) === 'verified') ? note : null;
}

/** What an operator reads. */
export function describeContradiction({ witness, kind, size, evidence }: Contradiction, ownSize: bigint): string {
  const seen =
    kind === 'ahead'
      ? `the witness ${witness} has cosigned ${size} entries, this database has ${ownSize}`
      : `the witness ${witness} has cosigned ${size} entries that this database has otherwise`;
  const proof = evidence === null ? '' : ', signed by this installation';
  return `${seen}${proof}: an old backup was restored, or entries were changed`;
}
