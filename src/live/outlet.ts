import type { Writable } from 'node:stream';

/** A connection with more than this unsent gets nothing that is shared until it has caught up. */
const BEHIND_BYTES = 256 * 1024;
/** A connection with more than this unsent is beyond help. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** A connection that was behind and took nothing more for this long is beyond help too. */
const STALL_MS = 10_000;

/** Where a connection's bytes go, and how far the network has taken them. */
export class Outlet {
  readonly #stream: Writable;
  readonly #onTooSlow: () => void;
  #drained: Promise<void> | null = null;

  /** `onTooSlow` is called, perhaps more than once, when the connection should be ended. */
  constructor(stream: Writable, onTooSlow: () => void) {
    this.#stream = stream;
    this.#onTooSlow = onTooSlow;
  }

  get isBehind(): boolean {
    return this.#stream.writableLength > BEHIND_BYTES;
  }

  /** To be called after each write that did not ask first whether the connection is behind. */
  checkUnsent(): void {
    if (this.#stream.writableLength > UNSENT_BYTES_MAX) this.#onTooSlow();
  }

  /** Resolves when the connection can take more, or is gone. */
  drained(): Promise<void> {
    if (!this.#stream.writableNeedDrain) return Promise.resolve();
    this.#drained ??= this.#waitForDrain().finally(() => {
      this.#drained = null;
    });
    return this.#drained;
  }

  #waitForDrain(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      let unsentBytes = stream.writableLength;
      const stall = setInterval(() => {
        if (stream.writableLength >= unsentBytes) this.#onTooSlow();
        unsentBytes = stream.writableLength;
      }, STALL_MS);
      const done = () => {
        clearInterval(stall);
        stream.off('drain', done).off('close', done);
        resolve();
      };
      stream.once('drain', done).once('close', done);
    });
  }
}
