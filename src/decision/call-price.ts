/** What calls cost, at first and whenever prices change. Pure: the prices are asked of the caller's `priceOf`. */
import { formatDollars, parseDollars } from '../cost/dollars.js';
import { type PriceOf, priceCall } from '../cost/rates.js';
import type { TokenUsage } from '../cost/token-usage.js';
import type { ModelCall } from './decision.js';

/** The call with its cost by `priceOf`: what the user says, else its tokens by the model's price, else what the client reports. */
export function priceModelCall(call: ModelCall, priceOf: PriceOf): ModelCall {
  if (call.costSource === 'OWN') return call;
  const computed = computeCost(call, priceOf);
  if (computed !== null) return { ...call, costUsd: formatDollars(computed), costSource: 'PRICE' };
  const { reportedUsd } = call;
  // Clients report 0 for models they have no price for.
  if (reportedUsd === null || parseDollars(reportedUsd) === 0n) return { ...call, costUsd: null, costSource: null };
  return { ...call, costUsd: reportedUsd, costSource: 'REPORTED' };
}

/**
 * The exact sum of what the calls cost, as decimal text. A sum with a part unknown would be wrong, so it is null, as it is
 * when nothing has a price.
 */
export function sumCalls(calls: readonly ModelCall[]): string | null {
  let sum: bigint | null = null;
  for (const { costUsd, tokens } of calls) {
    if (costUsd !== null) sum = (sum ?? 0n) + parseDollars(costUsd);
    else if (hasTokens(tokens)) return null;
  }
  return sum === null ? null : formatDollars(sum);
}

function computeCost(
  { provider, model, requestModel, tokens, startedAtMs }: ModelCall,
  priceOf: PriceOf,
): bigint | null {
  if (tokens === null) return null;
  for (const name of new Set([model, requestModel])) {
    const rates = name === null ? null : priceOf(provider, name, startedAtMs);
    if (rates !== null) return priceCall(rates, tokens);
  }
  return null;
}

function hasTokens(tokens: TokenUsage | null): boolean {
  return tokens !== null && tokens.input + tokens.output > 0;
}
