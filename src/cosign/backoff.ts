import type { Clock } from '../clock.js';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** What the other side asks for is granted up to this. */
const ASKED_MAX_MS = 600_000;

/** When to try again what failed: after a second, then twice as long each time, up to a minute; each somewhat at random. */
export class Backoff {
  readonly #clock: Clock;
  readonly #waits = new Map<string, { untilMs: number; lengthMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isOver(subject: string): boolean {
    const wait = this.#waits.get(subject);
    return wait === undefined || wait.untilMs <= this.#clock.now();
  }

  /** It failed, and is not to be tried before `askedMs` from now if the other side said so. */
  fail(subject: string, askedMs: number | null = null): void {
    const former = this.#waits.get(subject)?.lengthMs ?? FIRST_MS / 2;
    const lengthMs = Math.min(former * 2, LONGEST_MS);
    const waitMs = Math.max(lengthMs * (0.75 + Math.random() / 2), Math.min(askedMs ?? 0, ASKED_MAX_MS));
    this.#waits.set(subject, { untilMs: this.#clock.now() + waitMs, lengthMs });
  }

  succeed(subject: string): void {
    this.#waits.delete(subject);
  }
}
