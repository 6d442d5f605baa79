import type { Clock } from '../clock.js';

export interface RecentOptions {
  /** Counted from when an answer was asked for, so that it is never older. */
  ageMaxMs: number;
  entriesMax: number;
  clock: Clock;
}

/**
 * Answers of the database that are asked for with every request, kept for a moment. Absence is not kept: what was just
 * created is there at once.
 */
export class Recent<Answer> {
  readonly #options: RecentOptions;
  /** In order of insertion, which is the order of expiry. */
  readonly #entries = new Map<string, { answer: Promise<Answer | null>; untilMs: number }>();

  constructor(options: RecentOptions) {
    this.#options = options;
  }

  /** The kept answer or a new one; callers at the same time share one question. Null when there is none. */
  get(key: string, ask: () => Promise<Answer | null>): Promise<Answer | null> {
    const nowMs = this.#options.clock.now();
    const known = this.#entries.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.answer;
    const entry = { answer: ask(), untilMs: nowMs + this.#options.ageMaxMs };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#evict();
    const forget = () => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    entry.answer.then((answer) => answer ?? forget(), forget);
    return entry.answer;
  }

  #evict(): void {
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.entriesMax && oldest !== undefined) this.#entries.delete(oldest);
  }
}
