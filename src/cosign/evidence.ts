import { hash } from 'node:crypto';
import { parseCheckpoint } from '../ledger/note/checkpoint.js';
import { checkSignature, parseNote } from '../ledger/note/signed-note.js';
import type { Head, WitnessClient } from './client.js';

/**
 * Asks the witness for the checkpoint that contradicts the log. Null when it does not show one that a key of the log
 * signed and that is larger than the log, or other than the log was at its size: then it is the witness's word alone.
 */
export async function findEvidence(
  client: WitnessClient,
  { origin, keys, size, rootAt }: Head,
): Promise<string | null> {
  const note = await client.show(hash('sha256', origin, 'hex'));
  const signed = note === null ? null : parseNote(note);
  if (note === null || signed === null) return null;
  const checkpoint = parseCheckpoint(signed.text);
  if (checkpoint === null || checkpoint.origin !== origin) return null;
  if (!keys.some((key) => checkSignature(signed, key) === 'verified')) return null;
  const isOther = checkpoint.size > size || !checkpoint.root.equals(await rootAt(checkpoint.size));
  return isOther ? note : null;
}
