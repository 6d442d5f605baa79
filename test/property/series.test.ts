import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateDetector } from '../../src/detect/series/rate.js';
import { SeriesDetector } from '../../src/detect/series/series.js';
import type { Verdict } from '../../src/detect/series/verdict.js';

/** About 1,000 numbers of 7 digits, a sign and an exponent. */
const STATE_CHARACTERS_MAX = 16_000;

const value = fc.oneof(
  fc.constant(null),
  fc.double(),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer({ min: 0, max: 3 }),
);
const points = fc.array(fc.tuple(fc.integer({ min: -1e13, max: 1e13 }), value), { minLength: 1, maxLength: 600 });
const intervals = fc.array(
  fc.option(fc.record({ events: fc.integer({ min: -1, max: 60 }), trials: fc.integer({ min: 0, max: 50 }) })),
  { minLength: 1, maxLength: 400 },
);

function expectSound({ score, expected, band, aspect }: Verdict): void {
  expect(score).toBeGreaterThanOrEqual(0);
  expect(score).toBeLessThanOrEqual(1);
  expect(aspect === null).toBe(score === 0);
  expect(expected === null).toBe(band === null);
  if (band === null) return;
  expect(band.low).toBeLessThanOrEqual(band.high);
}

describe('whatever the values', () => {
  it('a series has sound verdicts, and the same after a restart at any point', () => {
    fc.assert(
      fc.property(points, fc.nat(), (all, cut) => {
        const whole = new SeriesDetector();
        let restarted = new SeriesDetector();
        for (const [index, [atMs, observed]] of all.entries()) {
          if (index === cut % all.length) restarted = new SeriesDetector(JSON.parse(JSON.stringify(restarted)));
          const verdict = whole.observe(atMs, observed);
          expectSound(verdict);
          expect(restarted.observe(atMs, observed)).toEqual(verdict);
        }
        expect(JSON.stringify(whole).length).toBeLessThan(STATE_CHARACTERS_MAX);
      }),
      { numRuns: 60 },
    );
  });

  it('a series scores the same in any unit and from any zero', () => {
    const ordinary = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 200, maxLength: 500 });
    const shift = fc.integer({ min: -1_000, max: 1_000 });
    fc.assert(
      fc.property(ordinary, fc.constantFrom(2, 1_024), shift, (values, factor, offset) => {
        const plain = new SeriesDetector();
        const other = new SeriesDetector();
        for (const [index, observed] of values.entries()) {
          const atMs = index * 3_600_000;
          const { score } = plain.observe(atMs, observed);
          expect(other.observe(atMs, observed * factor + offset).score).toBeCloseTo(score, 6);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('a rate has sound verdicts, and the same after a restart at any point', () => {
    fc.assert(
      fc.property(intervals, fc.nat(), (all, cut) => {
        const whole = new RateDetector();
        let restarted = new RateDetector();
        for (const [index, interval] of all.entries()) {
          if (index === cut % all.length) restarted = new RateDetector(JSON.parse(JSON.stringify(restarted)));
          const verdict = whole.observe(interval);
          expectSound(verdict);
          expect(restarted.observe(interval)).toEqual(verdict);
        }
      }),
      { numRuns: 60 },
    );
  });
});
