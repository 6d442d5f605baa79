import { percent } from '../fleet/wording.js';
import { HOUR_MS } from '../time.js';
import type { AgentFinding, EndedIncident, IncidentChanges } from './incident.js';
import { named } from './named.js';
import { partRecent, type RecentLimits } from './recent.js';
import { binomialTail } from './significance.js';

/** One call of a tool by an agent. */
export interface ToolCallSeen {
  agent: string;
  tool: string;
  decisionId: string;
  /** When it ended, milliseconds since the epoch. */
  atMs: number;
  isFailed: boolean;
  /** Null when it did not fail or nothing is known. */
  errorMessage: string | null;
}

interface RecentCall {
  agent: string;
  decisionId: string;
  atMs: number;
  errorClass: string | null;
}

interface History {
  calls: number;
  failures: number;
}

/** What is remembered of one tool of a fleet. */
export interface ToolMemory {
  /** By agent: calls before the recent ones, without those of incidents. */
  histories: Readonly<Record<string, History>>;
  /** Of all agents, the oldest first. */
  recent: readonly RecentCall[];
  incident: { name: string; agent: string; agents: readonly string[] } | null;
}

/** A failure is judged by these calls: what is longer ago says nothing of now. */
const RECENT: RecentLimits = { count: 60, spanMs: HOUR_MS };
/** Fewer failures are no incident, however rare: agents try twice. */
const FAILURES_MIN = 4;
const DECISIONS_MIN = 3;
/** A tool that hardly ever failed yet is taken to fail this often. */
const USUAL_RATE_MIN = 0.01;
/** So is one of which fewer calls are known; some tools always failed. */
const USUAL_RATE_OF_NEW = 0.02;
const KNOWN_CALLS_MIN = 20;
/** A tool that fails most of the time is down. Four of five by chance, one in a hundred being usual: once in millions of calls. */
const DOWN_RATE = 0.6;
const DOWN_CHANCE_MAX = 1e-4;
/** One that fails more often than it used to has to do so for longer: ten of sixty. */
const WORSE_CHANCE_MAX = 1e-8;
/** From this rate on most work that needs the tool fails. */
const CRITICAL_RATE = 0.5;
const CRITICAL_FAILURES = 5;
/** Calls in a row that end an incident: a tool that still fails half the time has them once in 32. */
const RECOVERY_CALLS = 5;
/** A history is halved here, so that it follows the tool. */
const HISTORY_MAX = 2_000;
/** Agents whose history with one tool is kept; the ones that came first go. */
const AGENTS_MAX = 200;

interface Watched {
  memory: ToolMemory;
  changes: IncidentChanges;
}

/**
 * The memory of a tool after one more call, and what changed. A tool may fail for one agent or for all that use it: both are
 * looked at, and while its incident is open the tool is not reported again.
 */
export function watchTool(memory: ToolMemory | undefined, call: ToolCallSeen): Watched {
  const before = memory ?? { histories: {}, recent: [], incident: null };
  const { agent, decisionId, atMs } = call;
  const seen = { agent, decisionId, atMs, errorClass: call.isFailed ? errorClassOf(call.errorMessage) : null };
  const next = forget({ ...before, recent: [...before.recent, seen] }, atMs);
  return next.incident === null ? judge(next, call) : recover(next, atMs);
}

/** What left the recent calls becomes history; not during an incident, which is nothing usual. */
function forget(memory: ToolMemory, nowMs: number): ToolMemory {
  const { recent, gone } = partRecent(memory.recent, RECENT, nowMs);
  if (gone.length === 0) return memory;
  return {
    ...memory,
    recent,
    histories: memory.incident === null ? lengthen(memory.histories, gone) : memory.histories,
  };
}

function lengthen(histories: ToolMemory['histories'], gone: readonly RecentCall[]): ToolMemory['histories'] {
  let next = histories;
  for (const call of gone) {
    const { calls, failures } = named(next, call.agent) ?? { calls: 0, failures: 0 };
    const share = calls >= HISTORY_MAX ? 0.5 : 1;
    const isNew = !Object.hasOwn(next, call.agent);
    next = {
      ...next,
      [call.agent]: { calls: share * calls + 1, failures: share * failures + Number(isFailure(call)) },
    };
    if (isNew) next = Object.fromEntries(Object.entries(next).slice(-AGENTS_MAX));
  }
  return next;
}

function judge(memory: ToolMemory, call: ToolCallSeen): Watched {
  const nothing = { memory, changes: { found: [], ended: [] } };
  if (!call.isFailed) return nothing;
  const { histories, recent } = memory;
  const own = named(histories, call.agent) ?? { calls: 0, failures: 0 };
  const all = Object.values(histories).reduce(
    (sum, { calls, failures }) => ({ calls: sum.calls + calls, failures: sum.failures + failures }),
    { calls: 0, failures: 0 },
  );
  const streaks = [
    worstStreak(recent, all),
    worstStreak(
      recent.filter(({ agent }) => agent === call.agent),
      own,
    ),
  ];
  const worst = streaks
    .filter((streak) => streak !== null)
    .reduce<Streak | null>((least, streak) => (least === null || streak.chance < least.chance ? streak : least), null);
  if (worst === null) return nothing;
  const agents = [...new Set(worst.failures.map(({ agent }) => agent))];
  const agent = mostFrequent(worst.failures.map((failure) => failure.agent));
  const name = `${call.tool} since ${new Date(worst.failures[0]?.atMs ?? call.atMs).toISOString()}`;
  const found = describe({ tool: call.tool, agent, agents, name }, worst);
  return { memory: { ...memory, incident: { name, agent, agents } }, changes: { found: [found], ended: [] } };
}

