import { readConfig } from '../config.js';
import { AppError } from '../errors.js';
import { formatVerifierKey } from '../ledger/note/key.js';
import { ROOT_LOG } from '../ledger/publish/origin.js';
import { type KeyChange, type ListedKey, listKeys, revokeKey, rotateKey } from '../ledger/publish/rotate.js';
import { openSigningKeys } from '../ledger/publish/signing-keys.js';
import { byCli } from './by-cli.js';
import { type Command, JSON_OPTION } from './command.js';
import type { CommandInput } from './input.js';
import { counted, printJson, printLine, tell } from './output.js';
import { withDatabase } from './with-database.js';

const REASON_OPTION = { value: 'TEXT', help: 'Why, for the ledger; required.' };

export const ledgerKeyList: Command = {
  name: 'ledger key list',
  summary:
    'Print log, id, first and last size, state and verifier key of the keys that sign ledgers, separated by tabs.',
  positionals: [],
  options: { json: JSON_OPTION },
  run: async (input) => {
    const keys = (await withDatabase(listKeys)).map(shown);
    if (input.has('json')) printJson(keys);
    else {
      for (const { fleet, id, fromSize, toSize, state, publicKey } of keys) {
        printLine([fleet ?? '(installation)', id, fromSize, toSize ?? '', state, publicKey].join('\t'));
      }
    }
    return 0;
  },
};

export const ledgerKeyRotate: Command = {
  name: 'ledger key rotate',
  summary: 'Have another key sign the ledgers from now on, and seal that in each of them.',
  positionals: [],
  options: { reason: REASON_OPTION },
  run: async (input) => {
    const change = readChange(input);
    const keys = openSigningKeys(readConfig());
    const { fleets, standing } = await withDatabase((pool) => rotateKey(pool, keys, change));
    tell(`another key signs from now on; sealed in ${counted(fleets, 'ledger')}: see npx midwatch ledger key list`);
    if (standing.length > 0) {
      tell(`these stand still and are not signed until they go on and you rotate again: ${standing.join(', ')}`);
    }
    return 0;
  },
};

export const ledgerKeyRevoke: Command = {
  name: 'ledger key revoke',
  summary: 'Say that an earlier key is not to be believed any more, and seal that in each ledger it signed.',
  positionals: ['KEY-ID'],
  options: { reason: REASON_OPTION },
  run: async (input) => {
    const change = readChange(input);
    const fleets = await withDatabase((pool) => revokeKey(pool, input.positional('KEY-ID'), change));
    tell(fleets === 0 ? 'it was revoked before' : `revoked; sealed in ${counted(fleets, 'ledger')}`);
    return 0;
  },
};

function readChange(input: CommandInput): KeyChange {
  const reason = input.value('reason') ?? '';
  if (reason === '') throw new AppError('VALIDATION_FAILED', '--reason is required');
  if (!/^\P{Cc}{1,500}$/u.test(reason)) {
    throw new AppError('VALIDATION_FAILED', '--reason: at most 500 characters, none of them a control character');
  }
  return { ...byCli(), reason };
}

function shown({ fleet, key, fromSize, toSize, createdAt, revokedAt }: ListedKey) {
  const state = revokedAt !== null ? 'revoked' : toSize === null ? 'signs' : 'signed';
  return {
    fleet: fleet === ROOT_LOG ? null : fleet,
    id: key.id,
    fromSize,
    toSize,
    state,
    createdAt,
    revokedAt,
    publicKey: formatVerifierKey(key),
  };
}
