import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsOf } from '../../src/ingest/metric/buckets.js';
import type { ExponentialHistogramData, HistogramData } from '../../src/ingest/metric/point.js';

/** Not all of them lie below the last bound. */
const BOUNDS = [0.1, 0.5, 1, 5, 25];
const SCALE = 1;
const values = fc.array(fc.oneof(fc.constantFrom(0.5, 1, 30), fc.double({ min: 0.01, max: 400, noNaN: true })), {
  minLength: 1,
  maxLength: 40,
});
const sumOf = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0);

/** What a client says of its values; the extremes if it tells them. */
function recorded(all: readonly number[], { hasExtremes }: { hasExtremes: boolean }) {
  const [min, max] = hasExtremes ? [Math.min(...all), Math.max(...all)] : [null, null];
  return { count: all.length, sum: sumOf(all), min, max };
}

function explicit(all: readonly number[], known: { hasExtremes: boolean }): HistogramData {
  const counts = [...BOUNDS, Number.POSITIVE_INFINITY].map(
    (high, index) => all.filter((value) => value <= high && value > (BOUNDS[index - 1] ?? -1)).length,
  );
  return { kind: 'histogram', ...recorded(all, known), bounds: BOUNDS, counts };
}

function exponential(all: readonly number[], known: { hasExtremes: boolean }): ExponentialHistogramData {
  const offset = -20;
  const counts = Array.from({ length: 60 }, (_, index) => {
    const [low, high] = [offset + index, offset + index + 1].map((each) => 2 ** (each / 2 ** SCALE)) as [
      number,
      number,
    ];
    return all.filter((value) => value > low && value <= high).length;
  });
  return {
    kind: 'exponential',
    ...recorded(all, known),
    scale: SCALE,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset, counts },
    negative: { offset: 0, counts: [] },
  };
}

describe('the values that stand for a histogram’s', () => {
  it.each([
    ['explicit', true],
    ['explicit', false],
    ['exponential', true],
    ['exponential', false],
  ] as const)('%s, extremes told: %s: come to its own count, sum and extremes', (kind, hasExtremes) => {
    fc.assert(
      fc.property(values, (all) => {
        const data = (kind === 'explicit' ? explicit : exponential)(all, { hasExtremes });
        const buckets = bucketsOf(data);
        const standing = buckets.flatMap(([value, count]) => Array<number>(count).fill(value));
        expect(standing).toHaveLength(all.length);
        expect(Math.abs(sumOf(standing) / sumOf(all) - 1)).toBeLessThan(1e-9);
        expect(standing).toEqual(standing.toSorted((left, right) => left - right));
        if (!hasExtremes) return;
        expect(standing[0]).toBe(data.min);
        if (all.length > 1) expect(standing.at(-1)).toBe(data.max);
      }),
      { examples: [[[30, 0.01, 30]], [[0.01, 0.01, 0.11597434066447612]]] },
    );
  });

  it('lie in their buckets', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (all, hasExtremes) => {
        const data = explicit(all, { hasExtremes });
        const standing = bucketsOf(data).flatMap(([value, count]) => Array<number>(count).fill(value));
        const sorted = all.toSorted((left, right) => left - right);
        for (const [place, value] of standing.entries()) {
          const real = sorted[place] as number;
          const high = BOUNDS.find((bound) => real <= bound) ?? Number.POSITIVE_INFINITY;
          const low = BOUNDS.findLast((bound) => real > bound) ?? 0;
          expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-9));
          expect(value).toBeLessThanOrEqual(high * (1 + 1e-9));
        }
      }),
    );
  });

  it('of which none has a bound above lie above their mean, not at the bound below', () => {
    const open = {
      kind: 'histogram' as const,
      count: 10,
      sum: 3_000,
      min: null,
      max: null,
      bounds: [100],
      counts: [0, 10],
    };
    expect(bucketsOf(open)).toEqual([[300, 10]]);
  });

  it('follow the sum where buckets contradict it', () => {
    const wrong = {
      kind: 'histogram' as const,
      count: 2,
      sum: 40,
      min: null,
      max: null,
      bounds: [1, 5],
      counts: [0, 2, 0],
    };
    expect(bucketsOf(wrong)).toEqual([[20, 2]]);
    expect(bucketsOf({ ...wrong, sum: 0 })).toEqual([[0, 2]]);
  });
});
