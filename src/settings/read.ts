import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { alertRule } from '../alert/read-rule.js';
import { DEFAULT_CONFIG_FILE } from '../config.js';
import { AppError } from '../errors.js';
import { DAY_MS } from '../time.js';
import { budget } from './budget.js';
import { readDocument, type Value } from './document.js';
import { judge } from './judge.js';
import { metricName } from './metric-name.js';
import { readNotifications } from './notification/notification.js';
import { namePrice, price } from './price.js';
import { formatProblem, type Problem, Problems } from './problem.js';
import { providerIn } from './provider.js';
import { DURATION_FORMS, parseDuration, parseNumber } from './quantity.js';
import { distinctList, list, patterns, type Reader, Section, single } from './reader.js';
import { readReports } from './reports.js';
import { CLASS_KEYS, readSampling, share } from './sampling.js';
import {
  type CardinalitySettings,
  DEFAULT_SETTINGS,
  ERASURE_APPROVALS,
  type ErasureApproval,
  type ErasureSettings,
  type RetentionSettings,
  type Settings,
  type StatusSettings,
  type ToolRequirement,
} from './settings.js';
import { timestampsIn } from './timestamps.js';

const BYTES_MAX = 1024 * 1024;

/** What a file says, and what is wrong with it: with problems, the settings are what could be read. */
export interface CheckedSettings {
  settings: Settings;
  problems: readonly Problem[];
}

/**
 * Reads the settings from a file. The file that is looked for when nobody named one, `midwatch.yaml` in the working
 * directory, may be missing: the defaults hold then. Throws VALIDATION_FAILED with a line for each problem.
 */
export function loadSettings(file: string): Settings {
  const text = readIfPresent(file);
  if (text !== null) return readSettings(text, file);
  if (path.resolve(file) === path.resolve(DEFAULT_CONFIG_FILE)) return DEFAULT_SETTINGS;
  throw new AppError('VALIDATION_FAILED', `${file}: there is no such file: MIDWATCH_CONFIG names it`);
}

/** The file's text. Throws VALIDATION_FAILED when there is no such file, or it is no UTF-8 text. */
export function readPresent(file: string): string {
  const text = readIfPresent(file);
  if (text === null) throw new AppError('VALIDATION_FAILED', `${file}: there is no such file`);
  return text;
}

/** The file's text, or null when there is none. Throws VALIDATION_FAILED when it cannot be read or is no UTF-8 text. */
export function readIfPresent(file: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readStart(file));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : code;
    throw new AppError('VALIDATION_FAILED', `${file} cannot be read: ${reason}`, { cause });
  }
}

