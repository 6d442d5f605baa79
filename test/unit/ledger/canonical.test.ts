import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CanonicalValue, canonicalize, canonicalText } from '../../../src/ledger/canonical.js';

const VECTORS = path.resolve(import.meta.dirname, '../../vectors/jcs');
const refused = expect.objectContaining({ code: 'LEDGER_INTEGRITY' });
/** Decimals are strings in the ledger: what JCS itself would write as a fraction is refused. */
const WITH_FRACTIONS = 'values.json';

test.each(readdirSync(path.join(VECTORS, 'input')))('canonicalises the published vector %s', (name) => {
  const input: CanonicalValue = JSON.parse(readFileSync(path.join(VECTORS, 'input', name), 'utf8'));
  if (name === WITH_FRACTIONS) {
    expect(() => canonicalize(input)).toThrow(refused);
    return;
  }
  expect(canonicalize(input)).toBe(readFileSync(path.join(VECTORS, 'output', name), 'utf8'));
});

const canonicalValue = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000')),
    fc.maxSafeInteger().map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), tie('value'), {
      noNullPrototype: true,
    }) as fc.Arbitrary<CanonicalValue>,
  ),
})).value;

test('what it writes is JSON that says the same', () => {
  fc.assert(
    fc.property(canonicalValue, (value) => {
      expect(JSON.parse(canonicalize(value))).toEqual(value);
    }),
  );
});

test('the order of keys never matters', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), canonicalValue, { noNullPrototype: true }),
      (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalize(reversed)).toBe(canonicalize(object));
      },
    ),
  );
});

test.each<[string, unknown]>([
  ['a lone surrogate', 'a\ud800'],
  ['a lone surrogate in a key', { 'a\udc00': 1 }],
  ['NUL', 'a\u0000b'],
  ['a fraction', 0.5],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['an integer beyond 2^53', 2 ** 53],
  ['negative zero', -0],
  ['a bigint', 1n],
  ['undefined', undefined],
  ['undefined in an object', { a: undefined }],
  ['a hole in an array', [1, undefined]],
  ['a Map', new Map([['a', 1]])],
  ['a Date', new Date(0)],
  ['bytes', new Uint8Array(2)],
  ['a function', () => 1],
  ['nesting without end', nested(40)],
])('refuses %s instead of repairing it', (_what, value) => {
  expect(() => canonicalize(value as CanonicalValue)).toThrow(refused);
});

test('keeps what only looks like trouble: an escaped backslash, a pair of surrogates, decomposed letters', () => {
  expect(canonicalText('\\u0000 \u{1f600} e\u0301')).toBe('"\\\\u0000 \u{1f600} e\u0301"');
  expect(canonicalText(null)).toBe('null');
});

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}
