import { counted, formatCount, formatDuration, formatShare, formatUsd } from '../../figure/format.js';

/** One thing that a detector says, in words; a moment is shown in the reader’s zone. */
export interface Fact {
  word: string;
  value: string | { moment: string };
}

type Value = unknown;
type Evidence = Readonly<Record<string, Value>>;
type Format = (value: number) => string;

/** What keys of evidence are called; those of any detector that is not here are taken apart into words. */
const WORDS: Readonly<Record<string, string>> = {
  pattern: 'What repeats',
  expectedMax: 'Usual at most',
  isFromEarlierRun: 'Began in an earlier run',
  errorClass: 'Error',
  factor: 'Times as long',
  chance: 'Chance that it is chance',
  peersAhead: 'Ahead of it',
  roleVersion: 'Version of the role',
  path: 'Way it took',
  brokeAt: 'Broke at',
  costUsd: 'Cost of those that failed',
  ratePerHour: 'Spent an hour',
  burnRate: 'Burns',
  forecastAt: 'Gone at',
  forecastShare: 'By the end of the period',
  share: 'Share',
  limit: 'Limit',
  spent: 'Spent',
  usualP95: 'Usual at most (p95)',
  usualMedian: 'Usual (median)',
  unsupported: 'Unsupported passages',
  undoneDeeds: 'Deeds without a tool',
  facts: 'Facts stated',
  usualTools: 'Tools usually called',
  requiresTool: 'A tool is required',
  evaluation: 'Score of the evaluation',
  expectedLow: 'Usual from',
  expectedHigh: 'Usual to',
  daysKnown: 'Days known',
  lastSeen: 'Seen last',
  silentMs: 'Silent for',
  decisionsBefore: 'Decisions before',
  decisionsAfter: 'Decisions after',
  traceId: 'Trace',
};

const PATTERNS: Readonly<Record<string, string>> = {
  same_call: 'the same call, with the same answer',
  same_error: 'the same call, with the same error',
  near_duplicate: 'nearly the same call',
  side_effect: 'the same deed',
  cycle: 'a round of calls',
};

/** Shown elsewhere: as sentences, a table, steps or decisions; or of no use to a person. */
const ELSEWHERE = new Set([
  'agent',
  'decisions',
  'quotes',
  'clues',
  'causes',
  'changes',
  'alarms',
  'moved',
  'firstStep',
  'lastStep',
  'logChance',
  'operation',
  'step',
  'isComparedWithinRequestTypes',
  'metric',
  'unsupportedFigures',
]);

/** What a detector found it by, as facts. */
export function factsOf(evidence: unknown): Fact[] {
  if (typeof evidence !== 'object' || evidence === null) return [];
  const known = evidence as Evidence;
  return Object.entries(known).flatMap(([key, value]) => {
    if (ELSEWHERE.has(key)) return [];
    const said = say(key, value, known);
    return said === null ? [] : [{ word: WORDS[key] ?? inPlainWords(key), value: said }];
  });
}

function say(key: string, value: Value, evidence: Evidence): Fact['value'] | null {
  if (typeof value === 'boolean') return value ? 'yes' : null;
  if (typeof value === 'number') return formatOf(key, evidence)(value);
  if (typeof value === 'string') return sayText(key, value, evidence);
  if (Array.isArray(value)) return sayList(key, value);
  if (typeof value !== 'object' || value === null) return null;
  const parts = Object.entries(value).map(([name, part]) => `${inPlainWords(name).toLowerCase()} ${String(part)}`);
  return parts.join(', ') || null;
}

function sayText(key: string, value: string, evidence: Evidence): Fact['value'] | null {
  if (value === '') return null;
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return { moment: value };
  if (key === 'pattern') return PATTERNS[value] ?? value;
  // Exact dollars and tokens come as text.
  if (/^(limit|spent|.*Usd)$/.test(key) && /^[\d.]+$/.test(value)) return formatOf(key, evidence)(Number(value));
  return value;
}

function sayList(key: string, value: readonly Value[]): string | null {
  if (value.length === 0) return null;
  if (value.every((each) => typeof each === 'string')) return value.join(key === 'path' ? ' → ' : ', ');
  return formatCount(value.length);
}

function formatOf(key: string, { unit }: Evidence): Format {
  if (key === 'limit' || key === 'spent' || key === 'ratePerHour') return unit === 'USD' ? formatUsd : formatCount;
  if (key === 'burnRate' || key === 'factor') return (value) => `×${value.toFixed(1)}`;
  if (key.endsWith('Ms')) return formatDuration;
  if (key.endsWith('Usd')) return formatUsd;
  if (/share|chance|rate|score|evaluation/i.test(key)) return formatShare;
  return (value) => formatCount(Math.round(value * 100) / 100);
}

