import { formatFigure } from '../alert/condition/format.js';
import { type AlertRule, DEFAULT_RULE } from '../alert/rule.js';
import { formatProblem } from '../settings/problem.js';
import { formatDuration, formatShare } from '../settings/quantity.js';
import { checkSettings, readPresent } from '../settings/read.js';
import { CLASS_KEYS } from '../settings/sampling.js';
import type { JudgeSetting, Settings, TimestampSetting } from '../settings/settings.js';
import { type Command, JSON_OPTION } from './command.js';
import { printJson, printLine } from './output.js';

export const configCheck: Command = {
  name: 'config check',
  summary: 'Check a file of settings and print what holds by it, or what is wrong in it.',
  positionals: ['FILE'],
  options: { json: JSON_OPTION },
  run: async (input) => {
    const file = input.positional('FILE');
    const text = readPresent(file);
    const { settings, problems } = checkSettings(text, file);
    const isFine = problems.length === 0;
    if (input.has('json')) printJson({ file, ok: isFine, problems, settings: isFine ? plain(settings) : null });
    else if (isFine) printLine(summarize(settings));
    else for (const problem of problems) printLine(formatProblem(file, problem));
    return isFine ? 0 : 1;
  },
};

const NAME_WIDTH = 12;

/** Conditions as they were written: what they were read as is for the program. */
function plain({ alerting, ...settings }: Settings): object {
  return { ...settings, alerting: alerting.map((rule) => ({ ...rule, condition: rule.condition.text })) };
}

function summarize({
  metrics,
  alerting,
  sampling,
  retention,
  cardinality,
  status,
  prices,
  providers,
  budgets,
  judge,
  timestamps,
  notifications,
}: Settings): string {
  const age = (ms: number | null) => (ms === null ? 'forever' : formatDuration(ms));
  const silent = status.silentAfterMs === null ? 'learned' : formatDuration(status.silentAfterMs);
  const rows: [string, string][] = [
    ['metrics', metrics.join(', ')],
    ['alerting', alerting.map(summarizeRule).join(`\n${' '.repeat(NAME_WIDTH)}`)],
    ['sampling', byClass((riskClass) => formatShare(sampling.shares[riskClass]))],
    ['rules', sampling.rules.length.toString()],
    ['retention', byClass((riskClass) => age(retention.decisions[riskClass]))],
    ['rollups', `minutes ${age(retention.minuteRollups)}, hours ${age(retention.hourRollups)}`],
    [
      'cardinality',
      `${cardinality.valuesPerDimension} values per dimension, ${cardinality.slicesPerDay} slices per day`,
    ],
    [
      'status',
      `degraded from ${formatShare(status.degradedErrorRate)} errors or ${status.degradedLatencyFactor} times the latency, failing from ${formatShare(status.failingErrorRate)}, silence ${silent}`,
    ],
    ['prices', prices.map(({ model }) => model).join(', ')],
    ['providers', providers.map(({ name, everyMs }) => `${name} every ${formatDuration(everyMs)}`).join(', ')],
    ['budgets', budgets.map(({ name, unit, limit, per }) => `${name} ${limit} ${unit} per ${per}`).join(', ')],
    ['judge', judge === null ? '' : summarizeJudge(judge)],
    ['timestamps', timestamps === null ? '' : summarizeTimestamps(timestamps)],
    ['receivers', notifications.receivers.map(({ name, channel }) => `${name} (${channel.kind})`).join(', ')],
  ];
  return rows.map(([name, value]) => `${name.padEnd(NAME_WIDTH)}${value || 'none'}`).join('\n');
}

/** Where content goes to; the rest of the URL may hold what is nobody's business. */
function summarizeJudge({ url, model, share, callsPerDayMax }: JudgeSetting): string {
  const { host } = new URL(url);
  return `${model} at ${host}, ${formatShare(share)} of decisions, at most ${callsPerDayMax} calls a day`;
}

function summarizeTimestamps({ url, rootsFile, everyMs }: TimestampSetting): string {
  return `of ${new URL(url).host} every ${formatDuration(everyMs)}, roots in ${rootsFile}`;
}

/** A rule with what differs from the defaults. */
function summarizeRule(rule: AlertRule): string {
  const { name, condition, severity, clear, minimumSamples, noData } = rule;
  const isNamed = name !== condition.text.trim().replaceAll(/\s+/g, ' ');
  const time = (key: 'windowMs' | 'forMs' | 'keepFiringForMs' | 'flapHoldMs', word: string) =>
    rule[key] === DEFAULT_RULE[key] ? [] : [`${word} ${formatDuration(rule[key])}`];
  const { expression } = condition;
  const parts = [
    severity.toLowerCase(),
    ...time('windowMs', 'over'),
    ...time('forMs', 'for'),
    ...time('keepFiringForMs', 'kept for'),
    ...time('flapHoldMs', 'held for'),
    ...(clear === null || expression.kind !== 'comparison' ? [] : [`clear at ${formatFigure(clear, expression.unit)}`]),
    ...(minimumSamples === 0 ? [] : [`from ${minimumSamples} samples`]),
    ...(noData === 'OK' ? [] : [`${noData.toLowerCase()} without data`]),
  ];
  return `${isNamed ? `${name}: ` : ''}${condition.text} (${parts.join(', ')})`;
}

function byClass(describe: (riskClass: keyof typeof CLASS_KEYS) => string): string {
  const classes = Object.keys(CLASS_KEYS) as (keyof typeof CLASS_KEYS)[];
  return classes.map((riskClass) => `${CLASS_KEYS[riskClass]} ${describe(riskClass)}`).join(', ');
}
