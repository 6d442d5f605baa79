import { HASH_BYTES } from '../tree/node.js';
import { parseBase64 } from './base64.js';
import { parseSize } from './checkpoint.js';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A proof in a tree of 2^64 leaves has no more. */
const HASHES_MAX = 64;

/** That an entry is in a log, as a file that is checked offline (C2SP tlog-proof). */
export interface TlogProof {
  index: bigint;
  /** From the leaf's sibling up. */
  proof: readonly Buffer[];
  /** The signed note, as it stands. */
  checkpoint: string;
  /** Nobody vouches for it. */
  extra?: Buffer;
}

export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const lines = [HEADER];
  if (extra !== undefined) lines.push(`extra ${extra.toString('base64')}`);
  lines.push(`index ${index}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint);
  return lines.join('\n');
}

/** Reads what `formatTlogProof` writes; null when it is no such proof. The checkpoint is not looked into. */
export function parseTlogProof(text: string): TlogProof | null {
  const split = text.indexOf('\n\n');
  if (split < 0) return null;
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== HEADER) return null;
  const extraText = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const extra = extraText === undefined ? undefined : parseBase64(extraText);
  const indexLine = lines.shift();
  const index = indexLine?.startsWith('index ') ? parseSize(indexLine.slice('index '.length)) : null;
  const proof = lines.map(parseBase64);
  if (extra === null || index === null || proof.length > HASHES_MAX || !isHashes(proof)) return null;
  return { index, proof, checkpoint: text.slice(split + 2), ...(extra === undefined ? {} : { extra }) };
}

function isHashes(proof: readonly (Buffer | null)[]): proof is readonly Buffer[] {
  return proof.every((hash) => hash?.length === HASH_BYTES);
}
