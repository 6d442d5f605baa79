import { randomBytes } from 'node:crypto';
import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { generateApiKey, hashApiKey } from './api-key.js';
import { parseFleetId, unknownFleet } from './fleet-id.js';
import type { Role } from './policy.js';

export interface Fleet {
  id: string;
  createdAt: Date;
}

/** Throws CONFLICT when the fleet exists, VALIDATION_FAILED when the id has not the form of one. */
export async function createFleet(pool: Pool, id: string): Promise<Fleet> {
  parseFleetId(id, 'ID');
  const { rows } = await pool.query<Fleet>(
    'INSERT INTO fleet (id) VALUES ($1) ON CONFLICT (id) DO NOTHING RETURNING id, created_at AS "createdAt"',
    [id],
  );
  const [fleet] = rows;
  if (fleet === undefined) throw new AppError('CONFLICT', `the fleet ${id} exists already`);
  return fleet;
}

export async function fleetExists(pool: Pool, id: string): Promise<boolean> {
  const { rows } = await pool.query('SELECT FROM fleet WHERE id = $1', [id]);
  return rows.length > 0;
}

/** By id, at most `limit` of them. */
export async function listFleets(pool: Pool, limit: number | null = null): Promise<Fleet[]> {
  const { rows } = await pool.query<Fleet>(
    'SELECT id, created_at AS "createdAt" FROM fleet ORDER BY id COLLATE "C" LIMIT $1',
    [limit],
  );
  return rows;
}

/** An API key as it may be shown: without the key, of which only a hash is kept. */
export interface ApiKey {
  id: string;
  fleetId: string;
  role: Role;
  name: string;
  createdAt: Date;
  createdBy: string;
  revokedAt: Date | null;
}

const API_KEY_COLUMNS = `id, fleet_id AS "fleetId", role, name, created_at AS "createdAt", created_by AS "createdBy",
                         revoked_at AS "revokedAt"`;

export interface NewApiKey {
  fleetId: string;
  role: Role;
  name: string;
  /** The subject of who asked for it. */
  createdBy: string;
}

/** Makes a key and returns it, the only time it can be seen. Throws NOT_FOUND when there is no such fleet. */
export async function createApiKey(
  pool: Pool,
  { fleetId, role, name, createdBy }: NewApiKey,
): Promise<{ key: string; apiKey: ApiKey }> {
  parseFleetId(fleetId, 'the fleet');
  const key = generateApiKey();
  const { rows } = await pool.query<ApiKey>(
    `INSERT INTO api_key (id, fleet_id, role, name, hash, created_by)
     SELECT $1, fleet.id, $3, $4, $5, $6 FROM fleet WHERE fleet.id = $2
     RETURNING ${API_KEY_COLUMNS}`,
    [randomBytes(8).toString('hex'), fleetId, role, name, hashApiKey(key), createdBy],
  );
  const [apiKey] = rows;
  if (apiKey === undefined) throw unknownFleet(fleetId);
  return { key, apiKey };
}

/**
 * Ends a key, of one fleet or (`*`) of any; it stops working within five seconds. Ending it again changes nothing.
 * Throws NOT_FOUND when there is no such key there.
 */
export async function revokeApiKey(pool: Pool, fleetId: string, id: string): Promise<ApiKey> {
  const { rows } = await pool.query<ApiKey>(
    `UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE id = $2 AND ($1 = '*' OR fleet_id = $1)
     RETURNING ${API_KEY_COLUMNS}`,
    [fleetId, id],
  );
  const [apiKey] = rows;
  if (apiKey === undefined) throw new AppError('NOT_FOUND', 'there is no such API key');
  return apiKey;
}

/** The keys of one fleet or (`*`) of all, oldest first, revoked ones too. */
export async function listApiKeys(pool: Pool, fleetId: string): Promise<ApiKey[]> {
  const { rows } = await pool.query<ApiKey>(
    `SELECT ${API_KEY_COLUMNS} FROM api_key WHERE $1 = '*' OR fleet_id = $1 ORDER BY fleet_id, created_at, id`,
    [fleetId],
  );
  return rows;
}

/** The key with this SHA-256, unless it is revoked. */
export async function findApiKeyByHash(pool: Pool, hash: Buffer): Promise<ApiKey | null> {
  const { rows } = await pool.query<ApiKey>(
    `SELECT ${API_KEY_COLUMNS} FROM api_key WHERE hash = $1 AND revoked_at IS NULL`,
    [hash],
  );
  return rows[0] ?? null;
}
