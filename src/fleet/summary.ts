import { HOUR_MS } from '../time.js';
import type { AgentRow, AgentStatus } from './agent.js';
import type { FigureRecords } from './figures/read.js';
import { type AgentStats, EMPTY_STATS, readAgentStats, windowSince } from './stats.js';
import type { StatusBoard } from './status/board.js';
import type { Health } from './status/judge.js';
import { listAllAgents } from './store.js';

/** One agent as `GET /agents` shows it: latency in milliseconds, rates 0 to 1, over the last hour. */
export interface AgentSummary {
  name: string;
  status: AgentStatus;
  status_reason: string;
  avg_latency: number | null;
  p95_latency: number | null;
  error_rate: number;
  decisions: number;
  tokens: number;
  cost_usd: number;
  version: string | null;
  region: string | null;
  environment: string | null;
  models: string[];
  last_seen_at: string;
}

/** Every agent of the fleet by name, with its last hour: what the contract's curl line reads with jq. */
export async function summarizeAgents(
  { statuses, ...records }: FigureRecords & { statuses: StatusBoard },
  fleet: string,
  nowMs: number,
): Promise<{ agents: AgentSummary[] }> {
  const lastHour = readAgentStats(records, { fleet, ...windowSince(nowMs - HOUR_MS, nowMs) });
  const agents = listAllAgents(records.pool, fleet);
  const healths = statuses.read(fleet, nowMs, { agents, lastHour });
  const [listed, stats, health] = await Promise.all([agents, lastHour, healths]);
  return { agents: listed.map((agent) => summarize(agent, stats.get(agent.name), health.get(agent.name))) };
}

function summarize(agent: AgentRow, stats: AgentStats = EMPTY_STATS, health?: Health): AgentSummary {
  return {
    name: agent.name,
    status: health?.status ?? 'HEALTHY',
    status_reason: health?.reason ?? '',
    avg_latency: stats.latencyMs.avg,
    p95_latency: stats.latencyMs.p95,
    error_rate: stats.errorRate,
    decisions: stats.decisions,
    tokens: stats.inputTokens + stats.outputTokens,
    cost_usd: stats.costUsd,
    version: agent.version,
    region: agent.region,
    environment: agent.environment,
    models: agent.models,
    last_seen_at: agent.lastSeenAt.toISOString(),
  };
}
