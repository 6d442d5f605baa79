import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateApiKey, hashApiKey, isWellFormedApiKey, looksLikeApiKey } from '../../../src/access/api-key.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('an API key', () => {
  it('is mw_, 40 random characters and a checksum that fits', () => {
    const keys = Array.from({ length: 500 }, generateApiKey);
    for (const key of keys) {
      expect(key).toMatch(/^mw_[0-9A-Za-z]{46}$/);
      expect(looksLikeApiKey(key)).toBe(true);
      expect(isWellFormedApiKey(key)).toBe(true);
    }
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has the CRC32 of all before it as its last six characters', () => {
    // Computed with Python's zlib: 0x82ca9ce6.
    expect(isWellFormedApiKey(`mw_${'0'.repeat(40)}2OV7xu`)).toBe(true);
    expect(isWellFormedApiKey(`mw_${'0'.repeat(40)}000000`)).toBe(false);
  });

  it('is known for mistyped when any one character is changed', () => {
    const key = generateApiKey();
    fc.assert(
      fc.property(fc.integer({ min: 3, max: key.length - 1 }), fc.constantFrom(...BASE62), (index, character) => {
        fc.pre(key[index] !== character);
        expect(isWellFormedApiKey(key.slice(0, index) + character + key.slice(index + 1))).toBe(false);
      }),
    );
  });

  it('is known for mistyped when two neighbours are swapped', () => {
    const key = generateApiKey();
    for (let index = 3; index < key.length - 1; index++) {
      const swapped = key.slice(0, index) + key[index + 1] + key[index] + key.slice(index + 2);
      expect(isWellFormedApiKey(swapped)).toBe(swapped === key);
    }
  });

  it.each(['', 'mw_', 'mw_short', `${generateApiKey()}0`, ` ${generateApiKey()}`, `${generateApiKey()}\n`])(
    'is not %j',
    (text) => {
      expect(isWellFormedApiKey(text)).toBe(false);
    },
  );

  it('is stored as its SHA-256', () => {
    expect(hashApiKey('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
