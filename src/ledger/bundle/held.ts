import { type Checkpoint, parseCheckpoint } from '../note/checkpoint.js';
import { parseNote } from '../note/signed-note.js';
import { BundleFault } from './proof.js';

/** Checkpoints somebody kept: a bundle that continues another history is found out even if its keys and hashes are right. */
export class HeldCheckpoints {
  readonly #waiting: Checkpoint[];

  /** Those of this origin. */
  constructor(notes: readonly string[], origin: string) {
    this.#waiting = notes.map(parseHeld).filter((held) => held?.origin === origin) as Checkpoint[];
  }

  /** Whether one has to be compared with the tree of this size. */
  awaits(size: bigint): boolean {
    return this.#waiting.some((held) => held.size === size);
  }

  /** Compares those of this size with the root that was found. Throws BundleFault when one is of another history. */
  compare(size: bigint, root: Buffer): void {
    for (const held of this.#waiting.filter((one) => one.size === size)) {
      if (!held.root.equals(root)) {
        throw new BundleFault(
          `the first ${size} entries are not those of the checkpoint that was kept: history was rewritten`,
          null,
        );
      }
      this.#waiting.splice(this.#waiting.indexOf(held), 1);
    }
  }

  /** The sizes that could not be compared. */
  get left(): bigint[] {
    return this.#waiting.map(({ size }) => size);
  }
}

/** Reads a kept checkpoint; null when it is none. Its signature is the business of who kept it. */
export function parseHeld(note: string): Checkpoint | null {
  const signed = parseNote(note);
  return signed === null ? null : parseCheckpoint(signed.text);
}
