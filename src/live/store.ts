import type { Pool } from '../db/pool.js';

/** How far the streams of a fleet have come: the last place of each. */
export interface Height {
  fleet: string;
  /** Of the ledger; −1 when it is empty. */
  decisions: number;
  anomalies: number;
  alerts: number;
}

/** Of every fleet. */
export async function readHeights(pool: Pool): Promise<Height[]> {
  const { rows } = await pool.query<Height>(
    `SELECT id AS fleet, coalesce(head.size, 0) - 1 AS decisions, anomaly_seq AS anomalies, alert_seq AS alerts
     FROM fleet LEFT JOIN ledger_head head ON head.fleet_id = fleet.id`,
  );
  return rows;
}
