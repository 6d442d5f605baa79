import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, RELATIVE_ERROR, representativeOf } from '../../../src/metric/sketch.js';
import { Summary } from '../../../src/metric/summary.js';

const amount = fc.oneof(
  fc.constant(0),
  fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
  fc.integer({ min: 1, max: 1_000_000 }),
);
const amounts = fc.array(amount, { maxLength: 60 });

/** PostgreSQL's `percentile_cont`. */
function exactQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] as number;
  return low + ((sorted[Math.ceil(rank)] as number) - low) * (rank - Math.floor(rank));
}

/** What can be asked of a summary, rounded where the order of addition shows. */
function answers(summary: Summary) {
  const quantiles = [0, 0.5, 0.95, 0.99, 1].map((share) => summary.quantile(share));
  return {
    count: summary.count,
    sum: Number(summary.sum.toPrecision(9)),
    min: summary.min,
    max: summary.max,
    quantiles,
  };
}

const decoded = (...encoded: Uint8Array[]) => {
  const summary = new Summary();
  summary.mergeEncoded(Buffer.concat(encoded));
  return summary;
};

describe('a sketch', () => {
  it('stands for every value within one per cent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), (value) => {
        const distance = Math.abs(representativeOf(bucketOf(value)) - value);
        expect(distance).toBeLessThanOrEqual(value * RELATIVE_ERROR * (1 + 1e-9));
      }),
    );
  });

  it('counts what is too small to matter as zero', () => {
    expect(representativeOf(bucketOf(0))).toBe(0);
    expect(representativeOf(bucketOf(1e-12))).toBe(0);
  });
});

describe('a summary', () => {
  it('answers percentiles within one per cent, and count, sum, extremes exactly', () => {
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 1, maxLength: 80 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const summary = Summary.of(values);
          const exact = exactQuantile(values, share);
          expect(Math.abs((summary.quantile(share) as number) - exact)).toBeLessThanOrEqual(
            exact * RELATIVE_ERROR * 1.001 + 1e-9,
          );
          expect(summary.count).toBe(values.length);
          expect(summary.min).toBe(Math.min(...values));
          expect(summary.max).toBe(Math.max(...values));
          const sum = values.reduce((total, value) => total + value, 0);
          expect(Math.abs(summary.sum - sum)).toBeLessThanOrEqual(sum * 1e-9);
        },
      ),
    );
  });

  it('answers percentiles of small whole numbers exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 49 }), { minLength: 1, maxLength: 80 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          expect(Summary.of(values).wholeQuantile(share)).toBeCloseTo(exactQuantile(values, share), 9);
        },
      ),
    );
    expect(Summary.of([0, 1, 1, 2]).wholeQuantile(0.5)).toBe(1);
  });

  it('is the same however its values are parted, merged and encoded', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 5 }), (parts) => {
        const whole = Summary.of(parts.flat());
        const merged = new Summary();
        for (const part of parts) merged.merge(Summary.of(part));
        expect(answers(merged)).toEqual(answers(whole));
        const encoded = parts.map((part) => Summary.of(part)).filter((part) => !part.isEmpty);
        expect(answers(decoded(...encoded.map((part) => part.encode())))).toEqual(answers(whole));
      }),
    );
  });

  it('forgets what is taken back out', () => {
    fc.assert(
      fc.property(amounts, amounts, (kept, taken) => {
        const summary = Summary.of([...taken, ...kept]);
        summary.mergeEncoded(
          Buffer.concat([...(Summary.of(taken).isEmpty ? [] : [Summary.of(taken).negated().encode()])]),
        );
        const expected = Summary.of(kept);
        expect(summary.count).toBe(expected.count);
        for (const share of [0, 0.5, 1]) {
          const [actual, wanted] = [summary.quantile(share), expected.quantile(share)];
          if (wanted === null) expect(actual).toBeNull();
          else expect(Math.abs((actual as number) - wanted)).toBeLessThanOrEqual(wanted * 0.0205 + 1e-9);
        }
      }),
    );
  });

  it('takes counts beyond 2^32', () => {
    const summary = new Summary();
    summary.addBucketed([[250, 2 ** 40]], 12);
    expect(answers(decoded(summary.encode()))).toMatchObject({ count: 2 ** 40, sum: 12, min: 250, max: 250 });
  });

  it('keeps the sum of one value that is known by its bucket only', () => {
    const summary = new Summary();
    summary.addBucketed([[5, 1]], 7.3);
    expect(decoded(summary.encode()).sum).toBeCloseTo(7.3, 9);
  });

  it('is short: two hundred lognormal values in 320 bytes', () => {
    const values = Array.from({ length: 200 }, (_, index) => {
      const [u, v] = [((index * 7_919) % 200) / 200 + 1 / 400, ((index * 104_729) % 211) / 211 + 1 / 422];
      return Math.exp(6 + 0.5 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
    });
    expect(Summary.of(values).encode().length).toBeLessThanOrEqual(320);
  });

  it('answers nothing of nothing', () => {
    expect(answers(new Summary())).toEqual({
      count: 0,
      sum: 0,
      min: null,
      max: null,
      quantiles: [null, null, null, null, null],
    });
    expect(new Summary().avg).toBeNull();
  });
});
