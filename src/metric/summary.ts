import { addTo, bucketOf, representativeOf, type Sketch, SketchSum, wholeNumberOf } from './sketch.js';

type Bucket = readonly [bucket: number, count: number];

/** One for all summaries, since it is empty between merges. */
const SUM = new SketchSum();

/**
 * What is kept of the values of one measure: count, sum, smallest, largest and a sketch for percentiles. Summaries add up in
 * any order; one of negative count takes values back out. Values are not negative.
 */
export class Summary {
  count = 0;
  sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  readonly #sketch: Sketch = new Map();
  /** The buckets that hold something, in ascending order; null until somebody asks. */
  #filled: readonly Bucket[] | null = null;

  static of(values: readonly number[]): Summary {
    const summary = new Summary();
    for (const value of values) summary.add(value);
    return summary;
  }

  /** `count` values of `value`; a negative count takes them back out. */
  add(value: number, count = 1): void {
    this.count += count;
    this.sum += value * count;
    if (count > 0) this.#widen(value, value);
    this.#addTo(bucketOf(value), count);
  }

  /** Values that are known roughly, as by the buckets of a histogram somebody sent; `sum` where it is known exactly. */
  addBucketed(buckets: readonly (readonly [value: number, count: number])[], sum: number | null): void {
    let added = 0;
    for (const [value, count] of buckets) {
      added += value * count;
      this.add(value, count);
    }
    this.sum += (sum ?? added) - added;
  }

  merge(other: Summary): void {
    this.count += other.count;
    this.sum += other.sum;
    this.#widen(other.#min, other.#max);
    for (const [bucket, count] of other.#sketch) this.#addTo(bucket, count);
  }

  /** The same values, to be taken back out where this is merged. */
  negated(): Summary {
    const negative = new Summary();
    negative.count = -this.count;
    negative.sum = -this.sum;
    for (const [bucket, count] of this.#sketch) negative.#sketch.set(bucket, -count);
    return negative;
  }

  get isEmpty(): boolean {
    return this.count === 0 && this.sum === 0 && this.#sketch.size === 0;
  }

  get avg(): number | null {
    return this.count > 0 ? this.sum / this.count : null;
  }

  /** Exact, unless the smallest was taken back out: then within 1 %. Null when there are no values. */
  get min(): number | null {
    const bucket = this.#filledBuckets()[0]?.[0];
    return bucket === undefined ? null : this.#extreme(this.#min, bucket);
  }

  /** Exact, unless the largest was taken back out: then within 1 %. Null when there are no values. */
  get max(): number | null {
    const bucket = this.#filledBuckets().at(-1)?.[0];
    return bucket === undefined ? null : this.#extreme(this.#max, bucket);
  }

  /**
   * The value below which the part `share` (0 to 1) of all values lies, within 1 %: interpolated between neighbours as
   * PostgreSQL's `percentile_cont` does. Null when there are no values.
   */
  quantile(share: number): number | null {
    return this.#quantile(share, representativeOf);
  }

  /** The same where all values are whole numbers: exact up to 49. */
  wholeQuantile(share: number): number | null {
    return this.#quantile(share, wholeNumberOf);
  }

  #quantile(share: number, numberOf: (bucket: number) => number): number | null {
    const filled = this.#filledBuckets();
    const { min, max } = this;
    if (min === null || max === null) return null;
    const total = filled.reduce((sum, [, count]) => sum + count, 0);
    const rank = share * (total - 1);
    const low = numberOf(bucketAt(filled, Math.floor(rank)));
    const high = numberOf(bucketAt(filled, Math.ceil(rank)));
    const value = low + (high - low) * (rank - Math.floor(rank));
    return Math.min(Math.max(value, min), max);
  }

  #filledBuckets(): readonly Bucket[] {
    this.#filled ??= [...this.#sketch].filter(([, count]) => count > 0).sort(([left], [right]) => left - right);
    return this.#filled;
  }

  #addTo(bucket: number, count: number): void {
    this.#filled = null;
    addTo(this.#sketch, bucket, count);
  }

  #extreme(recorded: number, bucket: number): number {
    return Number.isFinite(recorded) && bucketOf(recorded) === bucket ? recorded : representativeOf(bucket);
  }

  #widen(min: number, max: number): void {
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
  }

  /**
   * Self-delimiting, so that encoded summaries one after another are an encoded list. One value: 0, then the value as a
   * little-endian double. Else: one more than the number of buckets, the count, sum, min and max as doubles, and for each
   * bucket its distance from the one before and its count. Whole numbers are zigzag varints.
   */
  encode(): Uint8Array {
    if (this.count === 1 && this.#sketch.size === 1 && this.#min === this.#max && this.sum === this.#min)
      return encodeSingle(this.#min);
    const buckets = [...this.#sketch].sort(([left], [right]) => left - right);
    const writer = new Writer(40 + buckets.length * 16);
    writer.varint(buckets.length + 1);
    writer.varint(this.count);
    for (const value of [this.sum, this.#min, this.#max]) writer.double(value);
    let previous = 0;
    for (const [bucket, count] of buckets) {
      writer.varint(bucket - previous);
      writer.varint(count);
      previous = bucket;
    }
    return writer.bytes();
  }

  /** Adds every summary of an encoded list. */
  mergeEncoded(bytes: Uint8Array): void {
    const reader = new Reader(bytes);
    try {
      while (reader.hasMore()) this.#mergeNext(reader);
    } finally {
      for (const [bucket, count] of SUM.take()) this.#addTo(bucket, count);
    }
  }

  #mergeNext(reader: Reader): void {
    const buckets = reader.varint() - 1;
    if (buckets < 0) {
      const value = reader.double();
      this.count += 1;
      this.sum += value;
      this.#widen(value, value);
      SUM.add(bucketOf(value), 1);
      return;
    }
    this.count += reader.varint();
    this.sum += reader.double();
    const min = reader.double();
    this.#widen(min, reader.double());
    let bucket = 0;
    for (let left = buckets; left > 0; left -= 1) {
      bucket += reader.varint();
      SUM.add(bucket, reader.varint());
    }
  }
}

function bucketAt(filled: readonly Bucket[], rank: number): number {
  let seen = 0;
  for (const [bucket, count] of filled) {
    seen += count;
    if (rank < seen) return bucket;
  }
  return (filled.at(-1) as Bucket)[0];
}

function encodeSingle(value: number): Uint8Array {
  const writer = new Writer(9);
  writer.varint(0);
  writer.double(value);
  return writer.bytes();
}

class Writer {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** Zigzag: small numbers of either sign are short. Exact within ±2^52. */
  varint(value: number): void {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest >= 0x80) {
      this.#buffer[this.#at] = (rest % 0x80) | 0x80;
      this.#at += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#at] = rest;
    this.#at += 1;
  }

  double(value: number): void {
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  varint(): number {
    const first = this.#bytes[this.#at] as number;
    if (first < 0x80) {
      this.#at += 1;
      return first & 1 ? -(first + 1) / 2 : first / 2;
    }
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#bytes[this.#at] as number;
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
    }
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }
}
