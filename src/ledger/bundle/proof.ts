import type { OpenedCheckpoint } from './checkpoints.js';
import type { ReadEntry } from './entry.js';
import type { BundleLine } from './line.js';

/** What is wrong with a bundle, and with which entry. */
export class BundleFault extends Error {
  readonly seq: number | null;

  constructor(problem: string, seq: number | null) {
    super(problem);
    this.name = 'BundleFault';
    this.seq = seq;
  }
}

/** The lines that prove something about entries. */
export type ProofLine = Extract<BundleLine, { type: 'frontier' | 'inclusion' | 'consistency' }>;

/** How the entries of a bundle are shown to be in the log. Every method throws BundleFault on what does not fit. */
export interface Proof {
  /** The seq to name when the next entry cannot even be read; null where none can be named, or none is to come. */
  readonly next: number | null;
  /** The last checkpoint that was compared; null while there is none. */
  readonly newest: OpenedCheckpoint | null;
  takeEntry(entry: ReadEntry & { hash: string }): void;
  takeProof(line: ProofLine): void;
  /** Compares a checkpoint with the tree. */
  takeCheckpoint(checkpoint: OpenedCheckpoint): void;
  /** How many entries a checkpoint of this size does not cover; of none, null. */
  uncovered(size: bigint | null): number;
  /** What is left open at the end. */
  end(): void;
}
