import { findInclusionFault } from '../tree/verify.js';
import type { OpenedCheckpoint } from './checkpoints.js';
import type { ReadEntry } from './entry.js';
import type { HeldCheckpoints } from './held.js';
import { bytesOf, type ManifestLine } from './line.js';
import { BundleFault, type Proof, type ProofLine } from './proof.js';

/** Entries that were chosen: each is shown to be in the tree of one checkpoint, which comes before them. */
export class SelectionProof implements Proof {
  readonly #manifest: ManifestLine;
  readonly #held: HeldCheckpoints;
  #checkpoint: OpenedCheckpoint | null = null;
  #last: { seq: number; hash: string; isSettled: boolean } | null = null;
  #first: number | null = null;
  #unproven = 0;
  #count = 0;

  constructor(manifest: ManifestLine, held: HeldCheckpoints) {
    this.#manifest = manifest;
    this.#held = held;
  }

  readonly next = null;

  get newest(): OpenedCheckpoint | null {
    return this.#checkpoint;
  }

  takeEntry(entry: ReadEntry & { hash: string }): void {
    this.#settle();
    const { seq, hash, previousHash } = entry;
    const { from, to } = this.#manifest;
    if (seq < from || seq >= to) throw new BundleFault('it is not between the ends the manifest names', seq);
    const last = this.#last;
    if (last !== null && seq <= last.seq) throw new BundleFault(`it stands behind entry ${last.seq}`, seq);
    if (last !== null && seq === last.seq + 1 && previousHash !== last.hash) {
      throw new BundleFault('its previousHash is not the hash of the entry before', seq);
    }
    this.#first ??= seq;
    this.#last = { seq, hash, isSettled: false };
    this.#count += 1;
  }

  takeProof(line: ProofLine): void {
    if (line.type !== 'inclusion') throw new BundleFault(`a selection has no ${line.type}`, null);
    const last = this.#last;
    if (last === null || last.isSettled || line.seq !== last.seq) {
      throw new BundleFault(`the inclusion proof of entry ${line.seq} does not follow it`, line.seq);
    }
    if (this.#checkpoint === null) throw new BundleFault('an inclusion proof comes without a checkpoint', line.seq);
    const { size, root } = this.#checkpoint;
    const leaf = Buffer.from(last.hash, 'hex');
    const fault = findInclusionFault({ index: BigInt(last.seq), size, leaf, root, proof: bytesOf(line.hashes) });
    if (fault !== null) throw new BundleFault(`it is not in the tree of the checkpoint: ${fault}`, last.seq);
    last.isSettled = true;
  }

  takeCheckpoint(checkpoint: OpenedCheckpoint): void {
    if (this.#checkpoint !== null || this.#last !== null) {
      throw new BundleFault('a selection has one checkpoint, before its entries', null);
    }
    this.#checkpoint = checkpoint;
    this.#held.compare(checkpoint.size, checkpoint.root);
  }

  uncovered(size: bigint | null): number {
    return size === null ? this.#count : this.#unproven;
  }

  end(): void {
    this.#settle();
    const { from, to } = this.#manifest;
    if (this.#last === null || (this.#first === from && this.#last.seq === to - 1)) return;
    throw new BundleFault(`the first and the last entry are not ${from} and ${to - 1}, as the manifest says`, null);
  }

  /** An entry the checkpoint covers has to come with its proof; one that is newer cannot. */
  #settle(): void {
    if (this.#last === null || this.#last.isSettled) return;
    const { seq } = this.#last;
    if (this.#checkpoint !== null && BigInt(seq) < this.#checkpoint.size) {
      throw new BundleFault('its inclusion proof is missing', seq);
    }
    this.#last.isSettled = true;
    this.#unproven += 1;
  }
}
