/** What is said of a drift: what changed, from what to what, since when, and whether the agent or its requests did. */

import type { Finding, Json } from '../../anomaly/finding.js';
import { type Setup, setupLabel } from '../../fleet/version/deployment.js';
import { duration, moment, percent } from '../../fleet/wording.js';
import type { Severity } from '../../settings/settings.js';
import { FIGURE_NAMES, type FigureName } from './behaviour.js';
import { decode, decodeShare, type Frame, SHARE_SCALE } from './frame.js';
import type { Group } from './group.js';
import type { Drift, RequestDrift } from './look.js';
import { sizeOf } from './request-mix.js';

/** A figure or a tool's share, in the mean before and after; geometric means of all but shares. */
interface Change {
  what: FigureName | 'toolShare';
  tool: string | null;
  from: number;
  to: number;
  /** The difference in standard errors. */
  certainty: number;
}

/** Differences of fewer standard errors are left out, unless all are smaller. */
const CERTAINTY_MIN = 3;
const CHANGES_MAX = 6;
const SAID_MAX = 3;
/** Errors or refusals of so many more decisions are an outage, not a change. */
const CRITICAL_RISE = 0.2;
/** Shares that differ by less, and figures by a smaller factor, as its logarithm. */
const SLIGHT_RISE = 0.15;
const SLIGHT_FACTOR = Math.log(1.25);
const NATS_SCALE = 20;
const OTHER = 'others';

const WORDS: Readonly<Record<FigureName, readonly [name: string, format: (value: number) => string]>> = {
  durationMs: ['duration', duration],
  inputTokens: ['input tokens', formatFigure],
  outputTokens: ['output tokens', formatFigure],
  answerLength: ['length of the answer', (value) => `${formatFigure(value)} characters`],
  modelCalls: ['model calls', formatFigure],
  toolCalls: ['tool calls', formatFigure],
  failedToolCalls: ['failed tool calls', formatFigure],
  repeatedCalls: ['repeated calls', formatFigure],
  errors: ['errors', percent],
  refusals: ['refusals', percent],
};

/** `change`: the set-ups before and after when a new one is what drifted, null when nothing announced it. */
export function findingOfDrift(
  drift: Drift,
  { frame, change }: { frame: Frame; change: { from: Setup; to: Setup } | null },
): Finding {
  const { after, separation } = drift;
  const changes = changesOf(drift, frame);
  const [first] = changes;
  const since = new Date(after.sinceMs).toISOString();
  const versions = change === null ? null : { from: setupLabel(change.from), to: setupLabel(change.to) };
  const known = new Set(drift.before.strata.map(({ slot }) => slot)).size;
  const what =
    versions === null
      ? `the agent has behaved differently since ${moment(after.sinceMs)}`
      : `the agent behaves differently with ${versions.to} than with ${versions.from}`;
  return {
    kind: 'BEHAVIOUR_DRIFT',
    severity: severityOf(changes),
    score: scoreOf(separation.logChance),
    observed: first?.to ?? null,
    expected: first?.from ?? null,
    summary: `${what}: ${changes.slice(0, SAID_MAX).map(sentenceOf).join(', ')}`,
    evidence: {
      drift: versions === null ? 'AGENT' : 'VERSION',
      since,
      versionBefore: versions?.from ?? null,
      versionAfter: versions?.to ?? null,
      decisionsBefore: Math.round(drift.before.count),
      decisionsAfter: after.count,
      // With a single type nothing tells whether the tasks became others.
      isComparedWithinRequestTypes: known > 1,
      changes: changes.map((each): Json => ({ ...each })),
      logChance: separation.logChance,
    },
    incident: versions === null ? `since ${since}` : `${versions.to} since ${since}`,
  };
}

