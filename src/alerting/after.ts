import type { Pool } from '../db/pool.js';
import { type AlertRow, reviveAlert } from './alert.js';
import { type AlertFilter, alertFilterSql } from './filter.js';

export interface AlertPage {
  /** Each with the place of the change, and the alert as it was after it. */
  rows: { seq: number; alert: AlertRow }[];
  /** Everything up to this place was looked at. */
  throughSeq: number;
  hasMore: boolean;
}

interface ChangeRow {
  place: number | null;
  alert: Record<string, unknown>;
  reached: number;
}

/** What happened to the fleet's alerts after the place, in the order of the commits, at most `limit`. */
export async function readAlertsAfter(
  { pool, fleet, filter }: { pool: Pool; fleet: string; filter: AlertFilter },
  { afterSeq, limit }: { afterSeq: number; limit: number },
): Promise<AlertPage> {
  const { text, parameters } = alertFilterSql(filter, 4);
  const { rows } = await pool.query<ChangeRow>(
    `WITH reached AS (SELECT alert_seq AS seq FROM fleet WHERE id = $1)
     SELECT reached.seq AS reached, page.* FROM reached LEFT JOIN LATERAL (
       SELECT c.seq AS place, c.alert FROM alert_change c CROSS JOIN LATERAL (
         SELECT c.alert ->> 'rule' AS rule, c.alert ->> 'state' AS state, c.alert ->> 'severity' AS severity,
           c.alert ->> 'agent' AS agent, c.alert ->> 'anomalyKind' AS anomaly_kind,
           c.alert ->> 'customerSegment' AS customer_segment, c.alert ->> 'acknowledgedAt' AS acknowledged_at,
           (c.alert ->> 'startedAt')::timestamptz AS started_at
       ) a
       WHERE c.fleet_id = $1 AND c.seq > $2 AND c.seq <= reached.seq AND ${text} ORDER BY c.seq LIMIT $3
     ) page ON TRUE ORDER BY page.place`,
    [fleet, afterSeq, limit, ...parameters],
  );
  const found = rows.flatMap(({ place, alert }) => (place === null ? [] : [{ seq: place, alert: reviveAlert(alert) }]));
  const last = found.length === limit ? found.at(-1) : undefined;
  if (last !== undefined) return { rows: found, throughSeq: last.seq, hasMore: true };
  return { rows: found, throughSeq: Math.max(afterSeq, rows[0]?.reached ?? 0), hasMore: false };
}

/** How far the fleet's stream of alerts has come; 0 when it has none. */
export async function findNewestAlertChange(pool: Pool, fleet: string): Promise<number> {
  const { rows } = await pool.query<{ seq: number }>('SELECT alert_seq AS seq FROM fleet WHERE id = $1', [fleet]);
  return rows[0]?.seq ?? 0;
}

/** Whether the fleet has a change of this place. */
export async function hasAlertChange(pool: Pool, fleet: string, seq: number): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT FROM alert_change WHERE fleet_id = $1 AND seq = $2', [fleet, seq]);
  return rowCount === 1;
}
