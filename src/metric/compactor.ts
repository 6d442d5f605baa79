import type { Pool } from '../db/pool.js';
import type { Log } from '../log.js';
import { compactRollups } from './compact.js';

const EVERY_MS = 10_000;

/** Compacts again and again, one run at a time, until it is stopped. */
export class Compactor {
  readonly #pool: Pool;
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(pool: Pool, log: Log) {
    this.#pool = pool;
    this.#log = log;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#run().then(() => {
        if (this.#timer !== null) this.start();
      });
    }, EVERY_MS);
  }

  /** Resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await compactRollups(this.#pool);
    } catch (error) {
      // What was not moved still counts: it is read as it lies.
      this.#log.warn({ err: String(error) }, 'figures were not compacted: trying again later');
    }
  }
}
