import { foldSubtrees, HASH_BYTES, hashChildren, subtreesOf } from './node.js';

/**
 * The right edge of a growing tree: the roots of the perfect subtrees it is made of, the largest first. With it, a tree
 * of any size grows by a leaf in amortised constant time and room for one hash a level (RFC 9162 section 2.1.2).
 */
export class Frontier {
  #size: bigint;
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
    return Buffer.concat(this.#roots);
  }

  /** Takes the hash of the next leaf. */
  append(leaf: Buffer): void {
    let root = leaf;
    let level = 0;
    while (this.#levels.at(-1) === level) {
      root = hashChildren(this.#roots.pop() as Buffer, root);
      this.#levels.pop();
      level += 1;
    }
    this.#roots.push(root);
    this.#levels.push(level);
    this.#size += 1n;
  }

  root(): Buffer {
    return foldSubtrees(this.#roots);
  }
}
