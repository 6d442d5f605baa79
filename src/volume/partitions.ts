import { inTransaction, type Pool } from '../db/pool.js';
import type { RiskClass } from '../decision/decision.js';
import { shiftDay } from '../time.js';

/** Days that have their partitions before they begin: what a server that cannot make any can go on for. */
const DAYS_AHEAD = 7;
/** Dropping waits for whoever reads the partition, and whoever comes then waits behind it: it gives up before that is felt. */
const LOCK_TIMEOUT_MS = 500;
/** Days dropped in one transaction: with their indexes they must find room among PostgreSQL's locks. */
const DROPPED_DAYS_MAX = 8;

/** Makes the partitions of yesterday, today and the week ahead where they are missing. */
export async function makePartitions(pool: Pool, today: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('SELECT make_day_partitions($1::date, $2)', [shiftDay(today, -1), DAYS_AHEAD + 2]);
  });
}

/** Drops the partitions of a class whose days are before `until`, whole; returns how many days that were. */
export async function dropPartitions(
  pool: Pool,
  { riskClass, until }: { riskClass: RiskClass; until: string },
): Promise<number> {
  let dropped = 0;
  for (let oldest = await findOldestDay(pool, riskClass); oldest !== null && oldest < until; ) {
    const next = [shiftDay(oldest, DROPPED_DAYS_MAX), until].sort()[0] as string;
    dropped += await inTransaction(pool, async (client) => {
      await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return (await client.query('SELECT drop_day_partitions($1, $2::date)', [riskClass, next])).rows.length;
    });
    oldest = await findOldestDay(pool, riskClass);
  }
  return dropped;
}

async function findOldestDay(pool: Pool, riskClass: RiskClass): Promise<string | null> {
  const { rows } = await pool.query<{ day: string | null }>(
    `SELECT min(to_date(right(child.relname, 8), 'YYYYMMDD'))::text AS day FROM pg_inherits
     JOIN pg_class child ON child.oid = inhrelid
     WHERE inhparent = ANY(ARRAY[to_regclass('decision_' || $1::text), to_regclass('step_' || $1::text)])`,
    [riskClass.toLowerCase()],
  );
  return rows[0]?.day ?? null;
}