/** At most a byte more than settings may have: whatever is named, memory is bounded. */
function readStart(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(BYTES_MAX);
    let length = 0;
    for (let read = -1; read !== 0 && length < BYTES_MAX; length += read) {
      read = readSync(descriptor, bytes, length, BYTES_MAX - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Throws VALIDATION_FAILED whose message has a line `file:line:column: key: what is wrong` for each problem. */
export function readSettings(text: string, fileName: string): Settings {
  const { settings, problems } = checkSettings(text, fileName);
  if (problems.length === 0) return settings;
  throw new AppError('VALIDATION_FAILED', problems.map((problem) => formatProblem(fileName, problem)).join('\n'));
}

const SECTIONS = [
  'metrics',
  'alerting',
  'sampling',
  'retention',
  'cardinality',
  'status',
  'prices',
  'providers',
  'requires_tool',
  'budgets',
  'judge',
  'timestamps',
  'notifications',
  'erasure',
  'reports',
] as const;

/** Reads what can be read and collects what is wrong; never throws. Files it names are found from the file's directory. */
export function checkSettings(text: string, fileName: string): CheckedSettings {
  const problems = new Problems();
  const file = new Section(readDocument(text, problems), ['agent_monitoring'], problems);
  const section = new Section(file.value('agent_monitoring'), SECTIONS, problems);
  const directory = path.dirname(fileName);
  const provider = providerIn(directory);
  const settings: Settings = {
    metrics: section.read('metrics', list(metricName, '[decision_latency_p95]'), DEFAULT_SETTINGS.metrics),
    alerting: section.read(
      'alerting',
      distinctList(alertRule, ({ name }) => `the name ${name}`, '[{condition: token_usage > 5000, severity: warning}]'),
      [],
    ),
    sampling: readSampling(section.value('sampling'), problems),
    retention: readRetention(section.value('retention'), problems),
    cardinality: readCardinality(section.value('cardinality'), problems),
    status: readStatus(section.value('status'), problems),
    prices: section.read('prices', distinctList(price, namePrice, '[{model: acme-*, input: 2.50, output: 10}]'), []),
    providers: section.read(
      'providers',
      distinctList(provider, ({ name }) => `the name ${name}`, '[{kind: openai, key_env: OPENAI_ADMIN_KEY}]'),
      [],
    ),
    requiresTool: section.read('requires_tool', list(toolRequirement, '[{request_types: [order-*]}]'), []),
    budgets: section.read(
      'budgets',
      distinctList(budget, ({ name }) => `the name ${name}`, '[{name: all, limit: $500, per: month}]'),
      [],
    ),
    judge: section.read('judge', judge, null),
    timestamps: section.read('timestamps', timestampsIn(directory), null),
    notifications: readNotifications(section.value('notifications'), problems),
    erasure: readErasure(section.value('erasure'), problems),
    reports: readReports(section.value('reports'), problems, { directory, hasAuthority: section.has('timestamps') }),
  };
  return { settings, problems: problems.list() };
}

const approval: Reader<ErasureApproval> = single('two_people or one_person', (text) =>
  ERASURE_APPROVALS.find((each) => each.toLowerCase() === text),
);

function readErasure(value: Value, problems: Problems): ErasureSettings {
  const section = new Section(value, ['approval'], problems);
  return { approval: section.read('approval', approval, DEFAULT_SETTINGS.erasure.approval) };
}

const toolRequirement: Reader<ToolRequirement> = (value, problems) => {
  const section = new Section(value, ['agents', 'request_types'], problems);
  const agents = section.read('agents', patterns, null);
  const requestTypes = section.read('request_types', patterns, null);
  if (agents !== null || requestTypes !== null) return { agents, requestTypes };
  return problems.add(value, 'names neither agents nor request_types: write [*] for all');
};

const age: Reader<number | null> = single(`${DURATION_FORMS}, of at least 1d, or forever`, (text) => {
  const ms = text === 'forever' ? null : parseDuration(text);
  return ms === null || (ms !== undefined && ms >= DAY_MS) ? ms : undefined;
});

/** Six months, the longest there are: EU AI Act, articles 19(1) and 26(6). */
const LOG_RETENTION_MIN_MS = 184 * DAY_MS;

/** Of high-risk decisions. */
const logAge: Reader<number | null> = single(`${DURATION_FORMS}, of at least 184d, or forever`, (text) => {
  const ms = text === 'forever' ? null : parseDuration(text);
  return ms === null || (ms !== undefined && ms >= LOG_RETENTION_MIN_MS) ? ms : undefined;
});

function readRetention(value: Value, problems: Problems): RetentionSettings {
  const section = new Section(
    value,
    [...Object.values(CLASS_KEYS), 'minute_rollups', 'hour_rollups', 'alerts'],
    problems,
  );
  const { decisions, minuteRollups, hourRollups, alerts } = DEFAULT_SETTINGS.retention;
  return {
    decisions: {
      HIGH_RISK: section.read(CLASS_KEYS.HIGH_RISK, logAge, decisions.HIGH_RISK),
      ROUTINE: section.read(CLASS_KEYS.ROUTINE, age, decisions.ROUTINE),
      ADMIN: section.read(CLASS_KEYS.ADMIN, age, decisions.ADMIN),
    },
    minuteRollups: section.read('minute_rollups', age, minuteRollups),
    hourRollups: section.read('hour_rollups', age, hourRollups),
    alerts: section.read('alerts', age, alerts),
  };
}

const bound: Reader<number> = single('a whole number from 1 to 1000000', (text) =>
  /^[1-9]\d{0,6}$/.test(text) && Number(text) <= 1_000_000 ? Number(text) : undefined,
);

function readCardinality(value: Value, problems: Problems): CardinalitySettings {
  const section = new Section(value, ['values_per_dimension', 'slices_per_day'], problems);
  const { valuesPerDimension, slicesPerDay } = DEFAULT_SETTINGS.cardinality;
  return {
    valuesPerDimension: section.read('values_per_dimension', bound, valuesPerDimension),
    slicesPerDay: section.read('slices_per_day', bound, slicesPerDay),
  };
}

const factor: Reader<number> = single('a number above 1, such as 2 or 1.5', (text) => {
  const read = parseNumber(text);
  return read !== undefined && read > 1 ? read : undefined;
});

const silence: Reader<number | null> = single(`auto, or ${DURATION_FORMS}, of at least 1s`, (text) => {
  const ms = text === 'auto' ? null : parseDuration(text);
  return ms === null || (ms !== undefined && ms >= 1_000) ? ms : undefined;
});

function readStatus(value: Value, problems: Problems): StatusSettings {
  const keys = ['degraded_error_rate', 'failing_error_rate', 'degraded_latency_factor', 'silent_after'] as const;
  const section = new Section(value, keys, problems);
  const { degradedErrorRate, failingErrorRate, degradedLatencyFactor, silentAfterMs } = DEFAULT_SETTINGS.status;
  const read = {
    degradedErrorRate: section.read('degraded_error_rate', share, degradedErrorRate),
    failingErrorRate: section.read('failing_error_rate', share, failingErrorRate),
    degradedLatencyFactor: section.read('degraded_latency_factor', factor, degradedLatencyFactor),
    silentAfterMs: section.read('silent_after', silence, silentAfterMs),
  };
  if (read.degradedErrorRate > read.failingErrorRate) {
    problems.add(section.place, 'degraded_error_rate is above failing_error_rate: no agent would ever be degraded');
  }
  return read;
}
