import type { NoData, RuleFragment, SaveAlertRuleInput, Severity } from './rules.graphql.js';

/** A rule as it is being written: each value the text that would stand in midwatch.yaml. */
export interface Draft {
  name: string;
  condition: string;
  severity: Severity;
  window: string;
  for: string;
  keepFiringFor: string;
  flapHold: string;
  clear: string;
  minimumSamples: string;
  noData: NoData;
  labels: readonly { name: string; value: string }[];
  message: string;
}

export const NEW_DRAFT: Draft = {
  name: '',
  condition: '',
  severity: 'WARNING',
  window: '5m',
  for: '0s',
  keepFiringFor: '0s',
  flapHold: '10m',
  clear: '',
  minimumSamples: '0',
  noData: 'OK',
  labels: [],
  message: '',
};

/** What a rule says when nothing else is written. */
const DEFAULT_MESSAGE = '{{condition}} for {{group}}: {{value}}';

export function draftOf(rule: RuleFragment): Draft {
  return {
    name: rule.name,
    condition: rule.condition,
    severity: rule.severity,
    window: writeTime(rule.windowMs),
    for: writeTime(rule.forMs),
    keepFiringFor: writeTime(rule.keepFiringForMs),
    flapHold: writeTime(rule.flapHoldMs),
    clear: rule.clear === null ? '' : writeFigure(rule.clear, rule.condition),
    minimumSamples: String(rule.minimumSamples),
    noData: rule.noData,
    labels: Object.entries(rule.labels as Record<string, string>).map(([name, value]) => ({ name, value })),
    message: rule.message === DEFAULT_MESSAGE ? '' : rule.message,
  };
}

/** Without a name of its own a rule is called by its condition, as in the file. */
export function inputOf(draft: Draft): SaveAlertRuleInput {
  const { name, condition, severity, noData, labels, minimumSamples, clear, message, ...times } = draft;
  const samples = Number(minimumSamples);
  return {
    name: name.trim() || condition.trim(),
    condition,
    severity,
    noData,
    window: times.window,
    for: times.for,
    keepFiringFor: times.keepFiringFor,
    flapHold: times.flapHold,
    ...(clear.trim() === '' ? {} : { clear }),
    ...(Number.isInteger(samples) ? { minimumSamples: samples } : {}),
    ...(labels.length === 0 ? {} : { labels: [...labels] }),
    ...(message.trim() === '' ? {} : { message }),
  };
}

const TIMES = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `5m`, `90s`: in the largest unit that leaves nothing over. */
export function writeTime(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, unitMs] = TIMES.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / unitMs}${unit}`;
}

const PER_MS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** A figure in the unit in which the condition states its threshold. */
function writeFigure(value: number, condition: string): string {
  const [, dollar, unit = '', per] = /(?:[<>]=?)\s*(\$)?[\d.]+\s*([a-zA-Z%]*)(?:\/(s|min|h|d))?/.exec(condition) ?? [];
  const amount = per === undefined ? value : value * (PER_MS[per] ?? 1);
  const rate = per === undefined ? '' : `/${per}`;
  if (/^(ms|s|m|h|d|y)$/.test(unit)) return `${amount}ms`;
  if (unit === '%') return `${Number((amount * 100).toPrecision(12))}%`;
  return `${dollar ?? ''}${Number(amount.toPrecision(12))}${rate}`;
}

/** The rule as it would stand under `alerting` in midwatch.yaml, without what is as by default. */
export function yamlOf(draft: Draft): string {
  const lines = [
    draft.name.trim() === '' ? null : `name: ${quote(draft.name)}`,
    `condition: ${quote(draft.condition)}`,
    draft.severity === NEW_DRAFT.severity ? null : `severity: ${draft.severity.toLowerCase()}`,
    draft.window === NEW_DRAFT.window ? null : `window: ${draft.window}`,
    draft.for === NEW_DRAFT.for ? null : `for: ${draft.for}`,
    draft.keepFiringFor === NEW_DRAFT.keepFiringFor ? null : `keep_firing_for: ${draft.keepFiringFor}`,
    draft.flapHold === NEW_DRAFT.flapHold ? null : `flap_hold: ${draft.flapHold}`,
    draft.clear.trim() === '' ? null : `clear: ${quote(draft.clear)}`,
    draft.minimumSamples === NEW_DRAFT.minimumSamples ? null : `minimum_samples: ${draft.minimumSamples}`,
    draft.noData === NEW_DRAFT.noData ? null : `no_data: ${draft.noData.toLowerCase()}`,
    draft.labels.length === 0
      ? null
      : `labels: {${draft.labels.map(({ name, value }) => `${name}: ${quote(value)}`).join(', ')}}`,
    draft.message.trim() === '' ? null : `message: ${quote(draft.message)}`,
  ];
  const written = lines.filter((line) => line !== null);
  return `- ${written.join('\n  ')}`;
}

/** JSON’s strings are YAML’s. */
function quote(text: string): string {
  return JSON.stringify(text);
}
