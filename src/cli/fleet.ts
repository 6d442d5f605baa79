import { createFleet, listFleets } from '../access/store.js';
import { byCli } from './by-cli.js';
import { type Command, JSON_OPTION } from './command.js';
import { printJson, printLine, tell } from './output.js';
import { withDatabase } from './with-database.js';

export const fleetCreate: Command = {
  name: 'fleet create',
  summary: 'Create a fleet: a set of agents whose data nobody outside it sees.',
  positionals: ['ID'],
  options: {},
  run: async (input) => {
    const { id } = await withDatabase((pool) => createFleet(pool, input.positional('ID'), byCli()));
    tell(`created the fleet ${id}`);
    return 0;
  },
};

export const fleetList: Command = {
  name: 'fleet list',
  summary: 'Print the ids of all fleets.',
  positionals: [],
  options: { json: JSON_OPTION },
  run: async (input) => {
    const fleets = await withDatabase((pool) => listFleets(pool));
    if (input.has('json')) printJson(fleets);
    else for (const { id } of fleets) printLine(id);
    return 0;
  },
};