interface Streak {
  calls: readonly RecentCall[];
  failures: readonly RecentCall[];
  chance: number;
  usualRate: number;
}

/** The last calls, however many of them, in which so many failures are least likely by chance; null when they may be. */
function worstStreak(recent: readonly RecentCall[], history: History): Streak | null {
  const least = history.calls < KNOWN_CALLS_MIN ? USUAL_RATE_OF_NEW : USUAL_RATE_MIN;
  const usualRate = history.calls === 0 ? 0 : history.failures / history.calls;
  let worst: Streak | null = null;
  let hits = 0;
  for (let count = 1; count <= recent.length; count += 1) {
    // As many failures in one call more, which was a success, are likelier by chance.
    if (!isFailure(recent[recent.length - count] as RecentCall)) continue;
    hits += 1;
    if (hits < FAILURES_MIN) continue;
    const chance = binomialTail(hits, count, Math.max(usualRate, least));
    const most = hits / count >= DOWN_RATE ? DOWN_CHANCE_MAX : WORSE_CHANCE_MAX;
    if (chance > most || (worst !== null && chance >= worst.chance)) continue;
    const calls = recent.slice(-count);
    const failures = calls.filter(isFailure);
    const decisions = new Set(failures.map(({ decisionId }) => decisionId));
    if (decisions.size >= DECISIONS_MIN) worst = { calls, failures, chance, usualRate };
  }
  return worst;
}

interface Outage {
  tool: string;
  /** The one it failed for most. */
  agent: string;
  agents: readonly string[];
  name: string;
}

function describe({ tool, agent, agents, name }: Outage, { calls, failures, chance, usualRate }: Streak): AgentFinding {
  const rate = failures.length / calls.length;
  const errorClass = mostFrequent(failures.map((failure) => failure.errorClass ?? ''));
  const isCritical = rate >= CRITICAL_RATE && failures.length >= CRITICAL_FAILURES;
  const because = errorClass === '' ? '' : ` (${errorClass})`;
  const callers = agents.length === 1 ? agent : `${agents.length} agents`;
  return {
    agent,
    finding: {
      kind: 'TOOL_FAILURE',
      severity: isCritical ? 'CRITICAL' : 'WARNING',
      score: 1 - chance,
      observed: rate,
      expected: usualRate,
      summary: `${tool} failed in ${failures.length} of the last ${calls.length} calls by ${callers}${because}; usually ${percent(usualRate)} fail.`,
      evidence: {
        tool,
        step: `TOOL_CALL ${tool}`,
        agents: [...agents],
        errorClass,
        failures: failures.length,
        calls: calls.length,
        since: new Date(failures[0]?.atMs ?? 0).toISOString(),
        decisions: [...new Set(failures.map(({ decisionId }) => decisionId))],
        chance,
      },
      incident: name,
    },
  };
}

/**
 * It is over when those it failed for have had a row of successes, or all have who call it, each of those it failed for
 * among them.
 */
function recover(memory: ToolMemory, atMs: number): Watched {
  const { incident, recent } = memory;
  const concerned = recent.filter(({ agent }) => incident?.agents.includes(agent));
  const lastOfEach = new Map(concerned.map((call) => [call.agent, call]));
  const hasRecovered =
    isRowOfSuccesses(concerned) || (isRowOfSuccesses(recent) && ![...lastOfEach.values()].some(isFailure));
  if (incident === null || !hasRecovered) return { memory, changes: { found: [], ended: [] } };
  const last = recent.slice(-RECOVERY_CALLS);
  const ended: EndedIncident = { agent: incident.agent, incident: incident.name, endedAtMs: atMs };
  // The calls of the incident are neither usual nor to be judged again.
  return { memory: { ...memory, recent: last, incident: null }, changes: { found: [], ended: [ended] } };
}

function isRowOfSuccesses(calls: readonly RecentCall[]): boolean {
  const last = calls.slice(-RECOVERY_CALLS);
  return last.length === RECOVERY_CALLS && !last.some(isFailure);
}

function isFailure({ errorClass }: RecentCall): boolean {
  return errorClass !== null;
}

/**
 * What kind of error a message tells of, such as `timeout` or `service unavailable`; '' for one of no known kind. Never words
 * of the message: those are content, which not everybody who reads findings may read.
 */
export function errorClassOf(message: string | null): string {
  const text = message?.toLowerCase() ?? '';
  return ERROR_CLASSES.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}

const ERROR_CLASSES: readonly (readonly [RegExp, string])[] = [
  [/time[d ]*-?\s?out|did not answer in time|deadline|\b504\b/, 'timeout'],
  [/rate limit|too many requests|\b429\b|quota/, 'rate limit'],
  [/unavailable|overloaded|\b503\b/, 'service unavailable'],
  [/econnre|connection (?:was |is )?(?:reset|refused|closed)|socket hang up|network/, 'connection'],
  [/unauthori[sz]ed|forbidden|permission|access denied|\b40[13]\b/, 'not permitted'],
  [/not found|\b404\b|no such/, 'not found'],
  [/invalid|validation|schema|bad request|missing required|\b4(?:00|22)\b/, 'invalid request'],
  [/internal (?:server )?error|\b50[02]\b/, 'internal error'],
];

function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, left], [, right]) => right - left)[0]?.[0] ?? '';
}
