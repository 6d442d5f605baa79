import { keysetOrder, type Page, type PageRequest, toPage } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import type { AgentRow, AgentStats } from './agent.js';

/** Which agents: every condition that is given must hold; a list holds when one of its values does. */
export interface AgentFilter {
  names?: readonly string[] | null | undefined;
  versions?: readonly string[] | null | undefined;
  regions?: readonly string[] | null | undefined;
  environments?: readonly string[] | null | undefined;
  /** Agents that have used one of these. */
  models?: readonly string[] | null | undefined;
}

const SELECTION = `a.name, a.version, a.region, a.environment, a.models,
  a.first_seen_at AS "firstSeenAt", a.last_seen_at AS "lastSeenAt"`;

export interface AgentListOptions {
  pool: Pool;
  fleet: string;
  filter: AgentFilter;
  /** The key of an agent is its name; lists are in ascending order. */
  page: PageRequest<string>;
}

/** One page of the fleet's agents by name, in one statement. */
export async function listAgents({ pool, fleet, filter, page }: AgentListOptions): Promise<Page<AgentRow>> {
  const { ahead, sort, behind, sortBehind } = keysetOrder('ascending', page.direction);
  const listed = `a.fleet_id = $1
    AND ($4::text[] IS NULL OR a.name = ANY($4)) AND ($5::text[] IS NULL OR a.version = ANY($5))
    AND ($6::text[] IS NULL OR a.region = ANY($6)) AND ($7::text[] IS NULL OR a.environment = ANY($7))
    AND ($8::text[] IS NULL OR a.models && $8)`;
  const { rows } = await pool.query<AgentRow & { hasRowsBehind: boolean }>(
    `SELECT behind.exists AS "hasRowsBehind", page.*
     FROM (SELECT (
       SELECT TRUE FROM agent a WHERE ${listed} AND a.name ${behind} $2 ORDER BY a.name ${sortBehind} LIMIT 1
     ) IS NOT NULL AS exists) behind
     LEFT JOIN (
       SELECT ${SELECTION} FROM agent a
       WHERE ${listed} AND ($2::text IS NULL OR a.name ${ahead} $2) ORDER BY a.name ${sort} LIMIT $3
     ) page ON TRUE
     ORDER BY page.name`,
    [
      fleet,
      page.beyond,
      page.limit + 1,
      filter.names ?? null,
      filter.versions ?? null,
      filter.regions ?? null,
      filter.environments ?? null,
      filter.models ?? null,
    ],
  );
  return toPage(
    rows.filter(({ name }) => name !== null),
    page,
    rows[0]?.hasRowsBehind ?? false,
  );
}

/** Every agent of the fleet, by name. */
export async function listAllAgents(pool: Pool, fleet: string): Promise<AgentRow[]> {
  const { rows } = await pool.query<AgentRow>(
    `SELECT ${SELECTION} FROM agent a WHERE a.fleet_id = $1 ORDER BY a.name`,
    [fleet],
  );
  return rows;
}

/** The agents of these names, by name; names the fleet does not have are left out. */
export async function findAgents(pool: Pool, fleet: string, names: readonly string[]): Promise<Map<string, AgentRow>> {
  const { rows } = await pool.query<AgentRow>(
    `SELECT ${SELECTION} FROM agent a WHERE a.fleet_id = $1 AND a.name = ANY($2::text[])`,
    [fleet, names],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

function distribution(column: string, name: string): string {
  return `json_build_object('count', count(${column}), 'avg', avg(${column}), 'max', max(${column}),
    'p50', percentile_cont(0.5) WITHIN GROUP (ORDER BY ${column}),
    'p95', percentile_cont(0.95) WITHIN GROUP (ORDER BY ${column}),
    'p99', percentile_cont(0.99) WITHIN GROUP (ORDER BY ${column})) AS "${name}"`;
}

const STATS = `count(*) AS decisions, avg((outcome = 'ERROR')::int)::float8 AS "errorRate",
  ${distribution('latency_ms', 'latencyMs')},
  ${distribution('queue_ms', 'queueMs')},
  ${distribution('time_to_first_token_ms', 'timeToFirstTokenMs')},
  sum(input_tokens)::bigint AS "inputTokens", sum(output_tokens)::bigint AS "outputTokens",
  sum(cache_read_tokens)::bigint AS "cacheReadTokens", sum(cache_write_tokens)::bigint AS "cacheWriteTokens",
  sum(reasoning_tokens)::bigint AS "reasoningTokens", coalesce(sum(cost_usd), 0)::float8 AS "costUsd",
  sum(tool_calls)::bigint AS "toolCalls", sum(failed_tool_calls)::bigint AS "failedToolCalls",
  avg(hallucination_score) AS "hallucinationScore"`;

/** The decisions each agent started since `since`, summed up, by name; agents without any are left out. */
export async function readAgentStats(
  { pool, fleet, since }: { pool: Pool; fleet: string; since: Date },
  names: readonly string[],
): Promise<Map<string, AgentStats>> {
  const { rows } = await pool.query<AgentStats & { agent: string }>(
    `SELECT agent, ${STATS} FROM decision
     WHERE fleet_id = $1 AND agent = ANY($2::text[]) AND started_at >= $3::timestamptz GROUP BY agent`,
    [fleet, names, since.toISOString()],
  );
  return new Map(rows.map(({ agent, ...stats }) => [agent, stats]));
}

/** When the fleet was created; null when there is none of this id. */
export async function findFleet(pool: Pool, id: string): Promise<{ id: string; createdAt: Date } | null> {
  const { rows } = await pool.query<{ id: string; createdAt: Date }>(
    'SELECT id, created_at AS "createdAt" FROM fleet WHERE id = $1',
    [id],
  );
  return rows[0] ?? null;
}
