import { Stamper } from '../timestamp/stamper.js';
import type { Ground } from './ground.js';

/** Whether time-stamps are asked for, and the last was given. */
export type TimestampHealth = 'off' | 'ok' | 'failing';

/** Asks the time-stamping authority of the settings, if there is one. */
export class Timestamping {
  readonly #stamper: Stamper | null;
  readonly #stopped: AbortController;

  private constructor(stamper: Stamper | null, stopped: AbortController) {
    this.#stamper = stamper;
    this.#stopped = stopped;
  }

  /** Rejects with VALIDATION_FAILED when the file with the roots cannot be read. */
  static async open({ settings, database: { pool }, meter, clock, log }: Ground): Promise<Timestamping> {
    const { timestamps } = settings;
    const stopped = new AbortController();
    if (timestamps === null) return new Timestamping(null, stopped);
    // Loaded where there is an authority: most installations have none.
    const { openAuthority } = await import('../timestamp/open-authority.js');
    const authority = openAuthority(timestamps, { clock, stopped: stopped.signal });
    const observe = (outcome: string) => meter.timestampRequests.inc({ outcome });
    const stamper = new Stamper({ pool, authority, everyMs: timestamps.everyMs, observe, clock, log });
    meter.watch('midwatch_timestamp_failing', 'Whether the last time-stamp that was asked for was not given.', () =>
      stamper.trouble === null ? 0 : 1,
    );
    return new Timestamping(stamper, stopped);
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
