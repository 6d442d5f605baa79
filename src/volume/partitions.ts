import { inTransaction, type Pool } from '../db/pool.js';
import { shiftDay } from '../time.js';

/** Days that have their partitions before they begin: what a server that cannot make any can go on for. */
const DAYS_AHEAD = 7;
/** Dropping waits for whoever reads the partition, and whoever comes then waits behind it: it gives up before that is felt. */
export const LOCK_TIMEOUT_MS = 500;

/** Makes the partitions of yesterday, today and the week ahead where they are missing. */
export async function makePartitions(pool: Pool, today: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('SELECT make_day_partitions($1::date, $2)', [shiftDay(today, -1), DAYS_AHEAD + 2]);
  });
}
