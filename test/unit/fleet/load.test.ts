import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { giniOf } from '../../../src/fleet/load.js';

describe('the skew of a load', () => {
  it('is 0 when all do alike and nearly 1 when one does everything', () => {
    expect(giniOf([5, 5, 5, 5])).toBeCloseTo(0);
    expect(giniOf([0, 0, 0, 100])).toBeCloseTo(0.75);
    expect(giniOf([])).toBeNull();
    expect(giniOf([0, 0])).toBeNull();
  });

  it('is half the mean difference relative to the mean, whatever the order and the unit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 9 }),
        (amounts, unit) => {
          const total = amounts.reduce((sum, amount) => sum + amount, 0);
          fc.pre(total > 0);
          const differences = amounts.flatMap((left) => amounts.map((right) => Math.abs(left - right)));
          const expected = differences.reduce((sum, each) => sum + each, 0) / (2 * amounts.length * total);
          expect(giniOf(amounts)).toBeCloseTo(expected, 9);
          expect(giniOf([...amounts].reverse().map((amount) => amount * unit))).toBeCloseTo(expected, 9);
        },
      ),
    );
  });
});
