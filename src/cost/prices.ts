/** Prices of models: one's own, then the tables bundled with @pydantic/genai-prices. No network. */
import { calcPrice, findProvider, type ModelPrice } from '@pydantic/genai-prices';
import type { OwnPrice } from '../settings/settings.js';
import { type PriceHistory, priceAt, readOwnPrices } from './own-prices.js';
import type { PriceOf, Rates, TokenRates } from './rates.js';

/** One lookup walks the price tables (about a quarter of a millisecond), so what it found is kept. */
const CACHED_RATES_MAX = 4096;

/** Prices that depend on the time of day or a date are looked up again this often. */
const TIMED_PRICE_MS = 60_000;

/** Provider names of the OpenTelemetry registry that the price tables spell in another way. */
const TABLE_NAMES: ReadonlyMap<string, string> = new Map([
  ['gcp.gen_ai', 'google'],
  ['x_ai', 'x-ai'],
]);

interface Quote {
  rates: Rates | null;
  /** Whether the price depends on when the call was made. */
  isTimed: boolean;
}

/**
 * A `PriceOf` with a bounded memory of its own. The newest own price that holds at the time of the call wins over the
 * tables. A provider the tables do not know (a gateway, a framework) is ignored and the model found by its name alone; a
 * known provider without that model has no price.
 */
export function createPriceBook(ownPrices: readonly OwnPrice[]): PriceOf {
  const priceOfList = createListPrices();
  if (ownPrices.length === 0) return priceOfList;
  const findOwn = readOwnPrices(ownPrices);
  const histories = new Map<string, PriceHistory | null>();
  return (provider, model, atMs) => {
    const history = remember(histories, keyOf(provider, model), () => findOwn(provider, model));
    return (history === null ? null : priceAt(history, atMs)) ?? priceOfList(provider, model, atMs);
  };
}

function createListPrices(): PriceOf {
  const timeless = new Map<string, Quote>();
  const timed = new Map<string, Quote>();

  return (provider, model, atMs) => {
    const key = keyOf(provider, model);
    const quote = remember(timeless, key, () => lookUp(provider, model, atMs));
    if (!quote.isTimed) return quote.rates;
    const minute = Math.floor(atMs / TIMED_PRICE_MS);
    return remember(timed, `${key}\n${minute}`, () => lookUp(provider, model, atMs)).rates;
  };
}

function keyOf(provider: string | null, model: string): string {
  return `${provider ?? ''}\n${model}`;
}

function remember<Found>(known: Map<string, Found>, key: string, find: () => Found): Found {
  const remembered = known.get(key);
  if (remembered !== undefined) return remembered;
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size >= CACHED_RATES_MAX) known.delete(oldest);
  const found = find();
  known.set(key, found);
  return found;
}

function lookUp(provider: string | null, model: string, atMs: number): Quote {
  const name = provider === null ? null : (TABLE_NAMES.get(provider) ?? provider);
  const known = name === null ? undefined : findProvider({ providerId: name });
  const timestamp = new Date(atMs);
  const price = calcPrice({}, model, known === undefined ? { timestamp } : { provider: known, timestamp });
  if (price === null) return { rates: null, isTimed: false };
  return { rates: readRates(price.model_price), isTimed: Array.isArray(price.model.prices) };
}

function readRates(price: ModelPrice): Rates {
  const starts = new Set<number>();
  for (const entry of Object.values(price)) {
    if (typeof entry === 'object') for (const tier of entry.tiers) starts.add(tier.start);
  }
  const ascending = [...starts].sort((left, right) => left - right);
  return {
    base: ratesAbove(price, 0),
    longContext: ascending.map((start) => ({ inputTokensAbove: start, rates: ratesAbove(price, start) })),
  };
}

function ratesAbove(price: ModelPrice, inputTokens: number): TokenRates {
  const rate = (key: string): bigint | null => {
    const entry = price[key];
    if (entry === undefined) return null;
    if (typeof entry === 'number') return picodollarsPerToken(entry);
    const reached = entry.tiers.filter((tier) => tier.start > 0 && tier.start <= inputTokens);
    const highest = reached.sort((left, right) => right.start - left.start)[0];
    return picodollarsPerToken(highest === undefined ? entry.base : highest.price);
  };
  return {
    input: rate('input_mtok'),
    output: rate('output_mtok'),
    cacheRead: rate('cache_read_mtok'),
    cacheWrite: rate('cache_write_mtok'),
    reasoning: rate('output_reasoning_mtok'),
  };
}

function picodollarsPerToken(dollarsPerMillionTokens: number): bigint {
  return BigInt(Math.round(dollarsPerMillionTokens * 1_000_000));
}
