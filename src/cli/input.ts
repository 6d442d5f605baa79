import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { AppError } from '../errors.js';
import type { Command } from './command.js';

/** The arguments of one command, checked against what it takes. */
export interface CommandInput {
  positional(name: string): string;
  /** All arguments from the one named on: those of `FILE…`. */
  rest(name: string): readonly string[];
  /** The value of an option; undefined where it was left out. */
  value(option: string): string | undefined;
  /** The same of an option that must be given. Throws VALIDATION_FAILED when it was left out. */
  required(option: string): string;
  /** All values of an option that may be repeated, in the order given. */
  values(option: string): readonly string[];
  has(flag: string): boolean;
}

/** Throws VALIDATION_FAILED on anything the command does not take or takes once, and on an argument that is missing. */
export function readInput(command: Command, args: readonly string[]): CommandInput {
  const { positionals, tokens } = parse(command, args);
  const isSeveral = command.positionals.at(-1)?.endsWith('…') === true;
  const missing = command.positionals.length - positionals.length;
  if (missing > 0 || (missing < 0 && !isSeveral)) {
    const wanted = command.positionals.join(' ') || 'no arguments';
    throw new AppError('VALIDATION_FAILED', `${command.name} takes ${wanted}: see midwatch ${command.name} --help`);
  }
  const given = tokens.filter((token) => token.kind === 'option');
  const values = (option: string) => given.flatMap(({ name, value }) => (name === option ? [value ?? ''] : []));
  for (const [option, { value, isRepeatable }] of Object.entries(command.options)) {
    if (value === undefined || isRepeatable === true || values(option).length < 2) continue;
    throw new AppError('VALIDATION_FAILED', `--${option} is given more than once: it takes one ${value}`);
  }
  return {
    positional: (name) => {
      const value = positionals[command.positionals.indexOf(name)];
      assert(value !== undefined);
      return value;
    },
    rest: (name) => positionals.slice(command.positionals.indexOf(name)),
    value: (option) => values(option).at(-1),
    required: (option) => {
      const value = values(option).at(-1);
      if (value === undefined) throw new AppError('VALIDATION_FAILED', `--${option} is required`);
      return value;
    },
    values,
    has: (flag) => values(flag).length > 0,
  };
}

function parse(command: Command, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { value, isRepeatable }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: isRepeatable === true } as const,
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
  } catch (cause) {
    assert(cause instanceof TypeError, cause as Error);
    throw new AppError('VALIDATION_FAILED', cause.message, { cause });
  }
}
