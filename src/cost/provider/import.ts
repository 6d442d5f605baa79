import type { Clock } from '../../clock.js';
import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { ProviderSetting } from '../../settings/settings.js';
import { readProviderCsv } from './csv.js';
import { importUsage } from './store.js';

const PROVIDER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Takes a provider's figures from CSV text, all or nothing, and returns the number of rows. Throws VALIDATION_FAILED for a
 * name or a text that is not valid, and CONFLICT for a provider whose figures the fleet has from another source: they would
 * be counted twice.
 */
export async function importProviderUsage(
  { pool, clock, providers }: { pool: Pool; clock: Clock; providers: readonly ProviderSetting[] },
  { fleet, provider, csv }: { fleet: string; provider: string; csv: string },
): Promise<number> {
  if (!PROVIDER_NAME.test(provider)) {
    const message = 'provider: 1 to 100 letters, digits, dots, underscores and dashes, such as aws.bedrock';
    throw new AppError('VALIDATION_FAILED', message, { path: ['provider'] });
  }
  const source = providers.find(({ kind, name, fleet: its }) => its === fleet && [kind, name].includes(provider));
  if (source !== undefined) {
    throw new AppError('CONFLICT', `the figures of ${provider} come from the source ${source.name} of the settings`, {
      path: ['provider'],
    });
  }
  const usage = readProviderCsv(csv);
  await importUsage(pool, { origin: { fleet, source: provider, provider }, importedAt: new Date(clock.now()) }, usage);
  return usage.length;
}
