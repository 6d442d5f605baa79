import { hash, randomBytes } from 'node:crypto';
import { formatCheckpoint } from '../../src/ledger/note/checkpoint.js';
import { formatVerifierKey, type SignerKey, signerKey } from '../../src/ledger/note/key.js';
import { formatNote, signText } from '../../src/ledger/note/signed-note.js';
import { EMPTY_ROOT, foldSubtrees, hashChildren, type NodeId, subtreesOf } from '../../src/ledger/tree/node.js';
import { consistencyRanges, readRanges } from '../../src/ledger/tree/proof.js';

/** A transparency log in memory, with every key and proof at hand. */
export class TestLog {
  readonly key: SignerKey;
  readonly #leaves: Buffer[] = [];

  constructor(origin = `log.example/${randomBytes(4).toString('hex')}`, seed: Buffer = randomBytes(32)) {
    this.key = signerKey(origin, seed, 'note');
  }

  get origin(): string {
    return this.key.name;
  }

  get vkey(): string {
    return formatVerifierKey(this.key);
  }

  get size(): number {
    return this.#leaves.length;
  }

  /** Appends leaves; those of another `history` differ. */
  append(count: number, history = 'honest'): this {
    for (let n = 0; n < count; n += 1) this.#leaves.push(hash('sha256', `\0${history} ${this.size}`, 'buffer'));
    return this;
  }

  /** A log of the same key that tells the first `size` leaves alike, and may go on otherwise. */
  forkAt(size: number): TestLog {
    const fork = new TestLog(this.origin);
    Object.assign(fork, { key: this.key });
    fork.#leaves.push(...this.#leaves.slice(0, size));
    return fork;
  }

  root(size = this.size): Buffer {
    return size === 0
      ? EMPTY_ROOT
      : foldSubtrees(subtreesOf({ from: 0n, to: BigInt(size) }).map((id) => this.#node(id)));
  }

  text(size = this.size): string {
    return formatCheckpoint({ origin: this.origin, size: BigInt(size), root: this.root(size), extensions: [] });
  }

  checkpoint(size = this.size): string {
    const text = this.text(size);
    return formatNote({ text, signatures: [signText(text, this.key)] });
  }

  async proof(from: number, to = this.size): Promise<Buffer[]> {
    if (from === 0 || from === to) return [];
    return readRanges(consistencyRanges(BigInt(from), BigInt(to)), async (ids) => ids.map((id) => this.#node(id)));
  }

  #node({ level, index }: NodeId): Buffer {
    if (level === 0) return this.#leaves[Number(index)] as Buffer;
    const left = { level: level - 1, index: index * 2n };
    return hashChildren(this.#node(left), this.#node({ ...left, index: left.index + 1n }));
  }
}
