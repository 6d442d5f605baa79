import type { ExponentialHistogramData, HistogramData, HistogramLike } from './point.js';

/** A value that stands for a bucket's values, and how many there are. */
export type Bucket = readonly [value: number, count: number];

/** What adding the client's values and subtracting them again may cost, as a share: no contradiction of the buckets. */
const ROUNDING = 1e-12;

/** Where a bucket's values lie. */
interface Range {
  low: number;
  /** Infinite for the last bucket of explicit bounds when no largest value is known. */
  high: number;
  count: number;
  /** What stands for them as long as nothing else is known. */
  middle: number;
}

/**
 * The filled buckets of a histogram of what cannot be negative, in ascending order, so that they come to what the histogram
 * says of itself: the smallest and the largest value stand for themselves where those are known, and the others lie where
 * they add up to the sum, each within its bucket. Without a sum they lie in the geometric middles. A sum that the buckets
 * cannot reach is believed rather than the buckets.
 */
export function bucketsOf(data: HistogramLike): Bucket[] {
  const least = data.min === null ? null : Math.max(data.min, 0);
  const most = data.max === null ? null : Math.max(data.max, least ?? 0);
  const all = data.kind === 'histogram' ? explicitRanges(data) : exponentialRanges(data);
  const ranges = all.map((range) => within(range, least ?? 0, most ?? Number.POSITIVE_INFINITY));
  const lowest = takeOne(ranges[0], least);
  const highest = takeOne(
    ranges.findLast(({ count }) => count > 0),
    most,
  );
  const left = ranges.filter(({ count }) => count > 0);
  const sum = data.sum === null ? null : data.sum - total(lowest) - total(highest);
  return [...lowest, ...(sum === null || sum < 0 ? left.map(atMiddle) : placed(left, sum)), ...highest];
}

function explicitRanges({ bounds, counts, count }: HistogramData): Range[] {
  if (counts.length === 0) return count === 0 ? [] : [rangeOf(0, Number.POSITIVE_INFINITY, count)];
  return counts.flatMap((inBucket, index) => {
    if (inBucket === 0) return [];
    return [rangeOf(Math.max(bounds[index - 1] ?? 0, 0), bounds[index] ?? Number.POSITIVE_INFINITY, inBucket)];
  });
}

function exponentialRanges({ scale, zeroCount, zeroThreshold, positive, negative }: ExponentialHistogramData): Range[] {
  const nothing = zeroCount + negative.counts.reduce((sum, count) => sum + count, 0);
  const width = 2 ** -scale;
  const bound = (index: number) => 2 ** ((positive.offset + index) * width);
  const filled = positive.counts.flatMap((count, index): Range[] =>
    count === 0 ? [] : [{ low: bound(index), high: bound(index + 1), count, middle: bound(index + 0.5) }],
  );
  return nothing === 0 ? filled : [{ low: 0, high: zeroThreshold, count: nothing, middle: 0 }, ...filled];
}

/** The first bucket reaches down to nothing and the last one up without end: their middle is half the one bound, or it. */
function rangeOf(low: number, high: number, count: number): Range {
  if (high === Number.POSITIVE_INFINITY) return { low, high, count, middle: low };
  if (high <= low) return { low: Math.max(high, 0), high: Math.max(high, 0), count, middle: Math.max(high, 0) };
  return { low, high, count, middle: low > 0 ? Math.sqrt(low * high) : high / 2 };
}

/** What of the range lies between the smallest and the largest value. */
function within({ low, high, count, middle }: Range, least: number, most: number): Range {
  if (low >= least && high <= most) return { low, high, count, middle };
  const cut = (value: number) => Math.min(Math.max(value, least), most);
  return rangeOf(cut(low), cut(high), count);
}

/** Takes one value of the range out, which is known to be `value`. */
function takeOne(range: Range | undefined, value: number | null): Bucket[] {
  if (range === undefined || value === null || range.count === 0) return [];
  range.count -= 1;
  return [[value, 1]];
}

/** Moves the values from the middles of their buckets, all by the same part of the way, until they add up to the sum. */
function placed(ranges: readonly Range[], sum: number): Bucket[] {
  const missing = sum - total(ranges.map(atMiddle));
  const last = ranges.at(-1);
  if (missing > 0 && last?.high === Number.POSITIVE_INFINITY) {
    const rest = last.middle + missing / last.count;
    return [...ranges.slice(0, -1).map(atMiddle), [rest, last.count]];
  }
  const roomOf = ({ low, high, middle }: Range) => (missing > 0 ? high - middle : low - middle);
  const room = ranges.reduce((all, range) => all + roomOf(range) * range.count, 0);
  const part = room === 0 ? 0 : Math.min(missing / room, 1);
  const moved = ranges.map((range): Bucket => {
    const value = range.middle + roomOf(range) * part;
    return [Math.min(Math.max(value, range.low), range.high), range.count];
  });
  const isReached = Math.abs(sum - total(moved)) <= ROUNDING * Math.abs(sum);
  return isReached ? moved : stretched(moved, sum);
}

function stretched(buckets: readonly Bucket[], sum: number): Bucket[] {
  const reached = total(buckets);
  if (reached === 0) {
    const count = buckets.reduce((all, [, each]) => all + each, 0);
    return count === 0 ? [] : [[sum / count, count]];
  }
  return buckets.map(([value, count]) => [value * (sum / reached), count]);
}

function atMiddle({ middle, count }: Range): Bucket {
  return [middle, count];
}

function total(buckets: readonly Bucket[]): number {
  return buckets.reduce((sum, [value, count]) => sum + value * count, 0);
}
