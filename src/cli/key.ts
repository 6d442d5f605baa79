import { parseFleetId } from '../access/fleet-id.js';
import { createApiKey, listApiKeys, revokeApiKey } from '../access/store.js';
import { AppError } from '../errors.js';
import { byCli } from './by-cli.js';
import { type Command, JSON_OPTION } from './command.js';
import { printJson, printLine, tell } from './output.js';
import { parseRole } from './role.js';
import { withDatabase } from './with-database.js';

export const keyCreate: Command = {
  name: 'key create',
  summary: 'Create an API key and print it, once: only its hash is kept.',
  positionals: [],
  options: {
    role: { value: 'ROLE', help: 'INGEST, VIEWER, OPERATOR, AUDITOR or ADMIN; required.' },
    fleet: { value: 'ID', help: 'The fleet it opens; required.' },
    name: { value: 'TEXT', help: 'What it is for.' },
    json: JSON_OPTION,
  },
  run: async (input) => {
    const role = parseRole(input.required('role'));
    const fleetId = parseFleetId(input.required('fleet'), '--fleet');
    const name = parseName(input.value('name') ?? '');
    const { key, apiKey } = await withDatabase((pool) => createApiKey(pool, { fleetId, role, name }, byCli()));
    if (input.has('json')) printJson({ ...apiKey, key });
    else printLine(key);
    tell(
      `created the ${role} key ${apiKey.id} of the fleet ${fleetId}; to end it: npx midwatch key revoke ${apiKey.id}`,
    );
    return 0;
  },
};

export const keyList: Command = {
  name: 'key list',
  summary: 'Print id, fleet, role, state and name of the API keys, separated by tabs.',
  positionals: [],
  options: { fleet: { value: 'ID', help: 'Only those of this fleet.' }, json: JSON_OPTION },
  run: async (input) => {
    const fleet = input.value('fleet');
    const fleetId = fleet === undefined ? '*' : parseFleetId(fleet, '--fleet');
    const apiKeys = await withDatabase((pool) => listApiKeys(pool, fleetId));
    if (input.has('json')) {
      printJson(apiKeys);
      return 0;
    }
    for (const { id, fleetId, role, name, revokedAt } of apiKeys) {
      printLine([id, fleetId, role, revokedAt === null ? 'active' : 'revoked', name].join('\t'));
    }
    return 0;
  },
};

export const keyRevoke: Command = {
  name: 'key revoke',
  summary: 'End an API key; it stops working within five seconds.',
  positionals: ['ID'],
  options: {},
  run: async (input) => {
    const revoking = withDatabase((pool) => revokeApiKey(pool, '*', input.positional('ID'), byCli()));
    const { apiKey, isOwed } = await revoking;
    tell(`revoked the key ${apiKey.id} of the fleet ${apiKey.fleetId}`);
    if (isOwed) {
      tell(
        'its ledger stands still and owes the entry: where another copy of the database takes the place of this one, revoke it there again (docs/OPERATIONS.md)',
      );
    }
    return 0;
  },
};

function parseName(name: string): string {
  if (/^\P{Cc}{0,100}$/u.test(name)) return name;
  throw new AppError('VALIDATION_FAILED', '--name: at most 100 characters, none of them a control character');
}
