import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../../src/ingest/metric/difference.js';
import { resourceKey, seriesKey } from '../../../src/ingest/metric/identity.js';
import type { ExponentialHistogramData, HistogramData, PointData } from '../../../src/ingest/metric/point.js';
import {
  advanceCumulative,
  advanceDelta,
  type CumulativeState,
  type DeltaState,
} from '../../../src/ingest/metric/series.js';
import { decoded, pointAt, pointOf } from '../../support/otlp-metrics.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T = 1_795_000_000_000;

interface Sent {
  start: number;
  time: number;
  value: number;
}

/** What each of the points adds, in the order they come; null for nothing. */
function addedBy(points: readonly Sent[], heardSinceMs: number | null = null): (number | null)[] {
  let state: CumulativeState | null = null;
  return points.map(({ start, time, value }) => {
    const advance = advanceCumulative(
      state,
      pointOf({ kind: 'sum', value }, { startMs: start, timeMs: time }),
      heardSinceMs,
    );
    state = advance.state;
    return countOf(advance.added);
  });
}

const countOf = (data: PointData | null) => (data?.kind === 'sum' ? data.value : null);

describe('a cumulative series', () => {
  it('adds what it grew by', () => {
    const points = [5, 9, 9, 20].map((value, index) => ({ start: T, time: T + (index + 1) * MINUTE, value }));
    expect(addedBy(points)).toEqual([5, 4, 0, 11]);
  });

  it('adds nothing when a point comes again or late', () => {
    const first = { start: T, time: T + MINUTE, value: 5 };
    const second = { start: T, time: T + 2 * MINUTE, value: 8 };
    expect(addedBy([first, first, second, first, second])).toEqual([5, null, 3, null, null]);
  });

  it('counts whole after it began anew: by its start, or by a value that fell', () => {
    expect(
      addedBy([
        { start: T, time: T + MINUTE, value: 50 },
        { start: T + 90_000, time: T + 2 * MINUTE, value: 60 },
        { start: T + 90_000, time: T + 3 * MINUTE, value: 7 },
        { start: T + 90_000, time: T + 4 * MINUTE, value: 9 },
      ]),
    ).toEqual([50, 60, 7, 2]);
  });

  it('tells two writers of one identity apart by when they began', () => {
    const writer = (start: number, value: number, minute: number) => ({ start, time: T + minute * MINUTE, value });
    const points = [
      writer(T, 100, 10),
      writer(T + 1, 5, 10),
      writer(T, 110, 11),
      writer(T + 1, 6, 11),
      writer(T, 111, 12),
    ];
    expect(addedBy(points)).toEqual([100, 5, 10, 1, 1]);
  });

  it('of which nobody saw the beginning only starts to count', () => {
    const old = T - 3 * HOUR;
    const points = [
      { start: old, time: T, value: 9_000 },
      { start: old, time: T + MINUTE, value: 9_010 },
    ];
    expect(addedBy(points)).toEqual([null, 10]);
  });

  it('counts whole when its resource was heard of before without it, and not when both came at once', () => {
    const old = { start: T - 3 * HOUR, time: T, value: 12 };
    expect(addedBy([old], T - MINUTE)).toEqual([12]);
    expect(addedBy([old], T - 10)).toEqual([null]);
  });

  it('without a start goes by its values', () => {
    const points = [0, 1, 2, 3].map((index) => ({
      start: 0,
      time: T + index * MINUTE,
      value: [40, 45, 3, 4][index] as number,
    }));
    expect(addedBy(points)).toEqual([null, 5, 3, 1]);
    const restarted = [
      { start: T, time: T, value: 40 },
      { start: T, time: T + MINUTE, value: 45 },
      { start: T + 2 * MINUTE, time: T + 2 * MINUTE, value: 47 },
      { start: T + 2 * MINUTE, time: T + 3 * MINUTE, value: 50 },
    ];
    expect(addedBy(restarted)).toEqual([null, 5, 2, 3]);
  });

  it('remembers a bounded number of writers', () => {
    let state: CumulativeState | null = null;
    for (let index = 0; index < 50; index += 1) {
      const point = pointOf({ kind: 'sum', value: 1 }, { startMs: T + index, timeMs: T + MINUTE + index });
      ({ state } = advanceCumulative(state, point, null));
    }
    expect(state?.writers).toHaveLength(16);
  });
});

