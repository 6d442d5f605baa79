import type { CommandInput } from './input.js';

/** A command as `midwatch` lists, explains and runs it. */
export interface Command {
  /** The words after `midwatch`, e.g. `fleet create`. */
  name: string;
  /** A sentence. */
  summary: string;
  /** Names of the arguments, in order; all are required. The last may be several: `FILE…`. */
  positionals: readonly string[];
  options: Readonly<Record<string, CommandOption>>;
  /** Where its exit codes are not those of the others: what they mean, and the one of bad usage and of what it could not do. */
  exit?: { help: string; failure: number };
  /** Writes data, and data alone, to stdout. Returns the exit code: 0 done, 1 a negative answer. */
  run(input: CommandInput): Promise<number>;
}

export interface CommandOption {
  help: string;
  /** The word that stands for the option's value in the help; an option without one is a flag. */
  value?: string;
  isRepeatable?: true;
}

export const JSON_OPTION: CommandOption = { help: 'Print JSON.' };
