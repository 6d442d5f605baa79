import { randomBytes } from 'node:crypto';
import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { prismaOf } from '../db/prisma.js';
import { AppError } from '../errors.js';
import { lockFleet } from '../ledger/append.js';
import { type AccessChange, sealAccess, sealOrOweAccess, type ToldAccess } from './access-entry.js';
import { generateApiKey, hashApiKey } from './api-key.js';
import { parseFleetId, unknownFleet } from './fleet-id.js';
import type { Role } from './policy.js';

export interface Fleet {
  id: string;
  createdAt: Date;
}

const SHOWN_OF_FLEET = { id: true, createdAt: true };

/**
 * Makes a fleet, of which the first entry of its ledger tells. Throws CONFLICT when the fleet exists, VALIDATION_FAILED when
 * the id has not the form of one.
 */
export async function createFleet(pool: Pool, id: string, by: AccessChange): Promise<Fleet> {
  parseFleetId(id, 'ID');
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<Fleet>(
      'INSERT INTO fleet (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id, created_at AS "createdAt"',
      [id],
    );
    const [fleet] = rows;
    if (fleet === undefined) throw new AppError('CONFLICT', `the fleet ${id} exists already`);
    await sealAccess(client, id, { subject: `Fleet:${id}`, change: 'CREATED', grant: null, by });
    return fleet;
  });
}

export async function fleetExists(pool: Pool, id: string): Promise<boolean> {
  return (await prismaOf(pool).fleet.count({ where: { id } })) > 0;
}

/** By id, at most `limit` of them. */
export async function listFleets(pool: Pool, limit: number | null = null): Promise<Fleet[]> {
  return prismaOf(pool).fleet.findMany({
    select: SHOWN_OF_FLEET,
    orderBy: { id: 'asc' },
    ...(limit === null ? {} : { take: limit }),
  });
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

const SHOWN = { id: true, fleetId: true, role: true, name: true, createdAt: true, createdBy: true, revokedAt: true };

export interface NewApiKey {
  fleetId: string;
  role: Role;
  name: string;
}

const COLUMNS = `id, fleet_id AS "fleetId", role, name, created_at AS "createdAt", created_by AS "createdBy",
  revoked_at AS "revokedAt"`;

/**
 * Makes a key and returns it, the only time it can be seen, and seals that it was made. Throws NOT_FOUND when there is no such
 * fleet.
 */
export async function createApiKey(
  pool: Pool,
  { fleetId, role, name }: NewApiKey,
  by: AccessChange,
): Promise<{ key: string; apiKey: ApiKey }> {
  if (!(await fleetExists(pool, parseFleetId(fleetId, 'the fleet')))) throw unknownFleet(fleetId);
  const key = generateApiKey();
  const id = randomBytes(8).toString('hex');
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleetId);
    const { rows } = await client.query<ApiKey>(
      `INSERT INTO api_key (id, fleet_id, role, name, hash, created_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
      [id, fleetId, role, name, hashApiKey(key), by.actor],
    );
    const apiKey = rows[0] as ApiKey;
    await sealAccess(client, fleetId, entryOf(apiKey, 'CREATED', by));
    return { key, apiKey };
  });
}

export interface RevokedKey {
  apiKey: ApiKey;
  /** Whether the ledger stands still and owes the entry of it. */
  isOwed: boolean;
}

/**
 * Ends a key, of one fleet or (`*`) of any, and seals that; it stops working within five seconds, also while the ledger stands
 * still: then the entry is owed. Ending it again changes nothing. Throws NOT_FOUND when there is no such key there.
 */
export async function revokeApiKey(pool: Pool, fleetId: string, id: string, by: AccessChange): Promise<RevokedKey> {
  return inTransaction(pool, async (client) => {
    const found = await findApiKey(client, fleetId, id);
    await lockFleet(client, found.fleetId);
    const { rows } = await client.query<ApiKey>(
      `UPDATE api_key SET revoked_at = $3 WHERE fleet_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
      [found.fleetId, id, new Date(by.nowMs)],
    );
    const [revoked] = rows;
    // Somebody else may have ended it since it was looked for.
    if (revoked === undefined) return { apiKey: await findApiKey(client, fleetId, id), isOwed: false };
    const stopped = await sealOrOweAccess(client, revoked.fleetId, entryOf(revoked, 'REVOKED', by));
    return { apiKey: revoked, isOwed: stopped !== null };
  });
}

async function findApiKey(client: Client, fleetId: string, id: string): Promise<ApiKey> {
  const { rows } = await client.query<ApiKey>(
    `SELECT ${COLUMNS} FROM api_key WHERE id = $1 AND ($2 = '*' OR fleet_id = $2)`,
    [id, fleetId],
  );
  if (rows[0] === undefined) throw new AppError('NOT_FOUND', 'there is no such API key');
  return rows[0];
}

function entryOf({ id, role, name }: ApiKey, change: 'CREATED' | 'REVOKED', by: AccessChange): ToldAccess {
  const grant = { name, roles: [role], allFleets: false, expiresAtMs: null };
  return { subject: `ApiKey:${id}`, change, grant, by };
}

/** The keys of one fleet or (`*`) of all, oldest first, revoked ones too. */
export async function listApiKeys(pool: Pool, fleetId: string): Promise<ApiKey[]> {
  const keys = await prismaOf(pool).apiKey.findMany({
    where: inFleet(fleetId),
    orderBy: [{ fleetId: 'asc' }, { createdAt: 'asc' }, { id: 'asc' }],
    select: SHOWN,
  });
  return keys.map(toApiKey);
}

/** The key with this SHA-256, unless it is revoked. */
export async function findApiKeyByHash(pool: Pool, hash: Buffer): Promise<ApiKey | null> {
  const where = { hash: new Uint8Array(hash), revokedAt: null };
  const found = await prismaOf(pool).apiKey.findFirst({ where, select: SHOWN });
  return found && toApiKey(found);
}

/** What a fleet's ledger says last of a subject, or owes; nothing in it is null but where it says nothing. */
export interface ToldGrant {
  fleet: string;
  change: string | null;
  roles: readonly string[] | null;
  allFleets: boolean | null;
}

/** What the ledger of each fleet there is says of the access of a subject. */
export async function listToldGrants(client: Client, subject: string): Promise<ToldGrant[]> {
  const { rows } = await client.query<ToldGrant>(
    `SELECT f.id AS fleet, told.payload ->> 'change' AS change, told.payload -> 'roles' AS roles,
       (told.payload -> 'allFleets')::bool AS "allFleets"
     FROM fleet f LEFT JOIN LATERAL (
       SELECT payload FROM (
         (SELECT payload::jsonb AS payload, 1 AS place FROM ledger_owed
          WHERE fleet_id = f.id AND subject = $1 AND kind = 'ACCESS' ORDER BY ledger_owed.place DESC LIMIT 1)
         UNION ALL
         (SELECT canonical::jsonb -> 'payload', 2 FROM ledger_entry
          WHERE fleet_id = f.id AND subject = $1 AND kind = 'ACCESS' ORDER BY seq DESC LIMIT 1)
       ) words ORDER BY place LIMIT 1
     ) told ON TRUE`,
    [subject],
  );
  return rows;
}

function inFleet(fleetId: string): { fleetId?: string } {
  return fleetId === '*' ? {} : { fleetId };
}

/** The table holds no other role: a CHECK sees to it. */
function toApiKey(row: Omit<ApiKey, 'role'> & { role: string }): ApiKey {
  return { ...row, role: row.role as Role };
}
