import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { MINUTE_MS } from '../time.js';

/** A detector that fails may do so with every decision: it is named this often. */
const EVERY_MS = MINUTE_MS;

/** Says which detectors fail. What they fail at is skipped: others, and what is recorded, do not depend on it. */
export class FailureLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #saidAtMs = new Map<string, number>();

  constructor({ log, clock }: { log: Log; clock: Clock }) {
    this.#log = log;
    this.#clock = clock;
  }

  note(detector: string, fleet: string, error: unknown): void {
    const nowMs = this.#clock.now();
    const saidAtMs = this.#saidAtMs.get(detector);
    if (saidAtMs !== undefined && Math.abs(nowMs - saidAtMs) < EVERY_MS) return;
    this.#saidAtMs.set(detector, nowMs);
    this.#log.error({ detector, fleet, err: String(error) }, 'a detector failed: what it looked at is skipped');
  }
}
