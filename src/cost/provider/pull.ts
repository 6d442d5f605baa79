import type { Clock } from '../../clock.js';
import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { ProviderSetting } from '../../settings/settings.js';
import { dayOf, shiftDay } from '../../time.js';
import { ANTHROPIC_URL, anthropicHeaders, pullAnthropic } from './anthropic.js';
import { readProviderCsv } from './csv.js';
import { readCsvFile } from './csv-file.js';
import { OPENAI_URL, openaiHeaders, pullOpenAI } from './openai.js';
import type { ProviderApi, RequestOptions } from './request.js';
import { findCursor, importUsage, replaceDays, type UsageOrigin } from './store.js';
import type { DayRange, ProviderUsage } from './usage.js';

/** The value of an environment variable; undefined where it is not set. */
export type SecretOf = (variable: string) => string | undefined;

export interface PullOptions extends RequestOptions {
  pool: Pool;
  clock: Clock;
  secretOf: SecretOf;
}

/** As far back as the first pull goes. */
const FIRST_DAYS = 35;
/** Providers correct the figures of recent days. */
const CORRECTED_DAYS = 3;

const APIS = {
  openai: { url: OPENAI_URL, headersOf: openaiHeaders, pull: pullOpenAI },
  anthropic: { url: ANTHROPIC_URL, headersOf: anthropicHeaders, pull: pullAnthropic },
} as const;

/** Whose figures a source's are: the provider as decisions name it, which for a CSV is the name it was given. */
export function originOf({ kind, name, fleet }: ProviderSetting): UsageOrigin {
  return { fleet, source: name, provider: kind === 'csv' ? name : kind };
}

/**
 * Brings a source's figures up to now and returns how many rows came. Throws UNAVAILABLE or VALIDATION_FAILED that says
 * what is wrong, without the key; then nothing is changed.
 */
export async function pullProvider(setting: ProviderSetting, options: PullOptions): Promise<number> {
  if (setting.kind === 'csv') return importFile(setting, options);
  const { pool, clock } = options;
  const { url, headersOf, pull } = APIS[setting.kind];
  const key = readKey(setting, options.secretOf);
  const api: ProviderApi = {
    baseUrl: readBaseUrl(setting.url ?? url, setting.name),
    headers: headersOf(key),
    keyVariable: setting.keyVariable ?? '',
  };
  const origin = originOf(setting);
  const nowMs = clock.now();
  const range = rangeToPull((await findCursor(pool, origin))?.settledUntil ?? null, dayOf(nowMs));
  const usage = await pull(api, range, options);
  await replaceDays(pool, { origin, range, pulledAt: new Date(nowMs) }, usage);
  return usage.length;
}

/** Today is in it: its figures come again with the next pulls until they stand. */
function rangeToPull(settledUntil: string | null, today: string): DayRange {
  const from = settledUntil === null ? shiftDay(today, -FIRST_DAYS) : shiftDay(settledUntil, -CORRECTED_DAYS);
  const until = shiftDay(today, 1);
  return { from: from < until ? from : today, until };
}

function readKey({ name, keyVariable }: ProviderSetting, secretOf: SecretOf): string {
  const key = keyVariable === null ? undefined : secretOf(keyVariable)?.trim();
  if (keyVariable === null || key === undefined || key === '') {
    throw new AppError('UNAVAILABLE', `${name}: the environment variable ${keyVariable} with its admin key is not set`);
  }
  // Anything else is no header, and the message of whoever found that out would quote it.
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new AppError(
    'UNAVAILABLE',
    `${name}: what is in ${keyVariable} is not a key: it has spaces or other characters`,
  );
}

/** Without a slash at its end. What SDKs call the base URL, with `/v1`, is understood too; settings see to it that it is safe. */
function readBaseUrl(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isBare = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url !== null && isBare && /^https?:$/.test(url.protocol)) {
    return url.origin + url.pathname.replace(/(\/v1)?\/*$/, '');
  }
  throw new AppError('VALIDATION_FAILED', `${name}: url must be one such as https://api.example.com`);
}

async function importFile(setting: ProviderSetting, { pool, clock }: PullOptions): Promise<number> {
  const file = setting.file ?? '';
  const usage = readUsageOf(file, await readCsvFile(file));
  await importUsage(pool, { origin: originOf(setting), importedAt: new Date(clock.now()) }, usage);
  return usage.length;
}

function readUsageOf(file: string, text: string): ProviderUsage[] {
  try {
    return readProviderCsv(text);
  } catch (error) {
    if (error instanceof AppError) throw new AppError(error.code, `${file}: ${error.message}`, { cause: error });
    throw error;
  }
}
