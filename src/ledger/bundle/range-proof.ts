import { findConsistencyFault } from '../tree/verify.js';
import type { OpenedCheckpoint } from './checkpoints.js';
import type { ReadEntry } from './entry.js';
import type { HeldCheckpoints } from './held.js';
import { bytesOf, type ConsistencyLine, type ManifestLine } from './line.js';
import { BundleFault, type Proof, type ProofLine } from './proof.js';
import { missing, Walk } from './walk.js';

/** Every entry of a range: the chain is followed and the tree grown over all of them. */
export class RangeProof implements Proof {
  readonly #manifest: ManifestLine;
  readonly #held: HeldCheckpoints;
  /** Null until the tree before the first entry is known. */
  #walk: Walk | null;
  #consistency: ConsistencyLine | null = null;
  /** Whether a checkpoint beyond the last entry was seen: nothing but more of them may follow. */
  #isBeyond = false;
  /** The checkpoint before: each is larger. */
  #last: OpenedCheckpoint | null = null;

  constructor(manifest: ManifestLine, held: HeldCheckpoints) {
    this.#manifest = manifest;
    this.#held = held;
    this.#walk = manifest.from === 0 ? Walk.from(0, Buffer.alloc(0)) : null;
  }

  get next(): number | null {
    return this.#size < this.#manifest.to ? this.#size : null;
  }

  get newest(): OpenedCheckpoint | null {
    return this.#last;
  }

  takeEntry(entry: ReadEntry & { hash: string }): void {
    this.#settle();
    const walk = this.#started();
    if (this.#isBeyond)
      throw new BundleFault('it follows a checkpoint that should be behind the last entry', entry.seq);
    if (entry.seq >= this.#manifest.to) throw new BundleFault('it is not in the range of the manifest', entry.seq);
    const fault = walk.take(entry);
    if (fault !== null) throw new BundleFault(fault.problem, fault.seq);
    this.#compareHeld(walk);
  }

  takeProof(line: ProofLine): void {
    this.#settle();
    if (line.type === 'inclusion') throw new BundleFault('a range has no inclusion proofs', null);
    if (line.type === 'consistency') {
      this.#consistency = line;
      return;
    }
    if (this.#walk !== null || line.size !== this.#manifest.from) {
      throw new BundleFault('the frontier is not that before the first entry', null);
    }
    this.#walk = Walk.from(line.size, Buffer.concat(bytesOf(line.hashes)));
    if (this.#walk === null) throw new BundleFault(`a tree of ${line.size} has no such frontier`, null);
    this.#compareHeld(this.#walk);
  }

  takeCheckpoint(checkpoint: OpenedCheckpoint): void {
    const { size, root } = checkpoint;
    const walk = this.#started();
    const consistency = this.#consistency;
    this.#consistency = null;
    const here = BigInt(walk.next);
    if (size < here || size <= (this.#last?.size ?? -1n)) {
      throw new BundleFault(`the checkpoint of size ${size} is out of its place`, null);
    }
    this.#last = checkpoint;
    if (size === here && consistency === null) {
      if (!walk.root().equals(root)) throw new BundleFault(this.#rewritten(size), null);
      return;
    }
    if (consistency === null) {
      throw new BundleFault(`the checkpoint covers ${size} entries: ${missing(walk.next, Number(size))}`, walk.next);
    }
    this.#checkConsistency(consistency, { size, root });
    this.#isBeyond = true;
    this.#held.compare(size, root);
  }

  uncovered(size: bigint | null): number {
    const first = Math.max(this.#manifest.from, Number(size ?? 0n));
    return Math.max(0, this.#size - first);
  }

  end(): void {
    this.#settle();
    const { next } = this.#started();
    const { to } = this.#manifest;
    if (next < to) throw new BundleFault(missing(next, to), next);
  }

  #checkConsistency({ fromSize, hashes }: ConsistencyLine, { size, root }: { size: bigint; root: Buffer }): void {
    const walk = this.#started();
    if (fromSize !== walk.next) {
      throw new BundleFault(
        `the consistency proof is from size ${fromSize} on, and ${walk.next} entries are there`,
        null,
      );
    }
    const fault = findConsistencyFault({
      fromSize: BigInt(fromSize),
      toSize: size,
      fromRoot: walk.root(),
      toRoot: root,
      proof: bytesOf(hashes),
    });
    if (fault !== null) throw new BundleFault(`the entries are not in the tree of the checkpoint: ${fault}`, null);
  }

  /** Nothing but a checkpoint can follow a consistency proof. */
  #settle(): void {
    if (this.#consistency !== null)
      throw new BundleFault('a consistency proof is not followed by its checkpoint', null);
  }

  #started(): Walk {
    if (this.#walk === null)
      throw new BundleFault('the frontier before the first entry is missing', this.#manifest.from);
    return this.#walk;
  }

  /** How many entries the tree has so far. */
  get #size(): number {
    return this.#walk?.next ?? this.#manifest.from;
  }

  #compareHeld(walk: Walk): void {
    const size = BigInt(walk.next);
    if (this.#held.awaits(size)) this.#held.compare(size, walk.root());
  }

  #rewritten(size: bigint): string {
    return `the first ${size} entries are not those the checkpoint was signed for: the tree has another root`;
  }
}
