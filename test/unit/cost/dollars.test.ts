import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dollarsFromNumber, formatDollars, parseDollars, sumDollars } from '../../../src/cost/dollars.js';

describe('dollars', () => {
  it('are read from decimal text as picodollars', () => {
    expect(parseDollars('1')).toBe(1_000_000_000_000n);
    expect(parseDollars('0.000000000001')).toBe(1n);
    expect(parseDollars('-2.5')).toBe(-2_500_000_000_000n);
  });

  it('cut what is smaller than a picodollar', () => {
    expect(parseDollars('0.0000000000019')).toBe(1n);
  });

  it('come back from text as they were', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (picodollars) => {
        expect(parseDollars(formatDollars(picodollars))).toBe(picodollars);
      }),
    );
  });

  it('have no exponent and no trailing zeros', () => {
    expect(formatDollars(1n)).toBe('0.000000000001');
    expect(formatDollars(1_500_000_000_000n)).toBe('1.5');
    expect(formatDollars(0n)).toBe('0');
  });

  it('round what a client computed with floats', () => {
    expect(dollarsFromNumber(0.009843999999999999)).toBe('0.009844');
    expect(dollarsFromNumber(1e-7)).toBe('0.0000001');
  });

  it('add up without the error of floats', () => {
    expect(sumDollars(['0.1', '0.2', '0.000000000001'])).toBe('0.300000000001');
    expect(sumDollars([])).toBe('0');
  });

  it('refuse numbers that are no price', () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e21].map(dollarsFromNumber)).toEqual([null, null, null, null]);
  });
});
