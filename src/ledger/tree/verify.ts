import { HASH_BYTES, hashChildren } from './node.js';

/** Sizes are 64-bit, as in RFC 9162 and in C2SP's formats. */
export const SIZE_MAX = 2n ** 64n - 1n;

export interface Inclusion {
  index: bigint;
  size: bigint;
  /** The leaf's hash. */
  leaf: Buffer;
  root: Buffer;
  proof: readonly Buffer[];
}

/** Why a proof does not show that the leaf is in the tree; null when it does (RFC 9162 section 2.1.3.2). */
export function findInclusionFault({ index, size, leaf, root, proof }: Inclusion): string | null {
  if (size < 0n || size > SIZE_MAX) return `a tree has no size of ${size}`;
  if (index < 0n || index >= size) return `there is no index ${index} in a tree of ${size}`;
  const malformed = findMalformed([leaf, root, ...proof]);
  if (malformed !== null) return malformed;
  let node = index;
  let last = size - 1n;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0n) return 'the proof is longer than the path to the root';
    if ((node & 1n) === 1n || node === last) {
      hash = hashChildren(sibling, hash);
      while ((node & 1n) === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = hashChildren(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last !== 0n) return 'the proof is shorter than the path to the root';
  return hash.equals(root) ? null : 'the proof leads to another root';
}

export interface Consistency {
  fromSize: bigint;
  toSize: bigint;
  fromRoot: Buffer;
  toRoot: Buffer;
  proof: readonly Buffer[];
}

/**
 * Why a proof does not show that the smaller tree is the beginning of the larger; null when it does (RFC 9162 section
 * 2.1.4.2). Of an empty tree nothing can be shown, and nothing has to be.
 */
export function findConsistencyFault({ fromSize, toSize, fromRoot, toRoot, proof }: Consistency): string | null {
  if (fromSize < 0n || toSize > SIZE_MAX) return 'a tree has no such size';
  if (fromSize === 0n) return 'nothing can be shown to begin with an empty tree';
  if (fromSize > toSize) return `a tree of ${fromSize} does not fit into one of ${toSize}`;
  const malformed = findMalformed([fromRoot, toRoot, ...proof]);
  if (malformed !== null) return malformed;
  if (fromSize === toSize) {
    if (proof.length > 0) return 'between equal sizes there is nothing to prove';
    return fromRoot.equals(toRoot) ? null : 'two trees of one size have different roots';
  }
  return walkConsistency({ fromSize, toSize, fromRoot, toRoot, proof });
}

function walkConsistency({ fromSize, toSize, fromRoot, toRoot, proof }: Consistency): string | null {
  // Where the old tree is a perfect subtree of the new one, its root is where the path begins.
  const isPerfect = (fromSize & (fromSize - 1n)) === 0n;
  const [first, ...rest] = isPerfect ? [fromRoot, ...proof] : proof;
  if (first === undefined) return 'the proof is empty';
  let node = fromSize - 1n;
  let last = toSize - 1n;
  while ((node & 1n) === 1n) [node, last] = [node >> 1n, last >> 1n];
  let older = first;
  let newer = first;
  for (const sibling of rest) {
    if (last === 0n) return 'the proof is longer than the path to the root';
    if ((node & 1n) === 1n || node === last) {
      older = hashChildren(sibling, older);
      newer = hashChildren(sibling, newer);
      while ((node & 1n) === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      newer = hashChildren(newer, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last !== 0n) return 'the proof is shorter than the path to the root';
  if (!older.equals(fromRoot)) return 'the proof leads to another old root';
  return newer.equals(toRoot) ? null : 'the proof leads to another new root';
}

function findMalformed(hashes: readonly Buffer[]): string | null {
  return hashes.every(({ length }) => length === HASH_BYTES) ? null : `a hash is not ${HASH_BYTES} bytes long`;
}
