import type { Client } from '../../db/pool.js';
import { timestamp } from './payload.js';
import { type AgentSighting, MODELS_MAX, type PreparedItem } from './prepared.js';

/** One row an agent: newest facts win, models add up. */
export async function seeAgents(client: Client, fleet: string, items: readonly PreparedItem[]): Promise<void> {
  const agents = new Map<string, { latest: AgentSighting; firstMs: number; models: Set<string> }>();
  for (const { agent } of items) {
    const seen = agents.get(agent.name) ?? { latest: agent, firstMs: agent.startedAtMs, models: new Set() };
    if (agent.endedAtMs >= seen.latest.endedAtMs) seen.latest = agent;
    seen.firstMs = Math.min(seen.firstMs, agent.startedAtMs);
    for (const model of agent.models) seen.models.add(model);
    agents.set(agent.name, seen);
  }
  const seen = [...agents].map(([name, { latest, firstMs, models }]) => ({
    name,
    version: latest.version,
    region: latest.region,
    environment: latest.environment,
    models: [...models],
    first_seen_at: timestamp(firstMs),
    last_seen_at: timestamp(latest.endedAtMs),
  }));
  if (seen.length > 0) await client.query(SEE_AGENTS, [fleet, JSON.stringify(seen)]);
}

const newest = (column: string) => `${column} = CASE WHEN excluded.last_seen_at >= known.last_seen_at
    THEN coalesce(excluded.${column}, known.${column}) ELSE coalesce(known.${column}, excluded.${column}) END`;
const SEE_AGENTS = `
  INSERT INTO agent AS known (fleet_id, name, version, region, environment, models, first_seen_at, last_seen_at)
  SELECT $1, name, version, region, environment, ARRAY(SELECT json_array_elements_text(models)), first_seen_at, last_seen_at
  FROM json_to_recordset($2) AS seen (name text, version text, region text, environment text, models json,
    first_seen_at timestamptz, last_seen_at timestamptz)
  ORDER BY name
  ON CONFLICT (fleet_id, name) DO UPDATE SET
    ${newest('version')},
    ${newest('region')},
    ${newest('environment')},
    models = ARRAY(SELECT DISTINCT model FROM unnest(known.models || excluded.models) AS model ORDER BY 1 LIMIT ${MODELS_MAX}),
    first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)`;
