import { z } from 'zod';
import { startOfDay } from '../../time.js';
import { amountIn, count, dayOfBucket, dollars, name, readReport } from './page.js';
import type { ProviderApi, RequestOptions } from './request.js';
import { type DayRange, type ProviderUsage, UNDIVIDED, UsageBook } from './usage.js';

/**
 * OpenAI's organization API: https://platform.openai.com/docs/api-reference/usage. Usage is by model and key; costs are
 * by key and line item. What a line item is called is not documented: where it begins with a model that the usage of
 * that day names (`gpt-4.1-2025-04-14, input`) it is that model's, else it is left undivided. So are the costs of a day on
 * which no key is named.
 */

export const OPENAI_URL = 'https://api.openai.com';
const USAGE_PATH = '/v1/organization/usage/completions';
const COSTS_PATH = '/v1/organization/costs';
const USAGE_DAYS_A_PAGE = '31';
const COST_DAYS_A_PAGE = '180';

const usageBuckets = z.array(
  z.object({
    start_time: count,
    results: z.array(
      z.object({
        model: name,
        api_key_id: name,
        num_model_requests: count,
        input_tokens: count,
        output_tokens: count,
        input_cached_tokens: count.nullish(),
        input_cache_write_tokens: count.nullish(),
      }),
    ),
  }),
);

const costBuckets = z.array(
  z.object({
    start_time: count,
    results: z.array(
      z.object({
        amount: z.object({ value: amountIn('dollar'), currency: dollars }),
        line_item: z.string().max(1_000).nullish(),
        api_key_id: name,
      }),
    ),
  }),
);

export function openaiHeaders(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/** Usage and costs of the days. Throws UNAVAILABLE when either cannot be read whole. */
export async function pullOpenAI(api: ProviderApi, range: DayRange, options: RequestOptions): Promise<ProviderUsage[]> {
  const book = new UsageBook();
  const models = await readUsage(api, { range, book }, options);
  await readCosts(api, { range, book, models }, options);
  return book.entries();
}

/** Returns the models of each day. */
async function readUsage(
  api: ProviderApi,
  { range, book }: { range: DayRange; book: UsageBook },
  options: RequestOptions,
): Promise<Map<string, Set<string>>> {
  const query = queryOf(range, { groupBy: ['model', 'api_key_id'], limit: USAGE_DAYS_A_PAGE });
  const models = new Map<string, Set<string>>();
  for (const bucket of await readReport(api, { path: USAGE_PATH, query, buckets: usageBuckets }, options)) {
    const day = dayOfBucket(bucket.start_time * 1_000, { path: USAGE_PATH, range });
    const ofDay = models.get(day) ?? new Set();
    models.set(day, ofDay);
    for (const result of bucket.results) {
      ofDay.add(result.model);
      book.add(
        { day, model: result.model, apiKey: result.api_key_id },
        {
          requests: result.num_model_requests,
          inputTokens: result.input_tokens,
          outputTokens: result.output_tokens,
          cacheReadTokens: result.input_cached_tokens ?? null,
          cacheWriteTokens: result.input_cache_write_tokens ?? null,
        },
      );
    }
  }
  return models;
}

async function readCosts(
  api: ProviderApi,
  { range, book, models }: { range: DayRange; book: UsageBook; models: ReadonlyMap<string, ReadonlySet<string>> },
  options: RequestOptions,
): Promise<void> {
  const query = queryOf(range, { groupBy: ['line_item', 'api_key_id'], limit: COST_DAYS_A_PAGE });
  for (const bucket of await readReport(api, { path: COSTS_PATH, query, buckets: costBuckets }, options)) {
    const day = dayOfBucket(bucket.start_time * 1_000, { path: COSTS_PATH, range });
    const isByKey = bucket.results.some(({ api_key_id }) => api_key_id !== '');
    for (const { amount, line_item, api_key_id } of bucket.results) {
      const named = line_item?.split(',', 1)[0]?.trim() ?? '';
      const model = named !== '' && models.get(day)?.has(named) ? named : UNDIVIDED;
      book.add({ day, model, apiKey: isByKey ? api_key_id : UNDIVIDED }, { costPicodollars: amount.value });
    }
  }
}

function queryOf({ from, until }: DayRange, { groupBy, limit }: { groupBy: string[]; limit: string }): URLSearchParams {
  const query = new URLSearchParams({
    start_time: String(startOfDay(from) / 1_000),
    end_time: String(startOfDay(until) / 1_000),
    bucket_width: '1d',
    limit,
  });
  for (const field of groupBy) query.append('group_by', field);
  return query;
}
