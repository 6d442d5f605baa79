import { z } from 'zod';
import { amountIn, count, dayOfBucket, dollars, name, readReport } from './page.js';
import type { ProviderApi, RequestOptions } from './request.js';
import { type DayRange, type ProviderUsage, UNDIVIDED, UsageBook } from './usage.js';

/**
 * Anthropic's Admin API: https://platform.claude.com/docs/en/api/admin. Usage is by model and key and counts no
 * requests; costs are by model, of all keys together, in cents, and leave out what Priority Tier commitments cover.
 */

export const ANTHROPIC_URL = 'https://api.anthropic.com';
const API_VERSION = '2023-06-01';
const USAGE_PATH = '/v1/organizations/usage_report/messages';
const COSTS_PATH = '/v1/organizations/cost_report';
const DAYS_A_PAGE = '31';

const usageBuckets = z.array(
  z.object({
    starting_at: z.string(),
    results: z.array(
      z.object({
        model: name,
        api_key_id: name,
        uncached_input_tokens: count,
        cache_read_input_tokens: count,
        cache_creation: z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
        output_tokens: count,
      }),
    ),
  }),
);

const costBuckets = z.array(
  z.object({
    starting_at: z.string(),
    results: z.array(z.object({ amount: amountIn('cent'), currency: dollars, model: name })),
  }),
);

export function anthropicHeaders(key: string): Record<string, string> {
  return { 'x-api-key': key, 'anthropic-version': API_VERSION };
}

/** Usage and costs of the days. Throws UNAVAILABLE when either cannot be read whole. */
export async function pullAnthropic(
  api: ProviderApi,
  range: DayRange,
  options: RequestOptions,
): Promise<ProviderUsage[]> {
  const book = new UsageBook();
  await readUsage(api, { range, book }, options);
  await readCosts(api, { range, book }, options);
  return book.entries();
}

async function readUsage(
  api: ProviderApi,
  { range, book }: { range: DayRange; book: UsageBook },
  options: RequestOptions,
): Promise<void> {
  const query = queryOf(range, ['model', 'api_key_id']);
  for (const bucket of await readReport(api, { path: USAGE_PATH, query, buckets: usageBuckets }, options)) {
    const day = dayOfBucket(Date.parse(bucket.starting_at), { path: USAGE_PATH, range });
    for (const result of bucket.results) {
      const { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens } = result.cache_creation;
      const cacheWriteTokens = ephemeral_5m_input_tokens + ephemeral_1h_input_tokens;
      const cacheReadTokens = result.cache_read_input_tokens;
      book.add(
        { day, model: result.model, apiKey: result.api_key_id },
        {
          inputTokens: result.uncached_input_tokens + cacheReadTokens + cacheWriteTokens,
          outputTokens: result.output_tokens,
          cacheReadTokens,
          cacheWriteTokens,
        },
      );
    }
  }
}

async function readCosts(
  api: ProviderApi,
  { range, book }: { range: DayRange; book: UsageBook },
  options: RequestOptions,
): Promise<void> {
  const query = queryOf(range, ['description']);
  for (const bucket of await readReport(api, { path: COSTS_PATH, query, buckets: costBuckets }, options)) {
    const day = dayOfBucket(Date.parse(bucket.starting_at), { path: COSTS_PATH, range });
    for (const { amount, model } of bucket.results) {
      // Searches and code execution are billed by the organization, not by a model.
      book.add({ day, model: model === '' ? UNDIVIDED : model, apiKey: UNDIVIDED }, { costPicodollars: amount });
    }
  }
}

function queryOf({ from, until }: DayRange, groupBy: readonly string[]): URLSearchParams {
  const query = new URLSearchParams({
    starting_at: `${from}T00:00:00Z`,
    ending_at: `${until}T00:00:00Z`,
    bucket_width: '1d',
    limit: DAYS_A_PAGE,
  });
  for (const field of groupBy) query.append('group_by[]', field);
  return query;
}
