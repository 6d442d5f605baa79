import { judgeSilence, RECENT_MAX, type Rhythm } from '../fleet/status/rhythm.js';
import { duration } from '../fleet/wording.js';
import { type AgentFinding, followIncidents, type IncidentChanges, keyOf, type OpenIncidents } from './incident.js';

export interface AgentRhythm {
  /** Null: all agents of the fleet together. */
  agent: string | null;
  rhythm: Rhythm;
  /** After so long without a decision the settings call it silent; null: by its own rhythm. */
  silentAfterMs: number | null;
}

/**
 * Status, which is looked at, is content with less: for what calls somebody, a silence by chance must be rare over all gaps
 * of a fleet. At five decisions a second this is one in a day.
 */
const CHANCE_MAX = 3e-6;
/** Worth knowing: a dozen such silences a day are chance. */
const NOTED_CHANCE_MAX = 5e-5;
/** A shorter silence is nothing, however busy the agent. */
const SILENCE_MIN_MS = 60_000;
/** Fewer gaps say nothing of the next. */
const GAPS_MIN = 7;
/** The longer gaps are counted as that long at least: the agent was silent before, or its work has grown. */
const SHORTER_SHARE = 0.75;
/** So many: it has certainly stopped. */
const CRITICAL_EXPECTED = 100;

export interface Listening {
  /** The incidents before. */
  open: OpenIncidents;
  /** Since when decisions could be heard without a break: silence before is nobody's. Milliseconds since the epoch. */
  sinceMs: number;
  nowMs: number;
}

/**
 * Agents that fell silent, and those that are heard again; all agents are to be given. When nothing comes from any of them,
 * it is what lies between them and here that is silent: that is one incident, not one each. When it is over, each is listened
 * to anew: `sinceMs` says since when, for the next time.
 */
export function watchSilence(
  agents: readonly AgentRhythm[],
  listening: Listening,
): { open: OpenIncidents; changes: IncidentChanges; sinceMs: number } {
  const { open, nowMs } = listening;
  const before = new Set(open.map(keyOf));
  const heard = { before, sinceMs: listening.sinceMs, nowMs };
  const isHeard = agents.some(({ rhythm }) => rhythm.lastSeenMs > nowMs - SILENCE_MIN_MS);
  const together = isHeard || agents.length < FLEET_AGENTS_MIN ? [] : findSilence(fleetRhythm(agents), heard);
  const isHeardAgain = together.length === 0 && open.some(({ agent }) => agent === null);
  const sinceMs = isHeardAgain ? nowMs : listening.sinceMs;
  const each = agents.flatMap((agent) => findSilence(agent, { ...heard, sinceMs }));
  // Agents that were silent before the fleet was stay what they are.
  const known = each.filter(({ agent, finding: { incident } }) => before.has(keyOf({ agent, incident })));
  return { ...followIncidents(open, together.length > 0 ? [...together, ...known] : each, nowMs), sinceMs };
}

/** Fewer agents may well be silent together. */
const FLEET_AGENTS_MIN = 3;

function fleetRhythm(agents: readonly AgentRhythm[]): AgentRhythm {
  const rhythms = agents.map(({ rhythm }) => rhythm);
  const hours = new Map<number, number>();
  for (const rhythm of rhythms) {
    for (const [hour, decisions] of rhythm.hours) hours.set(hour, (hours.get(hour) ?? 0) + decisions);
  }
  const rhythm = {
    firstSeenMs: Math.min(...rhythms.map(({ firstSeenMs }) => firstSeenMs)),
    lastSeenMs: Math.max(...rhythms.map(({ lastSeenMs }) => lastSeenMs)),
    hours,
    recentMs: rhythms
      .flatMap(({ recentMs }) => recentMs)
      .sort((left, right) => right - left)
      .slice(0, RECENT_MAX),
  };
  return { agent: null, rhythm, silentAfterMs: null };
}

function findSilence(
  { agent, rhythm, silentAfterMs }: AgentRhythm,
  { before, sinceMs, nowMs }: { before: ReadonlySet<string>; sinceMs: number; nowMs: number },
): AgentFinding[] {
  const silentMs = Math.max(0, nowMs - rhythm.lastSeenMs);
  const incident = `silent since ${new Date(rhythm.lastSeenMs).toISOString()}`;
  const isKnown = before.has(keyOf({ agent, incident }));
  const heardMs = isKnown ? rhythm.lastSeenMs : Math.max(rhythm.lastSeenMs, sinceMs);
  const unheardMs = Math.max(0, nowMs - heardMs);
  const { isSilent, expected, isByGaps } = judgeSilence({ ...rhythm, lastSeenMs: heardMs }, nowMs);
  const chance = isByGaps ? chanceOfGap(unheardMs, rhythm.recentMs) : Math.exp(-expected);
  const isNoted = isSilent && chance <= NOTED_CHANCE_MAX && unheardMs >= SILENCE_MIN_MS;
  const isBeyond = silentAfterMs === null ? isNoted : unheardMs >= silentAfterMs;
  if (!isBeyond) return [];
  const isChance = silentAfterMs === null && chance > CHANCE_MAX;
  const allowed = silentAfterMs === null ? '' : `; at most ${duration(silentAfterMs)} are allowed`;
  const rhythmSays = expected >= 1 ? `; by its own rhythm about ${Math.round(expected)} were to be expected` : '';
  return [
    {
      agent,
      finding: {
        kind: 'SILENT_AGENT',
        severity: isChance ? 'INFO' : expected >= CRITICAL_EXPECTED ? 'CRITICAL' : 'WARNING',
        score: 1 - Math.min(chance, 0.5),
        observed: 0,
        expected,
        summary: `${agent ?? 'No agent of the fleet'} has made ${agent === null ? 'a' : 'no'} decision for ${duration(silentMs)}${allowed || rhythmSays}.`,
        evidence: {
          lastSeen: new Date(rhythm.lastSeenMs).toISOString(),
          silentMs,
          expectedDecisions: expected,
          chance,
        },
        incident,
      },
    },
  ];
}

/** The last gaps are looked at by themselves too: before them the agent may have had less to do. */
const NEWEST_GAPS = [8, 10, 14] as const;

function chanceOfGap(gapMs: number, newestFirstMs: readonly number[]): number {
  const spans = [...NEWEST_GAPS, newestFirstMs.length].map((gaps) => newestFirstMs.slice(0, gaps + 1));
  return Math.min(...spans.map((span) => chanceAfter(gapMs, span))) * spans.length;
}

/**
 * The chance that the next gap is so long, after the gaps between the last decisions: gaps by chance are exponential, and how
 * fast is known no better than from the shorter of them (Epstein and Sobel, JASA 48, 1953).
 */
function chanceAfter(gapMs: number, newestFirstMs: readonly number[]): number {
  const gaps = newestFirstMs.slice(1).map((atMs, index) => Math.max(0, (newestFirstMs[index] ?? atMs) - atMs));
  if (gaps.length < GAPS_MIN) return 1;
  const ascending = gaps.sort((left, right) => left - right);
  const known = Math.ceil(ascending.length * SHORTER_SHARE);
  const cutMs = ascending[known - 1] ?? 0;
  const totalMs = ascending.reduce((sum, each) => sum + Math.min(each, cutMs), 0);
  return (1 + gapMs / Math.max(totalMs, 1)) ** -known;
}
