import { readKeysetPage } from '../db/keyset.js';
import type { Page, PageRequest } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import type { AgentRow } from './agent.js';

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
export function listAgents({ pool, fleet, filter, page }: AgentListOptions): Promise<Page<AgentRow>> {
  return readKeysetPage(pool, {
    fleet,
    table: 'agent',
    alias: 'a',
    key: { column: 'name', type: 'text' },
    order: 'ascending',
    selection: SELECTION,
    conditions: `($4::text[] IS NULL OR a.name = ANY($4)) AND ($5::text[] IS NULL OR a.version = ANY($5))
      AND ($6::text[] IS NULL OR a.region = ANY($6)) AND ($7::text[] IS NULL OR a.environment = ANY($7))
      AND ($8::text[] IS NULL OR a.models && $8)`,
    parameters: [
      filter.names ?? null,
      filter.versions ?? null,
      filter.regions ?? null,
      filter.environments ?? null,
      filter.models ?? null,
    ],
    page,
  });
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

/** When the fleet was created; null when there is none of this id. */
export async function findFleet(pool: Pool, id: string): Promise<{ id: string; createdAt: Date } | null> {
  const { rows } = await pool.query<{ id: string; createdAt: Date }>(
    'SELECT id, created_at AS "createdAt" FROM fleet WHERE id = $1',
    [id],
  );
  return rows[0] ?? null;
}

/** Every fleet there is, in order. */
export async function listFleetIds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM fleet ORDER BY id');
  return rows.map(({ id }) => id);
}
