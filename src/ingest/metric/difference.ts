import type { ExponentialBuckets, ExponentialHistogramData, HistogramData, HistogramLike, PointData } from './point.js';

/**
 * What `current` counts beyond `previous`, both of one cumulative series. Null when it counts less, so that the series must
 * have begun anew, or when the two cannot be compared.
 */
export function differenceOf(current: PointData, previous: PointData): PointData | null {
  if (current.kind === 'sum' && previous.kind === 'sum') {
    const value = current.value - previous.value;
    return value < 0 ? null : { kind: 'sum', value };
  }
  if (current.kind === 'histogram' && previous.kind === 'histogram') return explicitDifference(current, previous);
  if (current.kind === 'exponential' && previous.kind === 'exponential')
    return exponentialDifference(current, previous);
  return null;
}

function explicitDifference(current: HistogramData, previous: HistogramData): HistogramData | null {
  const sameBounds =
    current.bounds.length === previous.bounds.length &&
    current.bounds.every((bound, index) => bound === previous.bounds[index]);
  const counts = sameBounds ? countsLess(current.counts, previous.counts) : null;
  const recorded = recordedLess(current, previous);
  return counts === null || recorded === null
    ? null
    : { kind: 'histogram', ...recorded, bounds: current.bounds, counts };
}

/** The smallest and the largest of all time are those of what was added when they changed. */
function recordedLess(current: HistogramLike, previous: HistogramLike) {
  const count = current.count - previous.count;
  if (count < 0) return null;
  const sum = current.sum === null || previous.sum === null ? null : current.sum - previous.sum;
  return { count, sum, min: changed(current.min, previous.min), max: changed(current.max, previous.max) };
}

function changed(current: number | null, previous: number | null): number | null {
  return current === previous ? null : current;
}

function exponentialDifference(
  current: ExponentialHistogramData,
  previous: ExponentialHistogramData,
): ExponentialHistogramData | null {
  const scale = Math.min(current.scale, previous.scale);
  const now = atScale(current, scale);
  const before = atScale(previous, scale);
  const recorded = recordedLess(current, previous);
  const positive = bucketsLess(now.positive, before.positive);
  const negative = bucketsLess(now.negative, before.negative);
  const zeroCount = current.zeroCount - previous.zeroCount;
  if (recorded === null || positive === null || negative === null || zeroCount < 0) return null;
  return { ...now, ...recorded, zeroCount, positive, negative };
}

/** The same histogram with buckets as wide as those of a lower scale: 2^d neighbours make one. */
function atScale(data: ExponentialHistogramData, scale: number): ExponentialHistogramData {
  const halvings = data.scale - scale;
  if (halvings === 0) return data;
  return { ...data, scale, positive: widened(data.positive, halvings), negative: widened(data.negative, halvings) };
}

function widened({ offset, counts }: ExponentialBuckets, halvings: number): ExponentialBuckets {
  const wide = (index: number) => Math.floor(index / 2 ** halvings);
  const first = wide(offset);
  const merged: number[] = [];
  for (const [index, count] of counts.entries()) {
    const place = wide(offset + index) - first;
    merged[place] = (merged[place] ?? 0) + count;
  }
  return { offset: first, counts: merged };
}

function bucketsLess(current: ExponentialBuckets, previous: ExponentialBuckets): ExponentialBuckets | null {
  const shift = current.offset - previous.offset;
  const outside = previous.counts.some((count, index) => {
    const place = index - shift;
    return count > 0 && (place < 0 || place >= current.counts.length);
  });
  if (outside) return null;
  const counts = current.counts.map((count, index) => count - (previous.counts[index + shift] ?? 0));
  return counts.some((count) => count < 0) ? null : { offset: current.offset, counts };
}

function countsLess(current: readonly number[], previous: readonly number[]): number[] | null {
  if (current.length !== previous.length) return null;
  const counts = current.map((count, index) => count - (previous[index] ?? 0));
  return counts.some((count) => count < 0) ? null : counts;
}
