import { parseFleetId, unknownFleet } from '../access/fleet-id.js';
import { systemClock } from '../clock.js';
import { readConfig, readSecret } from '../config.js';
import { readCsvFile } from '../cost/provider/csv-file.js';
import { importProviderUsage } from '../cost/provider/import.js';
import { pullProvider } from '../cost/provider/pull.js';
import { markFailed } from '../cost/provider/store.js';
import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { findFleet } from '../fleet/store.js';
import { loadSettings } from '../settings/read.js';
import type { ProviderSetting } from '../settings/settings.js';
import type { Command } from './command.js';
import { tell } from './output.js';
import { withDatabase } from './with-database.js';

export const providersPull: Command = {
  name: 'providers pull',
  summary: "Pull providers' own figures now, as the server does on its schedule.",
  positionals: [],
  options: { provider: { value: 'NAME', help: 'Only this source of the settings; all of them if left out.' } },
  run: async (input) => {
    const config = readConfig();
    const { providers } = loadSettings(config.configFile);
    const name = input.value('provider');
    const wanted = providers.filter((setting) => name === undefined || setting.name === name);
    if (wanted.length === 0) {
      const what = name === undefined ? 'names no provider' : `names no provider ${JSON.stringify(name)}`;
      throw new AppError('VALIDATION_FAILED', `${config.configFile} ${what}`);
    }
    return withDatabase(async (pool) => {
      let isDone = true;
      for (const setting of wanted) isDone = (await pullAndTell(pool, setting)) && isDone;
      return isDone ? 0 : 1;
    });
  },
};

async function pullAndTell(pool: Pool, setting: ProviderSetting): Promise<boolean> {
  const { name: source, fleet } = setting;
  const { signal } = new AbortController();
  try {
    const rows = await pullProvider(setting, { pool, clock: systemClock, secretOf: readSecret, signal });
    tell(`${source}: ${rows} rows for the fleet ${fleet}`);
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await markFailed(pool, { fleet, source }, error.message);
    tell(`${source}: ${error.message}`);
    return false;
  }
}

export const providersImport: Command = {
  name: 'providers import',
  summary: "Take a provider's own figures from a CSV file, the whole of it or nothing.",
  positionals: ['FILE'],
  options: {
    provider: { value: 'NAME', help: 'The provider as decisions name it, such as aws.bedrock; required.' },
    fleet: { value: 'ID', help: 'The fleet whose figures they are; default if left out.' },
  },
  run: async (input) => {
    const provider = input.required('provider');
    const fleet = parseFleetId(input.value('fleet') ?? 'default', '--fleet');
    const csv = await readCsvFile(input.positional('FILE'));
    const { providers } = loadSettings(readConfig().configFile);
    const rows = await withDatabase(async (pool) => {
      if ((await findFleet(pool, fleet)) === null) throw unknownFleet(fleet);
      return importProviderUsage({ pool, clock: systemClock, providers }, { fleet, provider, csv });
    });
    tell(`took ${rows} rows of ${provider} for the fleet ${fleet}`);
    return 0;
  },
};
