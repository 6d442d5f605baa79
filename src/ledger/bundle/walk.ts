import { hash } from 'node:crypto';
import { GENESIS_HASH } from '../chain.js';
import { Frontier } from '../tree/frontier.js';
import { HASH_BYTES } from '../tree/node.js';

const LEAF_PREFIX = 0;

/**
 * The RFC 6962 leaf hash of an entry whose bytes lie in a line. The prefix is written over the byte before them for as
 * long as it takes, so that nothing is copied.
 */
export function leafHashIn(line: Buffer, { from, to }: { from: number; to: number }): string {
  const before = line[from - 1] as number;
  line[from - 1] = LEAF_PREFIX;
  const digits = hash('sha256', line.subarray(from - 1, to), 'hex');
  line[from - 1] = before;
  return digits;
}

/** Follows the chain and grows the tree, entry by entry. */
export class Walk {
  #frontier: Frontier;
  /** The hash the next entry has to name; null where the entry before is not in the bundle. */
  #head: string | null;
  #next: number;
  readonly #leaf = Buffer.alloc(HASH_BYTES);

  private constructor(frontier: Frontier, next: number) {
    this.#frontier = frontier;
    this.#next = next;
    this.#head = next === 0 ? GENESIS_HASH : null;
  }

  /** From the first entry on, or from the entry that follows a tree whose right edge is known; null when it is no such edge. */
  static from(size: number, edge: Buffer): Walk | null {
    const frontier = Frontier.read(BigInt(size), edge);
    return frontier === null ? null : new Walk(frontier, size);
  }

  /** The seq of the next entry, and the size of the tree so far. */
  get next(): number {
    return this.#next;
  }

  /** What is wrong with an entry that claims this place; null when it has it now. */
  take(entry: { seq: number; previousHash: string; hash: string }): { seq: number; problem: string } | null {
    const { seq, previousHash, hash: digits } = entry;
    if (seq > this.#next) return { seq: this.#next, problem: `${missing(this.#next, seq)} before entry ${seq}` };
    if (seq < this.#next) return { seq, problem: `it stands where entry ${this.#next} should` };
    if (this.#head !== null && previousHash !== this.#head) {
      return { seq, problem: 'its previousHash is not the hash of the entry before' };
    }
    this.#leaf.write(digits, 'hex');
    this.#frontier.append(this.#leaf);
    this.#head = digits;
    this.#next += 1;
    return null;
  }

  root(): Buffer {
    return this.#frontier.root();
  }
}

/** Names the entries from `from` up to, not including, `to`. */
export function missing(from: number, to: number): string {
  return to - from === 1 ? `entry ${from} is missing` : `entries ${from} to ${to - 1} are missing`;
}
