import { createHash, hash } from 'node:crypto';

/** So many hex digests at once, since each update is a call into native code. */
const BATCH = 1_024;

/**
 * What tells that no line of a bundle was lost or changed on the way: hex SHA-256 over the hex digests of all lines before
 * the end, one after another. A line's digest is SHA-256 of its bytes without the newline; that of an entry is the entry's
 * own hash, so that its bytes are hashed once. Who changes a bundle on purpose can make it anew: it proves nothing.
 */
export class LineDigest {
  readonly #hash = createHash('sha256');
  #pending = '';
  #count = 0;

  takeLine(line: Buffer | string): void {
    this.takeHash(hash('sha256', line, 'hex'));
  }

  /** Of an entry: its hash. */
  takeHash(digits: string): void {
    this.#pending += digits;
    this.#count += 1;
    if (this.#count % BATCH === 0) this.#flush();
  }

  end(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#pending, 'latin1');
    this.#pending = '';
  }
}
