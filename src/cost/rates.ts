/** What a model charges per token, and what one call costs by it. */
import type { TokenUsage } from './token-usage.js';

/** Picodollars (10^-12 US dollars) per token; null: charged as its parent kind (cache as input, reasoning as output). */
export interface TokenRates {
  input: bigint | null;
  output: bigint | null;
  cacheRead: bigint | null;
  cacheWrite: bigint | null;
  reasoning: bigint | null;
}

export interface LongContextRates {
  /** The rates hold for the whole call when its input, cached tokens included, is longer than this. */
  inputTokensAbove: number;
  rates: TokenRates;
}

export interface Rates {
  base: TokenRates;
  /** In ascending order of `inputTokensAbove`; empty for models with one price. */
  longContext: readonly LongContextRates[];
}

/** The rates of a model at a time (milliseconds since the epoch: prices change); null when the model is unknown. */
export type PriceOf = (provider: string | null, model: string, atMs: number) => Rates | null;

/**
 * The price of one call in picodollars: (input − cacheRead − cacheWrite) × input + cacheRead × … + cacheWrite × … +
 * (output − reasoning) × output + reasoning × …; null when it used a kind of token the model has no price for.
 */
export function priceCall(rates: Rates, tokens: TokenUsage): bigint | null {
  const { input, output, cacheRead, cacheWrite, reasoning } = ratesFor(rates, tokens.input);
  const parts: [number, bigint | null][] = [
    [tokens.input - tokens.cacheRead - tokens.cacheWrite, input],
    [tokens.cacheRead, cacheRead ?? input],
    [tokens.cacheWrite, cacheWrite ?? input],
    [tokens.output - tokens.reasoning, output],
    [tokens.reasoning, reasoning ?? output],
  ];
  let picodollars = 0n;
  for (const [count, rate] of parts) {
    // Clients disagree on what is included in what; a part can't be less than nothing.
    if (count <= 0) continue;
    if (rate === null) return null;
    picodollars += BigInt(Math.round(count)) * rate;
  }
  return picodollars;
}

function ratesFor(rates: Rates, inputTokens: number): TokenRates {
  const tier = rates.longContext.findLast(({ inputTokensAbove }) => inputTokens > inputTokensAbove);
  return tier === undefined ? rates.base : tier.rates;
}
