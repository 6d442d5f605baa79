/**
 * A mergeable log-bucket histogram with 1 % relative error (DDSketch's layout: Masson, Rim, Lee, PVLDB 12(12), 2019): value v
 * lies in bucket ⌈log_γ v⌉, γ = 1.01 ÷ 0.99. Counts may be negative: what was added can be taken back out.
 */
export const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Smaller values count as zero: a nanosecond in milliseconds, a millionth of a cent in dollars. */
const SMALLEST = 1e-9;
/** The bucket of values that count as zero, below every other. */
const ZERO_BUCKET = Math.ceil(Math.log(SMALLEST) / LOG_GAMMA) - 1;

/** The bucket of the largest number there is. */
const LARGEST_BUCKET = Math.ceil(Math.log(Number.MAX_VALUE) / LOG_GAMMA);

export type Sketch = Map<number, number>;

/** The bucket of a value that is not negative. */
export function bucketOf(value: number): number {
  return value < SMALLEST ? ZERO_BUCKET : Math.ceil(Math.log(value) / LOG_GAMMA);
}

/** The value that stands for a bucket: no value in it is further than 1 % away. */
export function representativeOf(bucket: number): number {
  return bucket === ZERO_BUCKET ? 0 : (2 * GAMMA ** bucket) / (GAMMA + 1);
}

/** Below this a bucket holds one whole number at most. */
const ALONE_BELOW = 0.5 / RELATIVE_ERROR - 0.5;

/** The same where all values are whole numbers: the only one in the bucket, where it is alone there. */
export function wholeNumberOf(bucket: number): number {
  const value = representativeOf(bucket);
  return value < ALONE_BELOW ? Math.round(value) : value;
}

export function addTo(sketch: Sketch, bucket: number, count: number): void {
  const total = (sketch.get(bucket) ?? 0) + count;
  if (total === 0) sketch.delete(bucket);
  else sketch.set(bucket, total);
}

/** Adds up many sketches: a place for every bucket there can be, which is much faster than a map. */
export class SketchSum {
  readonly #counts = new Float64Array(LARGEST_BUCKET - ZERO_BUCKET + 1);
  /** The places in use. */
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  add(bucket: number, count: number): void {
    const place = bucket - ZERO_BUCKET;
    if (place < this.#first) this.#first = place;
    if (place > this.#last) this.#last = place;
    this.#counts[place] = (this.#counts[place] as number) + count;
  }

  /** What was added since the last time, in ascending order. */
  take(): [bucket: number, count: number][] {
    const taken: [number, number][] = [];
    for (let place = this.#first; place <= this.#last; place += 1) {
      const count = this.#counts[place] as number;
      if (count === 0) continue;
      taken.push([place + ZERO_BUCKET, count]);
      this.#counts[place] = 0;
    }
    this.#first = Number.POSITIVE_INFINITY;
    this.#last = Number.NEGATIVE_INFINITY;
    return taken;
  }
}
