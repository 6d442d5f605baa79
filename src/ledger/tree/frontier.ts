import { foldSubtrees, HASH_BYTES, hashChildrenInto, subtreesOf } from './node.js';

/**
 * The right edge of a growing tree: the roots of the perfect subtrees it is made of, the largest first. With it, a tree
 * of any size grows by a leaf in amortised constant time and room for one hash a level (RFC 9162 section 2.1.2).
 */
export class Frontier {
  #size: bigint;
  /** Hashes are written over where they lie; those behind the last root are room for more. */
  readonly #roots: Buffer[];
  /** The level of each root. */
  readonly #levels: number[];

  private constructor(size: bigint, roots: Buffer[]) {
    this.#size = size;
    this.#roots = roots;
    this.#levels = subtreesOf({ from: 0n, to: size }).map(({ level }) => level);
  }

  static empty(): Frontier {
    return new Frontier(0n, []);
  }

  /** That of a tree of `size` leaves from the bytes that were kept of it; null when they are not as long as they must be. */
  static read(size: bigint, bytes: Uint8Array): Frontier | null {
    const count = bytes.length / HASH_BYTES;
    if (count !== subtreesOf({ from: 0n, to: size }).length) return null;
    const copy = Buffer.from(bytes);
    const roots = Array.from({ length: count }, (_, at) => copy.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
    return new Frontier(size, roots);
  }

  /** How many leaves the tree has. */
  get size(): bigint {
    return this.#size;
  }

  /** What `read` takes. */
  get bytes(): Buffer {
    return Buffer.concat(this.#standing());
  }

  /** Takes the hash of the next leaf. */
  append(leaf: Uint8Array): void {
    this.appendSubtree({ level: 0, root: leaf });
  }

  /** Takes the hash over the next 2^level leaves. The tree is made of subtrees of that level and larger ones. */
  appendSubtree({ level, root }: { level: number; root: Uint8Array }): void {
    const levels = this.#levels;
    let at = levels.length;
    this.#roots[at] ??= Buffer.allocUnsafe(HASH_BYTES);
    (this.#roots[at] as Buffer).set(root);
    let merged = level;
    for (; levels[at - 1] === merged; merged += 1) {
      at -= 1;
      const left = this.#roots[at] as Buffer;
      hashChildrenInto(left, left, this.#roots[at + 1] as Buffer);
      levels.pop();
    }
    levels.push(merged);
    this.#size += 1n << BigInt(level);
  }

  root(): Buffer {
    return Buffer.from(foldSubtrees(this.#standing()));
  }

  #standing(): Buffer[] {
    return this.#roots.slice(0, this.#levels.length);
  }
}
