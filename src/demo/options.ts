import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseFleetId } from '../access/fleet-id.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';

export interface DemoOptions {
  /** Base URL of the server, without a slash at the end. */
  url: string;
  fleet: string;
  /** API key or token; null: a token of this installation's own. */
  key: string | null;
  decisionsPerS: number;
  seed: number;
  /** Null: until stopped. */
  durationMs: number | null;
  backfillMs: number;
  /** Whether things go wrong on purpose. */
  hasFaults: boolean;
  truthFile: string;
}

export const USAGE = `Usage: npm run demo -- [options]

Sends the telemetry of a simulated fleet of thirty agents, faults included, as OTLP.

  --url URL         the server (default: the one of HOST and PORT; started when it is not running)
  --fleet ID        the fleet to send to (default)
  --key KEY         API key or token (default: a token signed with the key in MIDWATCH_DATA_DIR)
  --rate N          decisions per second on average, 0.1 to 1000 (5)
  --seed N          repeat the traffic of an earlier run, trace ids included: for a fleet that has not seen it yet
  --duration TIME   stop after 90s, 5m, 2h … (never)
  --backfill HOURS  send the hours before now first, one decision in ten seconds, 0 to 168 (1); 48 for all of yesterday
  --faults on|off   whether things go wrong on purpose (on)
  --truth FILE      log of what was done and sent, faults first of all (<MIDWATCH_DATA_DIR>/demo-truth.jsonl)
  --help
`;

const FLAGS = {
  url: { type: 'string' },
  fleet: { type: 'string', default: 'default' },
  key: { type: 'string' },
  rate: { type: 'string', default: '5' },
  seed: { type: 'string' },
  duration: { type: 'string' },
  backfill: { type: 'string', default: '1' },
  faults: { type: 'string', default: 'on' },
  truth: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** What the command line asks for; 'help' when it asks for that. Throws VALIDATION_FAILED naming the option that is wrong. */
export function readOptions(
  args: string[],
  { config, nowMs }: { config: Config; nowMs: number },
): DemoOptions | 'help' {
  const values = parseFlags(args);
  if (values.help) return 'help';
  return {
    url: readUrl(values.url ?? ownUrl(config)),
    fleet: parseFleetId(values.fleet, '--fleet'),
    key: values.key ?? null,
    decisionsPerS: readNumber('--rate', values.rate, { min: 0.1, max: 1_000 }),
    seed: readNumber('--seed', values.seed ?? String(nowMs), { min: 0, max: Number.MAX_SAFE_INTEGER }),
    durationMs: values.duration === undefined ? null : readDuration(values.duration),
    backfillMs: readNumber('--backfill', values.backfill, { min: 0, max: 168 }) * 3_600_000,
    hasFaults: readSwitch('--faults', values.faults),
    truthFile: path.resolve(values.truth ?? path.join(config.dataDir, 'demo-truth.jsonl')),
  };
}

function parseFlags(args: string[]) {
  try {
    return parseArgs({ args, options: FLAGS }).values;
  } catch (cause) {
    throw new AppError('VALIDATION_FAILED', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function readSwitch(name: string, text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new AppError('VALIDATION_FAILED', `${name}: must be on or off`);
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !url.protocol.startsWith('http')) {
    throw new AppError('VALIDATION_FAILED', '--url: must be an http(s) URL');
  }
  return url.href.replace(/\/+$/, '');
}

/** Where this installation's own server listens. */
export function ownUrl({ host, port }: Config): string {
  return `http://${hostInUrl(host)}:${port}`;
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function readNumber(flag: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new AppError('VALIDATION_FAILED', `${flag}: must be a number from ${min} to ${max}`);
}

function readDuration(text: string): number {
  const [, amount, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit];
  if (unitMs === undefined) throw new AppError('VALIDATION_FAILED', '--duration: must be like 90s, 5m or 2h');
  return Number(amount) * unitMs;
}
