import type { Finding } from '../anomaly/finding.js';
import { duration } from '../fleet/wording.js';
import { MINUTE_MS } from '../time.js';
import type { AgentFinding } from './incident.js';
import { named } from './named.js';
import { partRecent, type RecentLimits } from './recent.js';

/** One call of a model or a tool by an agent. */
export interface TimedCall {
  agent: string;
  decisionId: string;
  /** When it ended, milliseconds since the epoch. */
  atMs: number;
  durationMs: number;
}

/** Of logarithms of durations: fading count, mean and sum of squared distances from it. */
interface Usual {
  count: number;
  mean: number;
  squares: number;
}

interface RecentCall {
  agent: string;
  decisionId: string;
  atMs: number;
  logarithm: number;
  /** How much longer than usual for its agent: the logarithm of the factor, and the same in standard deviations. */
  excess: number;
  deviations: number;
}

/** What is remembered of one model or tool of a fleet. */
export interface PaceMemory {
  /** By agent: one asks for long answers, another for short ones. */
  usual: Readonly<Record<string, Usual>>;
  /** The oldest first, of agents whose usual pace is known. */
  recent: readonly RecentCall[];
  /** Calls since it became slow; null while it is not. */
  slowCalls: number | null;
}

const RECENT: RecentLimits = { count: 30, spanMs: 5 * MINUTE_MS };
/** Fewer calls say nothing of now, or of an agent's usual pace. */
const RECENT_MIN = 10;
const KNOWN_MIN = 15;
const FACTOR_MIN = 2;
const CRITICAL_FACTOR = 5;
/** Calls come in bursts of a kind, not one by one: six of these would be rare enough by chance alone. */
const DEVIATIONS_MIN = 8;
/** One call counts at most so much. */
const CALL_DEVIATIONS_MAX = 4;
/** An agent whose calls hardly differ yet: by a fifth is no surprise. */
const SPREAD_MIN = 0.2;
const RECOVERED_FACTOR = 1.5;
/** What is slow for so many calls is how it is now. */
const SLOW_CALLS_MAX = 1_000;
/** Histories follow a slow change. */
const HISTORY_MAX = 1_000;
const AGENTS_MAX = 200;

/** The memory of a model or a tool after one more call, and what was found: that it has become slower for whoever calls it. */
export function watchPace(
  operation: string,
  memory: PaceMemory | null,
  call: TimedCall,
): { memory: PaceMemory; found: AgentFinding | null } {
  const before = memory ?? { usual: {}, recent: [], slowCalls: null };
  const logarithm = Math.log(Math.max(call.durationMs, 1));
  const own = named(before.usual, call.agent);
  if (own === undefined || own.count < KNOWN_MIN) {
    return { memory: learn(before, call.agent, logarithm), found: null };
  }
  const now = forget({ ...before, recent: [...before.recent, recentCall(call, logarithm, own)] }, call.atMs);
  if (now.slowCalls !== null) return { memory: recover(now, now.slowCalls), found: null };
  const slow = findSlow(now.recent);
  if (slow === null) return { memory: now, found: null };
  return { memory: { ...now, slowCalls: 0 }, found: describe(operation, slow, now.usual) };
}

/** What is no longer recent becomes history, unless it is of a slow time, which is nothing usual. */
function forget(memory: PaceMemory, nowMs: number): PaceMemory {
  const { recent, gone } = partRecent(memory.recent, RECENT, nowMs);
  if (gone.length === 0) return memory;
  const kept = { ...memory, recent };
  if (memory.slowCalls !== null) return kept;
  return gone.reduce((learned: PaceMemory, { agent, logarithm }) => learn(learned, agent, logarithm), kept);
}

