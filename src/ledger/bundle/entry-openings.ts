import { commit } from '../commitment.js';
import { digestAt, type ReadEntry } from './entry.js';
import type { OpeningLine } from './line.js';
import { LongChain, sealedChainOf } from './long-chain.js';
import { BundleFault } from './proof.js';

/** Holds what is opened of one entry to what the entry commits to. */
export class EntryOpenings {
  readonly #entry: ReadEntry;
  /** Of an entry that commits to all its steps at once. */
  readonly #chain: LongChain | null;
  readonly #paths = new Set<string>();

  constructor(entry: ReadEntry) {
    this.#entry = entry;
    const sealed = sealedChainOf(entry.payload);
    this.#chain = sealed === null ? null : new LongChain(sealed, entry.seq);
  }

  get seq(): number {
    return this.#entry.seq;
  }

  get count(): number {
    return this.#paths.size;
  }

  /** Throws BundleFault for what the entry does not commit to. */
  take({ path, salt, content }: OpeningLine): void {
    const { payload, seq } = this.#entry;
    if (this.#paths.has(path)) throw new BundleFault(`its ${path} is opened twice`, seq);
    this.#paths.add(path);
    const sealed = digestAt(payload, path);
    const opened = commit(Buffer.from(salt, 'hex'), content);
    if (sealed === null && this.#chain !== null) this.#chain.take(path, opened);
    else if (sealed === null) throw new BundleFault(`it commits to nothing at ${path}`, seq);
    else if (opened !== sealed) throw new BundleFault(`the content at ${path} is not what it commits to`, seq);
  }

  /** Once there are no more. Throws BundleFault when what is committed to at once was opened in part. */
  end(): void {
    this.#chain?.end();
  }
}
