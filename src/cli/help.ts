import type { Command } from './command.js';

/** What `midwatch --help`, or `midwatch fleet --help` with the commands of one group, prints. */
export function listHelp(commands: readonly Command[]): string {
  return [
    'Usage: midwatch COMMAND [--help]',
    '',
    'Commands:',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Data goes to stdout, messages to stderr. Exit code: 0 done, 1 a negative answer, 2 bad usage or settings.',
  ].join('\n');
}

export function commandHelp({ name, summary, positionals, options, exit }: Command): string {
  const rows = Object.entries(options).map(([option, { value, isRepeatable, help }]): [string, string] => [
    value === undefined ? `--${option}` : `--${option} ${value}`,
    isRepeatable ? `${help} May be repeated.` : help,
  ]);
  return [
    `Usage: ${['midwatch', name, ...positionals].join(' ')} [options]`,
    '',
    summary,
    '',
    'Options:',
    ...columns([...rows, ['--help', 'Print this help.']]),
    ...(exit === undefined ? [] : ['', `Exit code: ${exit.help}.`]),
  ].join('\n');
}

function columns(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
