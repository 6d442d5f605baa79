import { parseFleetId } from '../access/fleet-id.js';
import { listDebts, listOwed } from '../ledger/owed.js';
import { type Command, JSON_OPTION } from './command.js';
import { counted, printJson, printLine, tell } from './output.js';
import { withDatabase } from './with-database.js';

export const ledgerOwed: Command = {
  name: 'ledger owed',
  summary: 'Print time, fleet, kind, subject and payload of what ledgers that stand still owe, separated by tabs.',
  positionals: [],
  options: { fleet: { value: 'ID', help: 'Only what this one owes.' }, json: JSON_OPTION },
  run: async (input) => {
    const named = input.value('fleet');
    const fleetId = named === undefined ? null : parseFleetId(named, '--fleet');
    const owed = await withDatabase(async (pool) => {
      const debts = (await listDebts(pool)).filter(({ fleet }) => fleetId === null || fleet === fleetId);
      const found = debts.map(async ({ fleet, entries }) =>
        (await listOwed(pool, fleet, entries)).map(({ owedSince, kind, subject, payload }) => {
          return { owedSince, fleet, kind, subject, payload };
        }),
      );
      return (await Promise.all(found)).flat();
    });
    if (input.has('json')) printJson(owed.map((entry) => ({ ...entry, payload: JSON.parse(entry.payload) })));
    else {
      for (const { owedSince, ...entry } of owed)
        printLine([owedSince.toISOString(), ...Object.values(entry)].join('\t'));
    }
    tell(owed.length === 0 ? 'nothing is owed' : `${counted(owed.length, 'entry is', 'entries are')} owed`);
    return 0;
  },
};
