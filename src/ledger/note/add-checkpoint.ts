import { HASH_BYTES } from '../tree/node.js';
import { parseBase64 } from './base64.js';
import { parseSize } from './checkpoint.js';

/** More hashes no consistency proof has (C2SP tlog-witness, add-checkpoint). */
const PROOF_MAX = 63;

/** What a log sends to a witness: a checkpoint, and that it continues the one the witness cosigned before. */
export interface AddCheckpoint {
  /** Of the tree the witness cosigned last; 0 when it never did. */
  oldSize: bigint;
  /** A consistency proof from that size to the checkpoint's; empty from 0. */
  proof: readonly Buffer[];
  /** The checkpoint as a signed note. */
  note: string;
}

export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  return [`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), '', note].join('\n');
}

/** Reads the body of a request; null when it is none. The note in it may still be anything. */
export function parseAddCheckpoint(body: string): AddCheckpoint | null {
  const split = body.indexOf('\n\n');
  if (split < 0) return null;
  const [old, ...lines] = body.slice(0, split).split('\n');
  if (old === undefined || !old.startsWith('old ') || lines.length > PROOF_MAX) return null;
  const oldSize = parseSize(old.slice('old '.length));
  const proof = lines.map(parseBase64);
  if (oldSize === null || !proof.every((hash) => hash?.length === HASH_BYTES)) return null;
  return { oldSize, proof: proof as Buffer[], note: body.slice(split + 2) };
}
