import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCanonical } from '../../../../src/ledger/bundle/strict-json.js';
import { type CanonicalValue, canonicalize } from '../../../../src/ledger/canonical.js';

const read = (text: string | Buffer) => readCanonical(Buffer.from(text));

describe('canonical bytes', () => {
  it.each([
    ['a duplicate key', '{"a":1,"a":1}', 'duplicate'],
    ['a duplicate key of different values', '{"a":1,"a":2}', 'duplicate'],
    ['a duplicate key, once escaped', '{"a":1,"\\u0061":2}', 'escape'],
    ['keys that are not sorted', '{"b":1,"a":2}', 'sorted'],
    ['keys sorted by code points, not units', '{"\ufb33":1,"\u{1f600}":2}', 'sorted'],
    ['white space', '{"a": 1}', 'value'],
    ['white space before', ' 1', 'value'],
    ['white space after', '1\n', 'after the end'],
    ['a second value', '1 2', 'after the end'],
    ['a fraction', '1.5', 'integer'],
    ['an exponent', '1e2', 'integer'],
    ['an integral fraction', '1.0', 'integer'],
    ['negative zero', '-0', 'zero'],
    ['a leading zero', '01', 'zero'],
    ['a plus', '+1', 'value'],
    ['a number beyond 2^53−1', '9007199254740992', '2^53'],
    ['a number below −(2^53−1)', '-9007199254740992', '2^53'],
    ['a number that is rounded to one within', '9007199254740993', '2^53'],
    ['a number of many digits', '1'.repeat(400), '2^53'],
    ['NaN', 'NaN', 'value'],
    ['a lone surrogate', '"\\ud800"', 'surrogate'],
    ['an escaped pair', '"\\ud83d\\ude00"', 'surrogate'],
    ['NUL', '"\\u0000"', 'NUL'],
    ['a NUL byte', '"\u0000"', 'control'],
    ['a tab', '"\t"', 'control'],
    ['a needless escape', '"\\/"', 'escape'],
    ['an escape in capitals', '"\\u001F"', 'escape'],
    ['a long escape for a short one', '"\\u000a"', 'escape'],
    ['an end in a string', '"abc', 'end'],
    ['an end in an escape', '"\\', 'escape'],
    ['an end in an array', '[1,', 'end'],
    ['a comma too many', '[1,]', 'value'],
    ['a comma too many in an object', '{"a":1,}', 'key'],
    ['nothing', '', 'end'],
    ['a comment', '/**/1', 'value'],
    ['a byte order mark', '\ufeff1', 'value'],
    ['deep nesting', '['.repeat(100_000), 'deeper'],
  ])('are not %s', (_what, text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });

  it.each([
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0x80, 0x22]],
    ['half a character', [0x22, 0xc3, 0x22]],
  ])('are no %s', (_what, bytes) => {
    expect(() => read(Buffer.from(bytes))).toThrow('UTF-8');
  });

  it('are read as what they were made of', () => {
    const value = fc.letrec<{ value: CanonicalValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('\u0000')),
        fc.maxSafeInteger(),
        fc.constantFrom(0, 2 ** 53 - 1, 1 - 2 ** 53, '__proto__', '"\\\b\f\n\r\t\u001f\u007f\u2028'),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(
          fc.string({ unit: 'binary' }).filter((text) => !text.includes('\u0000')),
          tie('value'),
        ),
      ),
    })).value;
    fc.assert(
      fc.property(value, (made) => {
        const text = canonicalize(made);
        expect(canonicalize(read(text))).toBe(text);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('are the only bytes that are read: whatever is read is written the same again', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b"',
      '1',
      '-',
      '0',
      'true',
      'null',
      '\\',
      '\\n',
      '\\u001f',
      'é',
      ' ',
      '9007199254740991',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let value: CanonicalValue;
        try {
          value = read(text);
        } catch {
          return;
        }
        expect(canonicalize(value)).toBe(text);
      }),
      { numRuns: 20_000 },
    );
  });

  const suite = path.resolve(import.meta.dirname, '../../../../../shared/data/vectors/json/JSONTestSuite/test_parsing');
  it.skipIf(!existsSync(suite))('are none of what JSONTestSuite says no parser may take', () => {
    const files = readdirSync(suite);
    for (const file of files) {
      const bytes = readFileSync(path.join(suite, file));
      if (file.startsWith('n_')) expect(() => read(bytes), file).toThrow();
      else {
        try {
          expect(canonicalize(read(bytes)), file).toBe(bytes.toString());
        } catch (error) {
          expect((error as Error).name, file).toBe('FormFault');
        }
      }
    }
    expect(files.length).toBeGreaterThan(300);
  });
});
