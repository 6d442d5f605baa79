import { AppError } from '../errors.js';
import type { Command } from './command.js';
import { commandHelp, listHelp } from './help.js';
import { readInput } from './input.js';
import { heedOutput, isUnread, printLine, tell } from './output.js';

/** By name, in the order help lists them. Loaded when asked for: all of them together take a second to load, one a third. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['token', async () => (await import('./token.js')).token],
  ['fleet create', async () => (await import('./fleet.js')).fleetCreate],
  ['fleet list', async () => (await import('./fleet.js')).fleetList],
  ['key create', async () => (await import('./key.js')).keyCreate],
  ['key list', async () => (await import('./key.js')).keyList],
  ['key revoke', async () => (await import('./key.js')).keyRevoke],
  ['ledger key list', async () => (await import('./ledger-key.js')).ledgerKeyList],
  ['ledger key rotate', async () => (await import('./ledger-key.js')).ledgerKeyRotate],
  ['ledger key revoke', async () => (await import('./ledger-key.js')).ledgerKeyRevoke],
  ['ledger owed', async () => (await import('./ledger-owed.js')).ledgerOwed],
  ['config check', async () => (await import('./config-check.js')).configCheck],
  ['rules test', async () => (await import('./rules-test.js')).rulesTest],
  ['reprice', async () => (await import('./reprice.js')).reprice],
  ['report', async () => (await import('./report.js')).report],
  ['providers pull', async () => (await import('./providers.js')).providersPull],
  ['providers import', async () => (await import('./providers.js')).providersImport],
  ['backtest', async () => (await import('./backtest.js')).backtest],
  ['export', async () => (await import('./export.js')).exportLedger],
  ['verify', async () => (await import('./verify.js')).verify],
  ['witness', async () => (await import('./witness.js')).witness],
]);

const DONE = 0;
const NEGATIVE = 1;
const BAD_USAGE = 2;

/** Runs `midwatch` with the words after it and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const command = await findCommand(args);
  const failure = command?.exit?.failure;
  heedOutput(failure ?? NEGATIVE);
  try {
    return command === null ? await help(args) : await run(command, args.slice(command.name.split(' ').length));
  } catch (error) {
    if (error instanceof AppError) {
      tell(`midwatch: ${error.message.trim().replaceAll(/\s*\n\s*/g, '\n')}`);
      return failure ?? (error.code === 'VALIDATION_FAILED' ? BAD_USAGE : NEGATIVE);
    }
    if (!isUnread(error)) tell(`midwatch: a defect: ${error instanceof Error ? error.stack : String(error)}`);
    return failure ?? NEGATIVE;
  }
}

async function findCommand(args: readonly string[]): Promise<Command | null> {
  for (const [name, load] of COMMANDS) {
    if (name.split(' ').every((word, index) => word === args[index])) return load();
  }
  return null;
}

async function run(command: Command, args: readonly string[]): Promise<number> {
  if (!args.includes('--help')) return command.run(readInput(command, args));
  printLine(commandHelp(command));
  return DONE;
}

/** For `midwatch`, `midwatch --help`, `midwatch fleet --help`, and words that name no command. */
async function help(args: readonly string[]): Promise<number> {
  const [group] = args.filter((word) => word !== '--help');
  const asked = [...COMMANDS].filter(([name]) => group === undefined || name.startsWith(`${group} `));
  if (asked.length === 0) {
    throw new AppError('VALIDATION_FAILED', `there is no command ${JSON.stringify(group)}: see midwatch --help`);
  }
  const commands = await Promise.all(asked.map(([, load]) => load()));
  const isAsked = args.includes('--help');
  if (isAsked) printLine(listHelp(commands));
  else tell(listHelp(commands));
  return isAsked ? DONE : BAD_USAGE;
}
