/** Values after an alarm in which only a stronger one is heard. */
const REST_MAX = 90;
/** A series seen for a short time rests for a short time: this part of the values seen. */
const REST_SHARE = 0.03;

export interface RestState {
  /** The number of the value that was last heard, and its score. */
  heardAt: number | null;
  score: number;
}

/** Lets an incident be heard once, and again only as it gets worse. */
export class Rest {
  #heardAt: number;
  #score: number;

  constructor({ heardAt, score }: RestState = { heardAt: null, score: 0 }) {
    this.#heardAt = heardAt ?? Number.NEGATIVE_INFINITY;
    this.#score = score;
  }

  /** The score, or 0 while a higher one is still fresh. `count` is how many values came before. */
  hear(count: number, score: number): number {
    const isResting = count - this.#heardAt <= Math.min(REST_MAX, REST_SHARE * count);
    if (score === 0 || (isResting && score <= this.#score)) return 0;
    this.#heardAt = count;
    this.#score = score;
    return score;
  }

  toJSON(): RestState {
    return { heardAt: Number.isFinite(this.#heardAt) ? this.#heardAt : null, score: this.#score };
  }
}
