import { AppError } from '../errors.js';
import { backtest } from './backtest.js';
import type { Command } from './command.js';
import { configCheck } from './config-check.js';
import { exportLedger } from './export.js';
import { fleetCreate, fleetList } from './fleet.js';
import { commandHelp, listHelp } from './help.js';
import { readInput } from './input.js';
import { keyCreate, keyList, keyRevoke } from './key.js';
import { ledgerKeyList, ledgerKeyRevoke, ledgerKeyRotate } from './ledger-key.js';
import { printLine, tell } from './output.js';
import { providersImport, providersPull } from './providers.js';
import { report } from './report.js';
import { reprice } from './reprice.js';
import { rulesTest } from './rules-test.js';
import { token } from './token.js';
import { verify } from './verify.js';
import { witness } from './witness.js';

const COMMANDS: readonly Command[] = [
  token,
  fleetCreate,
  fleetList,
  keyCreate,
  keyList,
  keyRevoke,
  ledgerKeyList,
  ledgerKeyRotate,
  ledgerKeyRevoke,
  configCheck,
  rulesTest,
  reprice,
  report,
  providersPull,
  providersImport,
  backtest,
  exportLedger,
  verify,
  witness,
];

const DONE = 0;
const NEGATIVE = 1;
const BAD_USAGE = 2;

/** Runs `midwatch` with the words after it and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, index) => word === args[index]));
  try {
    return command === undefined ? help(args) : await run(command, args.slice(command.name.split(' ').length));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell(`midwatch: ${error.message.trim().replaceAll(/\s*\n\s*/g, '\n')}`);
    return error.code === 'VALIDATION_FAILED' ? (command?.exit?.badUsage ?? BAD_USAGE) : NEGATIVE;
  }
}

async function run(command: Command, args: readonly string[]): Promise<number> {
  if (!args.includes('--help')) return command.run(readInput(command, args));
  printLine(commandHelp(command));
  return DONE;
}

/** For `midwatch`, `midwatch --help`, `midwatch fleet --help`, and words that name no command. */
function help(args: readonly string[]): number {
  const [group] = args.filter((word) => word !== '--help');
  const commands = COMMANDS.filter(({ name }) => group === undefined || name.startsWith(`${group} `));
  if (commands.length === 0) {
    throw new AppError('VALIDATION_FAILED', `there is no command ${JSON.stringify(group)}: see midwatch --help`);
  }
  const isAsked = args.includes('--help');
  if (isAsked) printLine(listHelp(commands));
  else tell(listHelp(commands));
  return isAsked ? DONE : BAD_USAGE;
}