/** `usualTools` as `Usual tools`. */
export function inPlainWords(key: string): string {
  const words = key.replace(/([a-z])([A-Z])/g, (_match, end: string, start: string) => `${end} ${start.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Sentences that say why, in the order of the detector: its clues, then what speaks against others. */
export function sentencesOf(evidence: unknown): string[] {
  const { clues, causes } = (evidence ?? {}) as { clues?: unknown; causes?: unknown };
  const others = Array.isArray(causes) ? causes.slice(1) : [];
  return [clues, ...others.map((cause) => (cause as { evidence?: unknown }).evidence)]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((sentence) => typeof sentence === 'string');
}

/** Passages of content it is about; none for roles that do not read content. */
export function quotesOf(evidence: unknown): string[] {
  const { quotes } = (evidence ?? {}) as { quotes?: unknown };
  return Array.isArray(quotes) ? quotes.filter((quote) => typeof quote === 'string') : [];
}

export interface Moved {
  what: string;
  from: string;
  to: string;
}

/** Figures that are not as they were: of a drift, or of the agents that are off at the same time. */
export function movedOf(evidence: unknown): Moved[] {
  const { changes, alarms } = (evidence ?? {}) as { changes?: unknown; alarms?: unknown };
  if (Array.isArray(changes)) {
    return changes.map((change: Evidence) => {
      const what = String(change.what ?? '');
      const format = formatOf(what, {});
      const tool = typeof change.tool === 'string' ? ` ${change.tool}` : '';
      return {
        what: `${inPlainWords(what)}${tool}`,
        from: sayNumber(change.from, format),
        to: sayNumber(change.to, format),
      };
    });
  }
  if (!Array.isArray(alarms)) return [];
  return alarms.map((alarm: Evidence) => {
    const format = formatOfMetric(String(alarm.metric ?? ''));
    return {
      what: String(alarm.agent ?? ''),
      from: sayNumber(alarm.expected, format),
      to: sayNumber(alarm.observed, format),
    };
  });
}

function sayNumber(value: Value, format: Format): string {
  return typeof value === 'number' ? format(value) : '–';
}

/** The steps of its decision that it is about, by index; null when it names none. */
export function stepsOf(evidence: unknown): { from: number; to: number } | null {
  const { firstStep, lastStep } = (evidence ?? {}) as { firstStep?: unknown; lastStep?: unknown };
  return typeof firstStep === 'number' && typeof lastStep === 'number' ? { from: firstStep, to: lastStep } : null;
}

export interface Compared {
  observed: number;
  expected: number;
  format: Format;
}

/** What was seen beside what is usual, where both are known and in a unit of their own. */
export function comparedOf({
  kind,
  metric,
  observed,
  expected,
  evidence,
}: {
  kind: string;
  metric: string | null;
  observed: number | null;
  expected: number | null;
  evidence: unknown;
}): Compared | null {
  if (observed === null || expected === null || expected === 0) return null;
  const known = (evidence ?? {}) as Evidence;
  return { observed, expected, format: formatOfKind(kind, metric, known) };
}

function formatOfKind(kind: string, metric: string | null, evidence: Evidence): Format {
  const whole: Format = (value) => formatCount(Math.round(value * 10) / 10);
  if (kind === 'METRIC_ANOMALY') {
    if (Array.isArray(evidence.alarms)) return (value) => counted(value, 'agent');
    return typeof evidence.operation === 'string' ? formatDuration : formatOfMetric(metric ?? '');
  }
  if (kind === 'TOKEN_BURN') {
    if (evidence.burn === 'fast' || evidence.burn === 'slow') return (value) => `×${value.toFixed(1)}`;
    return evidence.unit === 'USD' ? formatUsd : (value) => `${formatCount(value)} tokens`;
  }
  if (kind === 'TOOL_FAILURE' || kind === 'UNGROUNDED_ANSWER' || kind === 'LOAD_SKEW') return formatShare;
  if (kind === 'LOOP') return (value) => `${whole(value)} times`;
  if (kind === 'CASCADE_FAILURE' || kind === 'SILENT_AGENT') return (value) => `${whole(value)} decisions`;
  return whole;
}

function formatOfMetric(metric: string): Format {
  if (/LATENCY|TIME/.test(metric)) return formatDuration;
  if (metric === 'COST') return formatUsd;
  if (/RATE|SCORE/.test(metric)) return formatShare;
  return (value) => formatCount(Math.round(value * 10) / 10);
}
