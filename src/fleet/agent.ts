/** An agent of a fleet as its decisions show it. */
export interface AgentRow {
  name: string;
  version: string | null;
  region: string | null;
  environment: string | null;
  models: string[];
  firstSeenAt: Date;
  lastSeenAt: Date;
}

export const AGENT_STATUSES = ['HEALTHY', 'DEGRADED', 'FAILING', 'SILENT'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

/** The window an agent's status is judged by. */
export const STATUS_WINDOW_MS = 3_600_000;

const DEGRADED_ERROR_RATE = 0.05;
const FAILING_ERROR_RATE = 0.5;

/** What a measure came to over the decisions that have it; null where none has. */
export interface Distribution {
  count: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** An agent's decisions of one window of time, summed up. */
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

const EMPTY_DISTRIBUTION: Distribution = { count: 0, avg: null, p50: null, p95: null, p99: null, max: null };

/** Of an agent without decisions in the window. */
export const EMPTY_STATS: AgentStats = {
  decisions: 0,
  errorRate: 0,
  latencyMs: EMPTY_DISTRIBUTION,
  queueMs: EMPTY_DISTRIBUTION,
  timeToFirstTokenMs: EMPTY_DISTRIBUTION,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
  toolCalls: 0,
  failedToolCalls: 0,
  hallucinationScore: null,
};

/** From the share of decisions that failed in the window; an agent without decisions in it is silent. */
export function judgeStatus({ decisions, errorRate }: Pick<AgentStats, 'decisions' | 'errorRate'>): AgentStatus {
  if (decisions === 0) return 'SILENT';
  if (errorRate >= FAILING_ERROR_RATE) return 'FAILING';
  return errorRate >= DEGRADED_ERROR_RATE ? 'DEGRADED' : 'HEALTHY';
}
