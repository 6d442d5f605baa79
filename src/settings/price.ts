import { dayOf, isDay, startOfDay } from '../time.js';
import { pattern, type Reader, Section, single, word } from './reader.js';
import type { OwnPrice } from './settings.js';

const KEYS = ['model', 'provider', 'valid_from', 'input', 'output', 'cache_read', 'cache_write', 'reasoning'] as const;

/** Six decimals: a token costs a whole number of picodollars. */
const rate: Reader<string> = single(
  'US dollars per million tokens, with at most 6 digits before and after the point, such as 2.50',
  (text) => (/^(0|[1-9]\d{0,5})(\.\d{1,6})?$/.test(text) ? text : undefined),
);

const date: Reader<number> = single('a day such as 2026-01-31, in UTC', (text) =>
  isDay(text) ? startOfDay(text) : undefined,
);

/** Reads one of `prices`. */
export const price: Reader<OwnPrice> = (value, problems) => {
  const section = new Section(value, KEYS, problems);
  const model = section.require('model', pattern, 'write the name of a model, or a pattern such as acme-*');
  const needs = 'write US dollars per million tokens, such as 2.50';
  const input = section.require('input', rate, needs);
  const output = section.require('output', rate, needs);
  const others = {
    provider: section.read('provider', word('a name'), null),
    validFromMs: section.read('valid_from', date, Number.NEGATIVE_INFINITY),
    cacheRead: section.read('cache_read', rate, null),
    cacheWrite: section.read('cache_write', rate, null),
    reasoning: section.read('reasoning', rate, null),
  };
  if (model === undefined || input === undefined || output === undefined) return undefined;
  return { model, input, output, ...others };
};

/** Which price it is, in words: two of the same would contradict each other. */
export function namePrice({ model, provider, validFromMs }: OwnPrice): string {
  const from = Number.isFinite(validFromMs) ? ` from ${dayOf(validFromMs)}` : '';
  return `the price of ${model}${provider === null ? '' : ` at ${provider}`}${from}`;
}
