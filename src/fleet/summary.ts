import type { Pool } from '../db/pool.js';
import { EMPTY_STATS, judgeStatus, STATUS_WINDOW_MS } from './agent.js';
import { listAllAgents, readAgentStats } from './store.js';

/** One agent as `GET /agents` shows it: latency in milliseconds, rates 0 to 1, over the last hour. */
export interface AgentSummary {
  name: string;
  status: string;
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
export async function summarizeAgents(pool: Pool, fleet: string, nowMs: number): Promise<{ agents: AgentSummary[] }> {
  const agents = await listAllAgents(pool, fleet);
  const since = new Date(nowMs - STATUS_WINDOW_MS);
  const stats = await readAgentStats(
    { pool, fleet, since },
    agents.map(({ name }) => name),
  );
  return {
    agents: agents.map((agent) => {
      const lastHour = stats.get(agent.name) ?? EMPTY_STATS;
      return {
        name: agent.name,
        status: judgeStatus(lastHour),
        avg_latency: lastHour.latencyMs.avg,
        p95_latency: lastHour.latencyMs.p95,
        error_rate: lastHour.errorRate,
        decisions: lastHour.decisions,
        tokens: lastHour.inputTokens + lastHour.outputTokens,
        cost_usd: lastHour.costUsd,
        version: agent.version,
        region: agent.region,
        environment: agent.environment,
        models: agent.models,
        last_seen_at: agent.lastSeenAt.toISOString(),
      };
    }),
  };
}
