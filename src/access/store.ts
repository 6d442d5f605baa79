import { randomBytes } from 'node:crypto';
import type { Pool } from '../db/pool.js';
import { prismaOf } from '../db/prisma.js';
import { AppError } from '../errors.js';
import { generateApiKey, hashApiKey } from './api-key.js';
import { parseFleetId, unknownFleet } from './fleet-id.js';
import type { Role } from './policy.js';

export interface Fleet {
  id: string;
  createdAt: Date;
}

const SHOWN_OF_FLEET = { id: true, createdAt: true };

/** Throws CONFLICT when the fleet exists, VALIDATION_FAILED when the id has not the form of one. */
export async function createFleet(pool: Pool, id: string): Promise<Fleet> {
  parseFleetId(id, 'ID');
  try {
    return await prismaOf(pool).fleet.create({ data: { id }, select: SHOWN_OF_FLEET });
  } catch (error) {
    throw isPrismaError(error, UNIQUE_VIOLATION) ? new AppError('CONFLICT', `the fleet ${id} exists already`) : error;
  }
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
  /** The subject of who asked for it. */
  createdBy: string;
}

/** Makes a key and returns it, the only time it can be seen. Throws NOT_FOUND when there is no such fleet. */
export async function createApiKey(
  pool: Pool,
  { fleetId, role, name, createdBy }: NewApiKey,
): Promise<{ key: string; apiKey: ApiKey }> {
  if (!(await fleetExists(pool, parseFleetId(fleetId, 'the fleet')))) throw unknownFleet(fleetId);
  const key = generateApiKey();
  const data = {
    id: randomBytes(8).toString('hex'),
    fleetId,
    role,
    name,
    hash: new Uint8Array(hashApiKey(key)),
    createdBy,
  };
  return { key, apiKey: toApiKey(await prismaOf(pool).apiKey.create({ data, select: SHOWN })) };
}

/**
 * Ends a key, of one fleet or (`*`) of any; it stops working within five seconds. Ending it again changes nothing.
 * Throws NOT_FOUND when there is no such key there.
 */
export async function revokeApiKey(pool: Pool, fleetId: string, id: string): Promise<ApiKey> {
  const { apiKey } = prismaOf(pool);
  const where = { id, ...inFleet(fleetId) };
  await apiKey.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt: new Date() } });
  const revoked = await apiKey.findFirst({ where, select: SHOWN });
  if (revoked === null) throw new AppError('NOT_FOUND', 'there is no such API key');
  return toApiKey(revoked);
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

function inFleet(fleetId: string): { fleetId?: string } {
  return fleetId === '*' ? {} : { fleetId };
}

/** The table holds no other role: a CHECK sees to it. */
function toApiKey(row: Omit<ApiKey, 'role'> & { role: string }): ApiKey {
  return { ...row, role: row.role as Role };
}

const UNIQUE_VIOLATION = 'P2002';

function isPrismaError(error: unknown, code: string): boolean {
  return (error as { code?: unknown }).code === code;
}
