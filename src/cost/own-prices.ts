import assert from 'node:assert/strict';
import { matchesPattern } from '../settings/pattern.js';
import type { OwnPrice } from '../settings/settings.js';
import { parseDollars } from './dollars.js';
import type { Rates } from './rates.js';

const TOKENS_PER_PRICE = 1_000_000n;

/** Own prices of one model, the newest first. */
export type PriceHistory = readonly { validFromMs: number; rates: Rates }[];

/**
 * Finds the own prices of a model, whatever their time; null when there are none. Of prices that begin at the same time the
 * first of the file comes first. Prices have at most six decimals, so that a token costs a whole number of picodollars.
 */
export function readOwnPrices(
  prices: readonly OwnPrice[],
): (provider: string | null, model: string) => PriceHistory | null {
  const newestFirst = prices
    .map((price) => ({ price, validFromMs: price.validFromMs, rates: ratesOf(price) }))
    .sort((left, right) => (left.validFromMs === right.validFromMs ? 0 : right.validFromMs - left.validFromMs));
  return (provider, model) => {
    const found = newestFirst.filter(
      ({ price }) => (price.provider === null || price.provider === provider) && matchesPattern(price.model, model),
    );
    return found.length === 0 ? null : found;
  };
}

/** The price that holds at a time; null when all of them begin later. */
export function priceAt(history: PriceHistory, atMs: number): Rates | null {
  return history.find(({ validFromMs }) => validFromMs <= atMs)?.rates ?? null;
}

function ratesOf(price: OwnPrice): Rates {
  const rateOf = (text: string | null) => (text === null ? null : picodollarsPerToken(text));
  return {
    base: {
      input: picodollarsPerToken(price.input),
      output: picodollarsPerToken(price.output),
      cacheRead: rateOf(price.cacheRead),
      cacheWrite: rateOf(price.cacheWrite),
      reasoning: rateOf(price.reasoning),
    },
    longContext: [],
  };
}

const EXACT_PRICE = /^\d+(\.\d{1,6})?$/;

function picodollarsPerToken(dollarsPerMillionTokens: string): bigint {
  assert(EXACT_PRICE.test(dollarsPerMillionTokens), 'prices are checked where they are read');
  return parseDollars(dollarsPerMillionTokens) / TOKENS_PER_PRICE;
}
