import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';
import type { Pool } from './pool.js';

const clients = new WeakMap<Pool, PrismaClient>();

/** Prisma over the same connections as everything else: for what is read and written one row at a time. */
export function prismaOf(pool: Pool): PrismaClient {
  const known = clients.get(pool);
  if (known) return known;
  const client = new PrismaClient({ adapter: new PrismaPg(pool) });
  clients.set(pool, client);
  return client;
}
