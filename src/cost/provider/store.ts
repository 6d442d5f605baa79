import { type Client, inTransaction, type Pool } from '../../db/pool.js';
import { formatDollars, parseDollars } from '../dollars.js';
import type { DayRange, ProviderUsage } from './usage.js';

/** Whose figures they are: `source` is the name in the settings, or of the import; `provider` as decisions name it. */
export interface UsageOrigin {
  fleet: string;
  source: string;
  provider: string;
}

/** Where the pull of a source stands. */
export interface ProviderCursor {
  source: string;
  /** The day up to which it was pulled, which may still have changed since; null before the first time. */
  settledUntil: string | null;
  /** When it last succeeded. */
  pulledAt: Date | null;
  /** Why the last attempt failed; null when it did not. */
  error: string | null;
}

export interface BilledUsage extends ProviderUsage {
  provider: string;
}

/** Puts what was pulled of the days in place of what was there, and moves the cursor: both or neither. */
export async function replaceDays(
  pool: Pool,
  { origin, range, pulledAt }: { origin: UsageOrigin; range: DayRange; pulledAt: Date },
  usage: readonly ProviderUsage[],
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      'DELETE FROM provider_usage WHERE fleet_id = $1 AND source = $2 AND day >= $3::date AND day < $4::date',
      [origin.fleet, origin.source, range.from, range.until],
    );
    await upsertUsage(client, { origin, fetchedAt: pulledAt }, usage);
    await markPulled(client, origin, { settledUntil: range.until, pulledAt });
  });
}

/** Adds an imported file, all of it or nothing; a day, model and key that is there already is replaced. */
export async function importUsage(
  pool: Pool,
  { origin, importedAt }: { origin: UsageOrigin; importedAt: Date },
  usage: readonly ProviderUsage[],
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await upsertUsage(client, { origin, fetchedAt: importedAt }, usage);
    await markPulled(client, origin, { settledUntil: null, pulledAt: importedAt });
  });
}

async function upsertUsage(
  client: Client,
  { origin, fetchedAt }: { origin: UsageOrigin; fetchedAt: Date },
  usage: readonly ProviderUsage[],
): Promise<void> {
  await client.query(
    `INSERT INTO provider_usage (fleet_id, source, provider, fetched_at, day, model, api_key, requests, input_tokens,
       output_tokens, cache_read_tokens, cache_write_tokens, cost_usd)
     SELECT $1, $2, $3, $4, row.* FROM unnest($5::date[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
       $10::bigint[], $11::bigint[], $12::bigint[], $13::numeric[]) AS row
     ON CONFLICT (fleet_id, source, day, model, api_key) DO UPDATE SET provider = excluded.provider,
       fetched_at = excluded.fetched_at, requests = excluded.requests, input_tokens = excluded.input_tokens,
       output_tokens = excluded.output_tokens, cache_read_tokens = excluded.cache_read_tokens,
       cache_write_tokens = excluded.cache_write_tokens, cost_usd = excluded.cost_usd`,
    [
      origin.fleet,
      origin.source,
      origin.provider,
      fetchedAt.toISOString(),
      usage.map(({ day }) => day),
      usage.map(({ model }) => model),
      usage.map(({ apiKey }) => apiKey),
      usage.map(({ requests }) => requests),
      usage.map(({ inputTokens }) => inputTokens),
      usage.map(({ outputTokens }) => outputTokens),
      usage.map(({ cacheReadTokens }) => cacheReadTokens),
      usage.map(({ cacheWriteTokens }) => cacheWriteTokens),
      usage.map(({ costPicodollars }) => (costPicodollars === null ? null : formatDollars(costPicodollars))),
    ],
  );
}

async function markPulled(
  client: Client,
  { fleet, source }: UsageOrigin,
  { settledUntil, pulledAt }: { settledUntil: string | null; pulledAt: Date },
): Promise<void> {
  await client.query(
    `INSERT INTO provider_cursor (fleet_id, source, settled_until, pulled_at) VALUES ($1, $2, $3::date, $4)
     ON CONFLICT (fleet_id, source) DO UPDATE SET settled_until = excluded.settled_until,
       pulled_at = excluded.pulled_at, error = NULL`,
    [fleet, source, settledUntil, pulledAt.toISOString()],
  );
}

/** Keeps why an attempt failed; what was pulled before stays as it is. */
export async function markFailed(
  pool: Pool,
  { fleet, source }: Pick<UsageOrigin, 'fleet' | 'source'>,
  error: string,
): Promise<void> {
  await pool.query(
    `INSERT INTO provider_cursor (fleet_id, source, error) VALUES ($1, $2, $3)
     ON CONFLICT (fleet_id, source) DO UPDATE SET error = excluded.error`,
    [fleet, source, error],
  );
}

const CURSOR = `SELECT source, to_char(settled_until, 'YYYY-MM-DD') AS "settledUntil", pulled_at AS "pulledAt", error
  FROM provider_cursor WHERE fleet_id = $1`;

export async function findCursor(
  pool: Pool,
  { fleet, source }: Pick<UsageOrigin, 'fleet' | 'source'>,
): Promise<ProviderCursor | null> {
  const { rows } = await pool.query<ProviderCursor>(`${CURSOR} AND source = $2`, [fleet, source]);
  return rows[0] ?? null;
}

/** The cursors of the fleet's sources, by name. */
export async function listCursors(pool: Pool, fleet: string): Promise<ProviderCursor[]> {
  const { rows } = await pool.query<ProviderCursor>(`${CURSOR} ORDER BY source`, [fleet]);
  return rows;
}

type UsageRow = Omit<BilledUsage, 'costPicodollars'> & { costUsd: string | null };

/** What the providers say of the days, sources of the same provider one after the other. */
export async function readProviderUsage(pool: Pool, fleet: string, { from, until }: DayRange): Promise<BilledUsage[]> {
  const { rows } = await pool.query<UsageRow>(
    `SELECT provider, to_char(day, 'YYYY-MM-DD') AS day, model, api_key AS "apiKey", requests,
       input_tokens AS "inputTokens", output_tokens AS "outputTokens", cache_read_tokens AS "cacheReadTokens",
       cache_write_tokens AS "cacheWriteTokens", cost_usd AS "costUsd"
     FROM provider_usage WHERE fleet_id = $1 AND day >= $2::date AND day < $3::date
     ORDER BY day, provider, source, model, api_key`,
    [fleet, from, until],
  );
  return rows.map(({ costUsd, ...row }) => ({
    ...row,
    costPicodollars: costUsd === null ? null : parseDollars(costUsd),
  }));
}
