import { dollarsAsNumber } from '../cost/dollars.js';
import type { Figures, Measure, Total } from '../metric/figures.js';
import { emptyFigures } from '../metric/rollup-row.js';
import type { Summary } from '../metric/summary.js';
import { DAY_MS } from '../time.js';
import { type FigureRecords, readFigures } from './figures/read.js';

/** What a measure came to over the decisions that have it; null where none has. */
export interface Distribution {
  count: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** Decisions of one window of time, summed up. */
export interface AgentStats {
  decisions: number;
  /** 0 to 1; 0 when there are no decisions. */
  errorRate: number;
  latencyMs: Distribution;
  queueMs: Distribution;
  timeToFirstTokenMs: Distribution;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  /** Of the decisions whose cost is known. */
  costUsd: number;
  toolCalls: number;
  failedToolCalls: number;
  /** The mean of those that could be judged; null when none could. */
  hallucinationScore: number | null;
}

/** The measure of each figure that has one. */
export const STATS_MEASURES = {
  latencyMs: 'latency',
  queueMs: 'queue_time',
  timeToFirstTokenMs: 'time_to_first_token',
  hallucinationScore: 'hallucination_score',
} as const satisfies Partial<Record<keyof AgentStats, Measure>>;

export const STATS_TOTALS: readonly Total[] = [
  'decisions',
  'errors',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'tool_calls',
  'failed_tool_calls',
  'cost_usd',
];

/** Needs `STATS_TOTALS`; a figure whose measure was not read is that of nothing. */
export function statsOf({ counts, costPicodollars, summaries }: Figures): AgentStats {
  return {
    decisions: counts.decisions,
    errorRate: counts.decisions === 0 ? 0 : counts.errors / counts.decisions,
    latencyMs: distributionOf(summaries.latency),
    queueMs: distributionOf(summaries.queue_time),
    timeToFirstTokenMs: distributionOf(summaries.time_to_first_token),
    inputTokens: counts.input_tokens,
    outputTokens: counts.output_tokens,
    cacheReadTokens: counts.cache_read_tokens,
    cacheWriteTokens: counts.cache_write_tokens,
    reasoningTokens: counts.reasoning_tokens,
    costUsd: dollarsAsNumber(costPicodollars),
    toolCalls: counts.tool_calls,
    failedToolCalls: counts.failed_tool_calls,
    hallucinationScore: summaries.hallucination_score?.avg ?? null,
  };
}

export function distributionOf(summary: Summary | undefined): Distribution {
  return {
    count: summary?.count ?? 0,
    avg: summary?.avg ?? null,
    p50: summary?.quantile(0.5) ?? null,
    p95: summary?.quantile(0.95) ?? null,
    p99: summary?.quantile(0.99) ?? null,
    max: summary?.max ?? null,
  };
}

/** Of an agent without decisions in the window. */
export const EMPTY_STATS: AgentStats = statsOf(emptyFigures());

/** Clocks of senders may run ahead: what starts later than now is in the window too, up to this. */
const AHEAD_MS = DAY_MS;

/** The window that begins at `sinceMs` and ends now, with what is ahead of our clock. */
export function windowSince(sinceMs: number, nowMs: number): { fromMs: number; toMs: number } {
  return { fromMs: sinceMs, toMs: Math.ceil(nowMs / AHEAD_MS) * AHEAD_MS + AHEAD_MS };
}

/**
 * The decisions each agent of the fleet started in the window, summed up, by name; agents without any are left out. Latency
 * is read always, other measures when they are asked for.
 */
export async function readAgentStats(
  records: FigureRecords,
  window: { fleet: string; fromMs: number; toMs: number },
  measures: readonly Measure[] = [],
): Promise<Map<string, AgentStats>> {
  const groups = await readFigures(records, {
    source: 'DECISIONS',
    ...window,
    stepMs: null,
    groupBy: ['AGENT'],
    filter: {},
    tellsAgents: true,
    measures: [...new Set<Measure>(['latency', ...measures])],
    totals: STATS_TOTALS,
  });
  return new Map(groups.map(({ labels: [name = ''], figures }) => [name, statsOf(figures)]));
}
