import type { Pool } from '../../src/db/pool.js';
import { dayOf } from '../../src/time.js';

export const DAY_MS = 86_400_000;

/** A clock that stands where it is put. */
export function createStandingClock(nowMs: number): { nowMs: number; now(): number } {
  return {
    nowMs,
    now() {
      return this.nowMs;
    },
  };
}

/** Makes the partitions of one day, as the server does ahead of it. */
export async function makeDay(pool: Pool, ms: number): Promise<void> {
  await pool.query('SELECT make_day_partitions($1::date, 1)', [dayOf(ms)]);
}

/** The days each risk class has partitions of decisions for, oldest first. */
export async function partitionDays(pool: Pool): Promise<Record<'high_risk' | 'routine' | 'admin', string[]>> {
  const days = async (riskClass: string) => {
    const { rows } = await pool.query<{ day: string }>(
      `SELECT to_date(right(relname, 8), 'YYYYMMDD')::text AS day FROM pg_inherits JOIN pg_class ON oid = inhrelid
       WHERE inhparent = to_regclass('decision_' || $1::text) ORDER BY 1`,
      [riskClass],
    );
    return rows.map(({ day }) => day);
  };
  return { high_risk: await days('high_risk'), routine: await days('routine'), admin: await days('admin') };
}