function learn(memory: PaceMemory, agent: string, logarithm: number): PaceMemory {
  const { count, mean, squares } = named(memory.usual, agent) ?? { count: 0, mean: 0, squares: 0 };
  const isFull = count >= HISTORY_MAX;
  const next = (isFull ? count / 2 : count) + 1;
  const distance = logarithm - mean;
  const moved = mean + distance / next;
  const usual = {
    ...memory.usual,
    [agent]: { count: next, mean: moved, squares: (isFull ? squares / 2 : squares) + distance * (logarithm - moved) },
  };
  if (Object.hasOwn(memory.usual, agent)) return { ...memory, usual };
  return { ...memory, usual: Object.fromEntries(Object.entries(usual).slice(-AGENTS_MAX)) };
}

function recentCall(
  { agent, decisionId, atMs }: TimedCall,
  logarithm: number,
  { count, mean, squares }: Usual,
): RecentCall {
  const excess = logarithm - mean;
  const spread = Math.max(Math.sqrt(squares / Math.max(count - 1, 1)), SPREAD_MIN);
  const deviations = Math.min(Math.max(excess / spread, -CALL_DEVIATIONS_MAX), CALL_DEVIATIONS_MAX);
  return { agent, decisionId, atMs, logarithm, excess, deviations };
}

/** The last calls, as many of them as speak most clearly, when they are slow beyond chance. */
function findSlow(recent: readonly RecentCall[]): { calls: readonly RecentCall[]; deviations: number } | null {
  let clearest: { calls: readonly RecentCall[]; deviations: number } | null = null;
  let sum = 0;
  let excess = 0;
  for (let count = 1; count <= recent.length; count += 1) {
    const call = recent[recent.length - count] as RecentCall;
    sum += call.deviations;
    excess += call.excess;
    const deviations = sum / Math.sqrt(count);
    const isSlow = excess / count >= Math.log(FACTOR_MIN) && deviations >= DEVIATIONS_MIN;
    if (count < RECENT_MIN || !isSlow || deviations <= (clearest?.deviations ?? 0)) continue;
    clearest = { calls: recent.slice(-count), deviations };
  }
  return clearest;
}

function recover(memory: PaceMemory, slowCalls: number): PaceMemory {
  const last = memory.recent.slice(-RECENT_MIN);
  const excess = last.reduce((sum, call) => sum + call.excess, 0) / last.length;
  const isOver = last.length === RECENT_MIN && excess < Math.log(RECOVERED_FACTOR);
  if (isOver) return { ...memory, recent: [], slowCalls: null };
  if (slowCalls >= SLOW_CALLS_MAX) return { usual: {}, recent: [], slowCalls: null };
  return { ...memory, slowCalls: slowCalls + 1 };
}

function describe(
  operation: string,
  { calls, deviations }: { calls: readonly RecentCall[]; deviations: number },
  usual: PaceMemory['usual'],
): AgentFinding {
  const agents = [...new Set(calls.map(({ agent }) => agent))];
  const factor = Math.exp(calls.reduce((sum, { excess }) => sum + excess, 0) / calls.length);
  const expected = Math.exp(calls.reduce((sum, { agent }) => sum + (named(usual, agent)?.mean ?? 0), 0) / calls.length);
  const observed = expected * factor;
  const since = new Date(calls[0]?.atMs ?? 0).toISOString();
  const whose = agents.length === 1 ? agents[0] : `${agents.length} agents`;
  const [kind = '', ...name] = operation.split(' ');
  const finding: Finding = {
    kind: 'METRIC_ANOMALY',
    severity: factor >= CRITICAL_FACTOR ? 'CRITICAL' : 'WARNING',
    score: 1 - Math.exp(-deviations),
    observed,
    expected,
    summary: `${name.join(' ')} takes ${duration(observed)} for ${whose}, ${factor.toFixed(1)} times as long as usual (${duration(expected)}).`,
    evidence: {
      operation,
      ...(kind === 'MODEL_CALL' ? { model: name.join(' ') } : { tool: name.join(' ') }),
      agents,
      factor,
      calls: calls.length,
      since,
      decisions: [...new Set(calls.map(({ decisionId }) => decisionId))],
    },
    incident: `${operation} slow since ${since}`,
  };
  return { agent: agents.length === 1 ? (agents[0] ?? null) : null, finding };
}
