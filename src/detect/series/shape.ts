/** Values averaged into one point of a shape. */
const STRIDE = 8;
/** Points of a shape: 64 values. */
const POINTS = 8;
/** Points remembered: 1,600 values, five and a half days of five minutes. */
const REMEMBERED = 200;
/** Enough for a distance, and half as long to write down. */
const DIGITS = 7;

export interface ShapeState {
  /** The sum and number of values not yet averaged. */
  sum: number;
  count: number;
  /** Averages, oldest first. */
  points: number[];
}

/**
 * How unlike the last 64 values are to any 64 before them: the distance to the nearest neighbour among the remembered
 * windows, as in nearest-neighbour anomaly detection, on averages of eight.
 */
export class Shape {
  #sum: number;
  #count: number;
  readonly #points: number[];

  constructor({ sum, count, points }: ShapeState = { sum: 0, count: 0, points: [] }) {
    this.#sum = sum;
    this.#count = count;
    this.#points = [...points];
  }

  /** The distance, in the units of the values, with every eighth value; null with the others and without a past. */
  observe(value: number): number | null {
    this.#sum += value;
    this.#count += 1;
    if (this.#count < STRIDE) return null;
    this.#points.push(Number((this.#sum / STRIDE).toPrecision(DIGITS)));
    if (this.#points.length > REMEMBERED + POINTS) this.#points.shift();
    this.#sum = 0;
    this.#count = 0;
    return this.#points.length < 2 * POINTS ? null : Math.sqrt(this.#nearest() / POINTS);
  }

  /** The least sum of squares between the last window and those that end before it begins. */
  #nearest(): number {
    const last = this.#points.length - POINTS;
    let nearest = Number.POSITIVE_INFINITY;
    for (let start = 0; start + POINTS <= last; start += 1) {
      nearest = Math.min(nearest, this.#distance(start, last, nearest));
    }
    return nearest;
  }

  /** Stops adding up once it is no longer the nearest. */
  #distance(start: number, last: number, limit: number): number {
    let sum = 0;
    for (let point = 0; point < POINTS && sum < limit; point += 1) {
      sum += ((this.#points[start + point] ?? 0) - (this.#points[last + point] ?? 0)) ** 2;
    }
    return sum;
  }

  toJSON(): ShapeState {
    return { sum: this.#sum, count: this.#count, points: [...this.#points] };
  }
}