/** `types`: the request types by slot. */
export function findingOfRequests({ before, after, sinceMs, shift }: RequestDrift, types: readonly string[]): Finding {
  const since = new Date(sinceMs).toISOString();
  const shares = after.map((count, slot) => ({
    requestType: slot < types.length ? (types[slot] ?? OTHER) : OTHER,
    from: (before[slot] ?? 0) / sizeOf(before),
    to: count / sizeOf(after),
  }));
  const moved = shares
    .filter(({ from, to }) => from > 0 || to > 0)
    .sort((left, right) => Math.abs(right.to - right.from) - Math.abs(left.to - left.from));
  const said = moved
    .slice(0, SAID_MAX)
    .map(({ requestType, from, to }) => `${requestType || 'without a type'} ${percent(from)} → ${percent(to)}`);
  return {
    kind: 'BEHAVIOUR_DRIFT',
    severity: 'INFO',
    score: scoreOf(shift.logChance),
    observed: moved[0]?.to ?? null,
    expected: moved[0]?.from ?? null,
    summary: `the agent has been asked for other things since ${moment(sinceMs)}: ${said.join(', ')}`,
    evidence: {
      drift: 'REQUESTS',
      since,
      decisionsBefore: Math.round(sizeOf(before)),
      decisionsAfter: sizeOf(after),
      moved: shift.moved,
      changes: moved.slice(0, CHANGES_MAX),
      logChance: shift.logChance,
    },
    incident: `requests since ${since}`,
  };
}

/** The surest first. */
function changesOf({ before, separation }: Drift, frame: Frame): Change[] {
  const means = meansOf(before, separation.weights);
  const all = separation.shift.map((shift, index): Change => {
    const mean = means[index] ?? 0;
    const certainty = shift / (separation.standardErrors[index] ?? 1);
    const what = FIGURE_NAMES[index];
    if (what === undefined) {
      const tool = frame.tools[index - FIGURE_NAMES.length] ?? OTHER;
      const [from, to] = [decodeShare(mean, SHARE_SCALE), decodeShare(mean + shift, SHARE_SCALE)];
      return { what: 'toolShare', tool, from: round(from), to: round(to), certainty: round(certainty) };
    }
    const scale = frame.figures[index] ?? SHARE_SCALE;
    const [from, to] = [decode(what, mean, scale), decode(what, mean + shift, scale)];
    return { what, tool: null, from: round(from), to: round(to), certainty: round(certainty) };
  });
  const ranked = all.sort((left, right) => Math.abs(right.certainty) - Math.abs(left.certainty));
  const sure = ranked.filter(({ certainty }) => Math.abs(certainty) >= CERTAINTY_MIN);
  return (sure.length === 0 ? ranked.slice(0, SAID_MAX) : sure).slice(0, CHANGES_MAX);
}

/** Of each coordinate, in the mix of requests by which the difference is taken. */
function meansOf({ strata }: Group, weights: Drift['separation']['weights']): number[] {
  const means: number[] = [];
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  for (const { slot, weight } of weights) {
    const stratum = strata.find((each) => each.slot === slot);
    for (const [index, sum] of (stratum?.sums ?? []).entries()) {
      means[index] = (means[index] ?? 0) + (weight / total) * (sum / (stratum?.count ?? 1));
    }
  }
  return means;
}

function severityOf(changes: readonly Change[]): Severity {
  const isOutage = changes.some(
    ({ what, from, to }) => (what === 'errors' || what === 'refusals') && to - from >= CRITICAL_RISE,
  );
  if (isOutage) return 'CRITICAL';
  return changes.every(isSlight) ? 'INFO' : 'WARNING';
}

/** Sure, since there were many decisions, and so little that nobody need look at it now. */
function isSlight({ what, from, to }: Change): boolean {
  const isShare = what === 'toolShare' || what === 'errors' || what === 'refusals';
  return isShare ? Math.abs(to - from) < SLIGHT_RISE : Math.abs(Math.log((to + 1) / (from + 1))) < SLIGHT_FACTOR;
}

function scoreOf(logChance: number): number {
  return 1 - Math.exp(logChance / NATS_SCALE);
}

function sentenceOf({ what, tool, from, to }: Change): string {
  if (what === 'toolShare') return `calls of ${tool} ${percent(from)} → ${percent(to)}`;
  const [name, format] = WORDS[what];
  return `${name} ${format(from)} → ${format(to)}`;
}

function formatFigure(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
