import { calcPrice } from '@pydantic/genai-prices';
import type { ModelProfile } from './model.js';
import type { CallUsage } from './scenario/usage.js';

/** List price of one call in US dollars at a time, as the price library works it out; null when it knows no price. */
export function listPriceUsd({ provider, responseModel }: ModelProfile, usage: CallUsage, atMs: number): number | null {
  const counts = {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
  };
  const price = calcPrice(counts, responseModel, { providerId: provider, timestamp: new Date(atMs) });
  return price?.total_price ?? null;
}
