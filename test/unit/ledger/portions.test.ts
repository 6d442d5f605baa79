import { describe, expect, it } from 'vitest';
import { entryPortions } from '../../../src/ledger/portions.js';

const form = (text: string) => text;

describe('a list that entries are to hold', () => {
  it('is in one part where it fits, also one of nothing', () => {
    expect(entryPortions([], form)).toEqual([[]]);
    expect(entryPortions(['a', 'b'], form)).toEqual([['a', 'b']]);
  });

  it('is in as few parts as hold it, in its order, by the bytes of its canonical form', () => {
    for (const character of ['a', 'é', '\u0001']) {
      const items = Array.from({ length: 2_000 }, (_, index) => `${index}${character.repeat(100)}`);
      const parts = entryPortions(items, form);
      expect(parts.flat()).toEqual(items);
      const sizes = parts.map((part) => Buffer.byteLength(JSON.stringify(part)));
      expect(Math.max(...sizes)).toBeLessThan(41_000);
      expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(40_000);
    }
  });

  it('has an item of its own that is longer than a part', () => {
    const long = 'x'.repeat(50_000);
    expect(entryPortions(['a', long, 'b'], form)).toEqual([['a'], [long], ['b']]);
  });
});
