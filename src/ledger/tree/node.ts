import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** The root of the tree without leaves: the hash of nothing (RFC 9162 section 2.1.1). */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** Both sides are copied here behind the prefix that tells nodes from leaves; JavaScript hashes one node at a time. */
const scratch = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** The hash of an inner node, SHA-256(0x01 ‖ left ‖ right) (RFC 9162 section 2.1.1). */
export function hashChildren(left: Uint8Array, right: Uint8Array): Buffer {
  const parent = Buffer.allocUnsafe(HASH_BYTES);
  hashChildrenInto(parent, left, right);
  return parent;
}

/** As `hashChildren`, written over `parent`, which may be one of the children. */
export function hashChildrenInto(parent: Buffer, left: Uint8Array, right: Uint8Array): void {
  scratch.set(left, 1);
  scratch.set(right, 1 + HASH_BYTES);
  // Node hands a digest out as text in half the time it takes to make a Buffer of it outside of JavaScript's heap.
  parent.write(hash('sha256', scratch, 'binary'), 'binary');
}

/** A perfect subtree: the node at `index` from the left of those that span 2^level leaves each. */
export interface NodeId {
  level: number;
  index: bigint;
}

/** Leaves `from` up to, not including, `to`. */
export interface LeafRange {
  from: bigint;
  to: bigint;
}

/**
 * The perfect subtrees that make up the Merkle tree hash of a range, from left to right. `from` is a multiple of the
 * smallest power of two that is not smaller than the range, as it is for every range a proof names.
 */
export function subtreesOf({ from, to }: LeafRange): NodeId[] {
  const nodes: NodeId[] = [];
  let start = from;
  for (let level = bitLength(to - from) - 1; level >= 0; level -= 1) {
    const width = 1n << BigInt(level);
    if (((to - from) & width) === 0n) continue;
    nodes.push({ level, index: start >> BigInt(level) });
    start += width;
  }
  return nodes;
}

/** The hash over the hashes of adjacent subtrees, the largest first: that of the smaller ones is the right side. */
export function foldSubtrees(hashes: readonly Buffer[]): Buffer {
  let folded = hashes.at(-1);
  if (folded === undefined) return EMPTY_ROOT;
  for (let at = hashes.length - 2; at >= 0; at -= 1) folded = hashChildren(hashes[at] as Buffer, folded);
  return folded;
}

/** How many binary digits a number has; 0 has none. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
