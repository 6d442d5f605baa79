import type { AccessChange } from '../../src/access/access-entry.js';
import { createFleet } from '../../src/access/store.js';
import type { Pool } from '../../src/db/pool.js';

export function byCli(): AccessChange {
  return { actor: 'cli', nowMs: Date.now() };
}

/** A fleet whose ledger has one entry, which tells that it was made. */
export async function newFleet(pool: Pool, id: string): Promise<void> {
  await createFleet(pool, id, byCli());
}
