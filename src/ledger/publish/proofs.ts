import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { formatTlogProof } from '../note/tlog-proof.js';
import { foldSubtrees, subtreesOf } from '../tree/node.js';
import { consistencyRanges, inclusionRanges, readRanges } from '../tree/proof.js';
import { findConsistencyFault, findInclusionFault } from '../tree/verify.js';
import { nodesOf } from './read-nodes.js';
import { findCheckpoint, findNewestCheckpoint, type PublishedCheckpoint } from './store.js';

/** That an entry is in the tree of a size. */
export interface InclusionProof {
  leafIndex: number;
  treeSize: number;
  leafHash: Buffer;
  /** From the leaf's sibling up. */
  hashes: readonly Buffer[];
  rootHash: Buffer;
  /** The checkpoint of this size; null when there was none, or it is not kept any more. */
  checkpoint: PublishedCheckpoint | null;
}

/** That a tree is the beginning of a larger one. */
export interface ConsistencyProof {
  fromSize: number;
  toSize: number;
  fromRoot: Buffer;
  toRoot: Buffer;
  hashes: readonly Buffer[];
}

interface ProofSource {
  pool: Pool;
  fleet: string;
}

/**
 * Proves that an entry is in the tree of `treeSize`, or of the newest checkpoint. Throws VALIDATION_FAILED for what is not in a
 * published tree, LEDGER_INTEGRITY when what is stored does not lead to the root.
 */
export async function proveInclusion(
  { pool, fleet }: ProofSource,
  { seq, treeSize }: { seq: number; treeSize: number | null },
): Promise<InclusionProof> {
  const newest = await requireCheckpoint(pool, fleet);
  const size = treeSize ?? newest.size;
  requireSize(size, { newest, path: 'treeSize' });
  if (seq < 0 || seq >= size) {
    throw new AppError('VALIDATION_FAILED', `seq ${seq} is not in the tree of ${size}: it has 0 to ${size - 1}`, {
      path: ['seq'],
    });
  }
  const checkpoint = size === newest.size ? newest : await findCheckpoint(pool, fleet, size);
  const [index, bigSize] = [BigInt(seq), BigInt(size)];
  const leafRange = { from: index, to: index + 1n };
  const ranges = inclusionRanges(index, bigSize);
  const [leafHash, ...hashes] = await readRanges([leafRange, ...ranges], nodesOf(pool, fleet, bigSize));
  const root = checkpoint?.rootHash ?? (await rootOf({ pool, fleet }, bigSize));
  const proof = { index, size: bigSize, leaf: leafHash as Buffer, root, proof: hashes };
  requireSound(findInclusionFault(proof), fleet);
  return { leafIndex: seq, treeSize: size, leafHash: proof.leaf, hashes, rootHash: root, checkpoint };
}

/** Proves that the tree of `fromSize` is the beginning of that of `toSize`, or of the newest checkpoint; throws as above. */
export async function proveConsistency(
  { pool, fleet }: ProofSource,
  { fromSize, toSize }: { fromSize: number; toSize: number | null },
): Promise<ConsistencyProof> {
  const newest = await requireCheckpoint(pool, fleet);
  const size = toSize ?? newest.size;
  requireSize(size, { newest, path: 'toSize' });
  if (fromSize < 1 || fromSize > size) {
    throw new AppError('VALIDATION_FAILED', `fromSize must be 1 to ${size}`, { path: ['fromSize'] });
  }
  const [from, to] = [BigInt(fromSize), BigInt(size)];
  const proof = await readRanges(consistencyRanges(from, to), nodesOf(pool, fleet, to));
  const fromRoot = await rootOf({ pool, fleet }, from);
  const toRoot = size === newest.size ? newest.rootHash : await rootOf({ pool, fleet }, to);
  requireSound(findConsistencyFault({ fromSize: from, toSize: to, fromRoot, toRoot, proof }), fleet);
  return { fromSize, toSize: size, fromRoot, toRoot, hashes: proof };
}

/** The root of a log's tree when it had `size` leaves, which were published. */
export async function rootOf({ pool, fleet }: ProofSource, size: bigint): Promise<Buffer> {
  return foldSubtrees([...(await nodesOf(pool, fleet, size)(subtreesOf({ from: 0n, to: size })))]);
}

/** The proof as a file of its own (C2SP tlog-proof); null without a checkpoint over exactly its tree. */
export function tlogProofOf({ leafIndex, hashes, checkpoint }: InclusionProof): string | null {
  if (checkpoint === null) return null;
  return formatTlogProof({ index: BigInt(leafIndex), proof: hashes, checkpoint: noteOf(checkpoint) });
}

/** A checkpoint as it is handed out: with what witnesses said of it. */
export function noteOf({ note, cosignatures }: Pick<PublishedCheckpoint, 'note' | 'cosignatures'>): string {
  return note + cosignatures.join('');
}

async function requireCheckpoint(pool: Pool, fleet: string): Promise<PublishedCheckpoint> {
  const newest = await findNewestCheckpoint(pool, fleet);
  if (newest !== null) return newest;
  throw new AppError('UNAVAILABLE', 'nothing of this ledger is published yet: try again', { retryAfterS: 1 });
}

function requireSize(size: number, { newest, path }: { newest: PublishedCheckpoint; path: string }): void {
  if (size < 1) throw new AppError('VALIDATION_FAILED', `${path} must be at least 1`, { path: [path] });
  if (size <= newest.size) return;
  throw new AppError(
    'VALIDATION_FAILED',
    `${path} ${size} is not published: the newest checkpoint is of ${newest.size}`,
    {
      path: [path],
    },
  );
}

function requireSound(fault: string | null, fleet: string): void {
  if (fault === null) return;
  throw new AppError(
    'LEDGER_INTEGRITY',
    `what is stored of the tree of ${fleet} does not lead to its root: have it verified`,
    {
      detail: fault,
    },
  );
}
