import { foldSubtrees, type LeafRange, type NodeId, subtreesOf } from './node.js';

/**
 * The ranges of leaves whose hashes show that leaf `index` is in the tree of `size` leaves, from the leaf's sibling up:
 * PATH(m, D[n]) of RFC 9162 section 2.1.3.1. Needs 0 ≤ index < size.
 */
export function inclusionRanges(index: bigint, size: bigint): LeafRange[] {
  return pathWithin({ from: 0n, to: size }, index);
}

function pathWithin({ from, to }: LeafRange, index: bigint): LeafRange[] {
  const ranges: LeafRange[] = [];
  let [start, end] = [from, to];
  while (end - start > 1n) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ from: middle, to: end });
      end = middle;
    } else {
      ranges.push({ from: start, to: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/**
 * The ranges of leaves whose hashes show that the tree of `fromSize` leaves is the beginning of that of `toSize`:
 * PROOF(m, D[n]) of RFC 9162 section 2.1.4.1. Needs 0 < fromSize ≤ toSize; none are needed between equal sizes.
 */
export function consistencyRanges(fromSize: bigint, toSize: bigint): LeafRange[] {
  const ranges: LeafRange[] = [];
  let [start, end] = [0n, toSize];
  while (fromSize !== end) {
    const middle = start + splitOf(end - start);
    if (fromSize <= middle) {
      ranges.push({ from: middle, to: end });
      end = middle;
    } else {
      ranges.push({ from: start, to: middle });
      start = middle;
    }
  }
  // Whoever checks the proof knows the hash of what begins with the first leaf: it is the old root.
  if (start > 0n) ranges.push({ from: start, to: end });
  return ranges.reverse();
}

/** The largest power of two that is smaller than a number above 1. */
function splitOf(count: bigint): bigint {
  return 1n << BigInt((count - 1n).toString(2).length - 1);
}

/** Gives the hashes of perfect subtrees, in their order. */
export type ReadNodes = (nodes: readonly NodeId[]) => Promise<readonly Buffer[]>;

/** The hashes of ranges of leaves, in their order: a proof. All of them are asked for at once. */
export async function readRanges(ranges: readonly LeafRange[], readNodes: ReadNodes): Promise<Buffer[]> {
  const subtrees = ranges.map(subtreesOf);
  const hashes = [...(await readNodes(subtrees.flat()))];
  return subtrees.map(({ length }) => foldSubtrees(hashes.splice(0, length)));
}
