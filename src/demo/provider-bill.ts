import { listPriceUsd } from './list-price.js';
import { MODELS } from './model.js';
import type { ModelUse } from './tally.js';

/** Use that a provider bills and no agent reports. */
export interface UnmonitoredUse {
  /** In UTC, `2026-11-24`. */
  day: string;
  provider: string;
  model: string;
  apiKey: string;
  usd: number;
}

/** One provider's own figures, as they would come from its console. */
export interface ProviderBill {
  provider: string;
  /** With the columns of `importProviderUsage`. */
  csv: string;
  /** What of it is not from the fleet. */
  unmonitored: UnmonitoredUse[];
}

const PROVIDERS = ['openai', 'anthropic'];

/** A batch that somebody runs every day on a key nobody watches: always the same. */
const SHADOW_BATCH = {
  model: MODELS.gpt41,
  apiKey: 'key-shadow-batch',
  requests: 1_200,
  inputTokens: 9_000_000,
  outputTokens: 600_000,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
} as const;

const COLUMNS = [
  'day',
  'model',
  'api_key',
  'requests',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_usd',
];

type BilledUse = Omit<ModelUse, 'role'> & { apiKey: string };

/**
 * Bills for exactly what was used, and for the batch beside it. Keys are named for the role and the run, so that the bills
 * of several runs add up as their traffic does.
 */
export function writeBills(uses: readonly ModelUse[], seed: number): ProviderBill[] {
  const run = seed.toString(36);
  return PROVIDERS.flatMap((provider) => {
    const ofFleet = uses
      .filter(({ model }) => model.provider === provider)
      .map(({ role, ...use }): BilledUse => ({ ...use, apiKey: `key-${role}-${run}` }));
    if (ofFleet.length === 0) return [];
    const days = [...new Set(ofFleet.map(({ day }) => day))];
    const ofBatch = provider === SHADOW_BATCH.model.provider ? days.map(shadowUse) : [];
    const unmonitored = ofBatch.map(({ day, model, apiKey, costUsd }) => ({
      day,
      provider,
      model: model.responseModel,
      apiKey,
      usd: costUsd ?? 0,
    }));
    return [{ provider, csv: csvOf([...ofFleet, ...ofBatch]), unmonitored }];
  });
}

function shadowUse(day: string): BilledUse {
  return { day, ...SHADOW_BATCH, costUsd: listPriceUsd(SHADOW_BATCH.model, SHADOW_BATCH, Date.parse(day)) };
}

function csvOf(uses: readonly BilledUse[]): string {
  return [COLUMNS.join(','), ...uses.map(rowOf), ''].join('\n');
}

function rowOf({ day, model, apiKey, costUsd, ...use }: BilledUse): string {
  const { requests, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = use;
  const counts = [requests, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens];
  return [day, model.responseModel, apiKey, ...counts, costUsd?.toFixed(12) ?? ''].join();
}
