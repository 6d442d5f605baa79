import { parseFleetId } from '../access/fleet-id.js';
import { listFleets } from '../access/store.js';
import { type Clock, systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { versionOfPrices } from '../cost/price-list.js';
import { createPriceBook } from '../cost/prices.js';
import type { Pool } from '../db/pool.js';
import { DecisionCalendar } from '../decision/calendar.js';
import type { RepriceTally } from '../decision/reprice/change.js';
import { repriceFleet } from '../decision/reprice/reprice.js';
import type { RepriceRange } from '../decision/reprice/write.js';
import { AppError } from '../errors.js';
import { SliceBook } from '../metric/write.js';
import { loadSettings } from '../settings/read.js';
import type { Settings } from '../settings/settings.js';
import { type Command, JSON_OPTION } from './command.js';
import type { CommandInput } from './input.js';
import { parseMoment } from './moment.js';
import { counted, printJson, printLine, tell } from './output.js';
import { withDatabase } from './with-database.js';

export const reprice: Command = {
  name: 'reprice',
  summary: 'Price again, by the prices of today, what was recorded before; costs stated by users stay.',
  positionals: [],
  options: {
    from: { value: 'TIME', help: 'Decisions that started at this day or time (UTC) or after; required.' },
    to: { value: 'TIME', help: 'Decisions that started before this; now if left out.' },
    fleet: { value: 'ID', help: 'Only this fleet; every fleet if left out.' },
    model: { value: 'PATTERN', help: 'Only calls of these models: a name, or a pattern such as acme-*.' },
    'dry-run': { help: 'Say what would change, and change nothing.' },
    json: JSON_OPTION,
  },
  run: async (input) => {
    const request = readRequest(input, systemClock);
    const settings = loadSettings(readConfig().configFile);
    const tallies = await withDatabase((pool) => repriceFleets(pool, settings, request));
    if (input.has('json')) printJson(tallies);
    else for (const tally of tallies) printLine(inWords(tally));
    if (request.isDryRun) tell('nothing was changed: this was a dry run');
    return 0;
  },
};

interface Request {
  range: RepriceRange;
  /** Null: every fleet. */
  fleet: string | null;
  model: string | null;
  isDryRun: boolean;
}

interface FleetTally extends RepriceTally {
  fleet: string;
}

function readRequest(input: CommandInput, clock: Clock): Request {
  const from = input.value('from');
  if (from === undefined) throw new AppError('VALIDATION_FAILED', '--from is required, such as --from 2026-11-01');
  const to = input.value('to');
  const range = {
    fromMs: parseMoment(from, '--from'),
    toMs: to === undefined ? clock.now() : parseMoment(to, '--to'),
  };
  if (range.fromMs >= range.toMs) throw new AppError('VALIDATION_FAILED', '--from is not before --to');
  const fleet = input.value('fleet');
  return {
    range,
    fleet: fleet === undefined ? null : parseFleetId(fleet, '--fleet'),
    model: input.value('model') ?? null,
    isDryRun: input.has('dry-run'),
  };
}

async function repriceFleets(
  pool: Pool,
  { prices, cardinality }: Settings,
  { range, fleet, model, isDryRun }: Request,
): Promise<FleetTally[]> {
  const tools = {
    pool,
    calendar: new DecisionCalendar({ pool, clock: systemClock }),
    writer: new SliceBook(cardinality),
    pricing: { priceOf: createPriceBook(prices), model },
    version: versionOfPrices(prices),
    clock: systemClock,
  };
  const fleets = (await listFleets(pool)).map(({ id }) => id).filter((id) => fleet === null || id === fleet);
  if (fleets.length === 0) throw new AppError('NOT_FOUND', `there is no fleet ${fleet}`);
  const tallies: FleetTally[] = [];
  for (const id of fleets) {
    tallies.push({ fleet: id, ...(await repriceFleet(tools, { fleet: id, range, isDryRun })) });
  }
  return tallies;
}

function inWords({ fleet, decisions, costUsdBefore, costUsdAfter, unpricedBefore, unpricedAfter }: FleetTally): string {
  if (decisions === 0) return `${fleet}: nothing to change`;
  return (
    `${fleet}: ${counted(decisions, 'decision')} from ${costUsdBefore} to ${costUsdAfter} USD, ` +
    `without a price ${unpricedBefore} before and ${unpricedAfter} after`
  );
}