describe('a delta series', () => {
  const send = (points: readonly Sent[]) => {
    let state: DeltaState | null = null;
    return points.map(({ start, time, value }) => {
      const advance = advanceDelta(
        state,
        pointOf({ kind: 'sum', value }, { startMs: start, timeMs: time, temporality: 'delta' }),
      );
      state = advance.state;
      return countOf(advance.added);
    });
  };

  it('adds each point once, in whatever order they come', () => {
    const first = { start: T, time: T + MINUTE, value: 5 };
    const second = { start: T + MINUTE, time: T + 2 * MINUTE, value: 8 };
    const other = { start: T + 1, time: T + MINUTE + 1, value: 2 };
    expect(send([second, first, second, other, first])).toEqual([8, 5, null, 2, null]);
  });

  it('takes what is older than all it remembers for known', () => {
    const points = Array.from({ length: 100 }, (_, index) => ({ start: T + index, time: T + index + 1, value: 1 }));
    const [oldest] = points;
    expect(send([...points, oldest as Sent]).at(-1)).toBeNull();
  });
});

describe('the difference of histograms', () => {
  const histogram = (counts: number[], rest: Partial<HistogramData> = {}): HistogramData => ({
    kind: 'histogram',
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: 10,
    min: null,
    max: null,
    bounds: [1, 2],
    counts,
    ...rest,
  });

  it('is that of each bucket, and an extreme that changed', () => {
    const now = histogram([3, 1, 1], { sum: 25, min: 0.5, max: 9 });
    const before = histogram([1, 1, 0], { sum: 10, min: 0.5, max: 1.5 });
    expect(differenceOf(now, before)).toEqual(histogram([2, 0, 1], { sum: 15, min: null, max: 9 }));
  });

  it('is none when a bucket fell or the bounds changed', () => {
    expect(differenceOf(histogram([1, 5, 0]), histogram([2, 0, 0]))).toBeNull();
    expect(differenceOf(histogram([3, 3, 3]), histogram([1, 1, 1], { bounds: [1, 3] }))).toBeNull();
  });

  const exponential = (scale: number, offset: number, counts: number[], zeroCount = 0): ExponentialHistogramData => ({
    kind: 'exponential',
    count: zeroCount + counts.reduce((sum, count) => sum + count, 0),
    sum: null,
    min: null,
    max: null,
    scale,
    zeroCount,
    zeroThreshold: 0,
    positive: { offset, counts },
    negative: { offset: 0, counts: [] },
  });

  it('is taken at the lower of two scales', () => {
    // Indices −3 … 2 at scale 1 are −2, −1, −1, 0, 0, 1 at scale 0.
    const before = exponential(1, -3, [1, 1, 1, 1, 1, 1]);
    const now = exponential(0, -3, [4, 2, 3, 2, 5], 2);
    expect(differenceOf(now, before)).toMatchObject({
      count: 12,
      zeroCount: 2,
      scale: 0,
      positive: { offset: -3, counts: [4, 1, 1, 0, 4] },
    });
  });

  it('is none when what was counted is gone', () => {
    expect(differenceOf(exponential(0, 5, [9]), exponential(0, 0, [1]))).toBeNull();
    expect(differenceOf(exponential(0, 0, [9]), exponential(0, 0, [1], 1))).toBeNull();
  });
});

describe('the identity of a series', () => {
  const keyOf = (attributes: Record<string, string>, metric: object = {}, resource?: Record<string, string>) => {
    const sum = {
      dataPoints: [{ ...pointAt(T, attributes), asInt: '1' }],
      aggregationTemporality: 1,
      isMonotonic: true,
    };
    const [point] = decoded([{ name: 'm', unit: 's', sum, ...metric }], resource).points;
    return point === undefined ? '' : seriesKey(point);
  };

  it('is the same in whatever order attributes come, and another with any difference', () => {
    const own = keyOf({ a: '1', b: '2' });
    expect(keyOf({ b: '2', a: '1' })).toBe(own);
    const others = [
      keyOf({ a: '1' }),
      keyOf({ a: '1', b: '3' }),
      keyOf({ a: '1', b: '2' }, { unit: 'ms' }),
      keyOf({ a: '1', b: '2' }, {}, { x: 'y' }),
    ];
    expect(new Set([own, ...others]).size).toBe(5);
  });

  it('tells types apart', () => {
    expect(resourceKey(new Map([['a', 1]]))).not.toBe(resourceKey(new Map([['a', '1']])));
  });
});
