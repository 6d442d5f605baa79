import { readConfig } from '../config.js';
import { openDatabase } from '../db/database.js';
import type { Pool } from '../db/pool.js';
import { createLog } from '../log.js';

/** Runs `work` on the installation's database, the one a server uses whether or not one runs, and closes it. */
export async function withDatabase<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const config = readConfig();
  const database = await openDatabase(config, createLog(config.logLevel));
  try {
    return await work(database.pool);
  } finally {
    await database.close();
  }
}
