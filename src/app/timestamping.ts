import { openAuthority } from '../timestamp/open-authority.js';
import { Stamper } from '../timestamp/stamper.js';
import type { Ground } from './ground.js';

/** Whether time-stamps are asked for, and the last was given. */
export type TimestampHealth = 'off' | 'ok' | 'failing';

/** Asks the time-stamping authority of the settings, if there is one. */
export class Timestamping {
  readonly #stopped = new AbortController();
  readonly #stamper: Stamper | null;

  /** Throws VALIDATION_FAILED when the file with the roots cannot be read. */
  constructor({ settings, database: { pool }, meter, clock, log }: Ground) {
    const { timestamps } = settings;
    if (timestamps === null) {
      this.#stamper = null;
      return;
    }
    const { everyMs } = timestamps;
    const authority = openAuthority(timestamps, { clock, stopped: this.#stopped.signal });
    const observe = (outcome: string) => meter.timestampRequests.inc({ outcome });
    const stamper = new Stamper({ pool, authority, everyMs, observe, clock, log });
    this.#stamper = stamper;
    meter.watch('midwatch_timestamp_failing', 'Whether the last time-stamp that was asked for was not given.', () =>
      stamper.trouble === null ? 0 : 1,
    );
  }

  get health(): TimestampHealth {
    if (this.#stamper === null) return 'off';
    return this.#stamper.trouble === null ? 'ok' : 'failing';
  }

  start(): void {
    this.#stamper?.start();
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#stamper?.stop();
  }
}
