/** The range a figure has kept to so far. */
export interface RangeState {
  /** Values seen. */
  count: number;
  low: number | null;
  high: number | null;
}

export interface RangeRule {
  /** Values to see before any is judged. */
  learnCount: number;
  /** After so many values the range has shrunk to half around its middle, so that no single extreme is remembered for ever. */
  halfLife: number;
}

/**
 * Judges a value by the range of those before it: the distance outside, in widths of the range. The distance is relative to
 * the series' own spread, so figures of different units and series compare.
 */
export class Range {
  readonly #learnCount: number;
  readonly #keptShare: number;
  #count: number;
  #low: number;
  #high: number;

  constructor({ learnCount, halfLife }: RangeRule, state: RangeState = { count: 0, low: null, high: null }) {
    this.#learnCount = learnCount;
    this.#keptShare = 0.5 ** (1 / halfLife);
    this.#count = state.count;
    this.#low = state.low ?? Number.POSITIVE_INFINITY;
    this.#high = state.high ?? Number.NEGATIVE_INFINITY;
  }

  get low(): number {
    return this.#low;
  }

  get high(): number {
    return this.#high;
  }

  get isLearned(): boolean {
    return this.#count >= this.#learnCount;
  }

  /** How far the value lies outside, 0 when it does not or while learning; then learns the value. */
  observe(value: number): number {
    const excess = this.isLearned ? this.#excessOf(value) : 0;
    this.#learn(value);
    return excess;
  }

  #excessOf(value: number): number {
    const outside = Math.max(value - this.#high, this.#low - value, 0);
    if (outside === 0) return 0;
    return this.#high > this.#low ? outside / (this.#high - this.#low) : 1;
  }

  #learn(value: number): void {
    if (this.#high > this.#low) {
      const middle = (this.#high + this.#low) / 2;
      const reach = ((this.#high - this.#low) / 2) * this.#keptShare;
      this.#low = middle - reach;
      this.#high = middle + reach;
    }
    this.#low = Math.min(this.#low, value);
    this.#high = Math.max(this.#high, value);
    this.#count += 1;
  }

  toJSON(): RangeState {
    const isEmpty = this.#count === 0;
    return { count: this.#count, low: isEmpty ? null : this.#low, high: isEmpty ? null : this.#high };
  }
}
