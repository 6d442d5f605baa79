import type { Clock } from '../../clock.js';

/** Enough for a client that opens all its subscriptions at once, several times. */
const BURST = 250;
const PER_SECOND = 50;

/** How many messages a client may send: a bucket that refills while it is silent. */
export class MessageBudget {
  readonly #clock: Clock;
  #left = BURST;
  #atMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.now();
  }

  /** Whether there was one left. */
  spend(): boolean {
    const nowMs = this.#clock.now();
    const refilled = (Math.max(0, nowMs - this.#atMs) / 1_000) * PER_SECOND;
    this.#left = Math.min(BURST, this.#left + refilled) - 1;
    this.#atMs = nowMs;
    return this.#left >= 0;
  }
}
