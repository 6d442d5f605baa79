import { expect, test } from 'vitest';
import { formatDollars } from '../../../src/cost/dollars.js';
import { parseExactJson, readAmount } from '../../../src/cost/provider/amount.js';

const dollars = (text: string, unit: 'dollar' | 'cent' = 'dollar') => {
  const amount = readAmount(text, unit);
  return amount === null ? null : formatDollars(amount);
};

test('amounts are exact, with exponent or without', () => {
  expect(dollars('0.1')).toBe('0.1');
  expect(dollars('123456789.000000000001')).toBe('123456789.000000000001');
  expect(dollars('1.5e-7')).toBe('0.00000015');
  expect(dollars('2E3')).toBe('2000');
  expect(dollars('-0.06')).toBe('-0.06');
  expect(dollars('0E-6176')).toBe('0');
  expect(dollars('1e-400')).toBe('0');
  expect(dollars('123.78912', 'cent')).toBe('1.2378912');
});

test.each(['', 'NaN', '1,5', '0x10', '1e99', '1'.repeat(31), '.5', '1e-100000'])('%j is no amount', (text) => {
  expect(readAmount(text, 'dollar')).toBeNull();
});

test('numbers of JSON keep their digits and strings stay as they are', () => {
  const text = '{"a":0.1000000000000000055,"b":[-1e-9,12],"c":"1 \\"2\\" 3","d":true,"e":null}';
  expect(parseExactJson(text)).toEqual({
    a: '0.1000000000000000055',
    b: ['-1e-9', '12'],
    c: '1 "2" 3',
    d: true,
    e: null,
  });
});

test.each(['{"a":', '{"a":"1', '"\\', 'nonsense', ''])('%j is no JSON', (text) => {
  expect(() => parseExactJson(text)).toThrow(SyntaxError);
});

test('a hostile body does not take long', () => {
  const startedMs = performance.now();
  expect(() => parseExactJson('"\\'.repeat(500_000))).toThrow(SyntaxError);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
