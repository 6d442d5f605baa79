import { groupRows } from '../db/group.js';
import { readKeysetPage } from '../db/keyset.js';
import type { Page, PageRequest } from '../db/page.js';
import type { Client, Pool } from '../db/pool.js';
import { ALERT_COLUMNS, type AlertChangeRow, type AlertRow } from './alert.js';
import { type AlertFilter, alertFilterSql } from './filter.js';

export interface AlertListOptions {
  pool: Pool;
  fleet: string;
  filter: AlertFilter;
  page: PageRequest<number>;
}

/** One page of the fleet's alerts, the newest first, in one statement. */
export function listAlerts({ pool, fleet, filter, page }: AlertListOptions): Promise<Page<AlertRow>> {
  const { text, parameters } = alertFilterSql(filter, 4);
  return readKeysetPage(pool, {
    fleet,
    table: 'alert',
    alias: 'a',
    key: { column: 'seq', type: 'bigint' },
    order: 'descending',
    selection: ALERT_COLUMNS,
    conditions: text,
    parameters,
    page,
  });
}

/** The alerts of these places, by place; those the fleet does not have are left out. */
export async function findAlerts(
  client: Pool | Client,
  fleet: string,
  seqs: readonly number[],
): Promise<Map<number, AlertRow>> {
  if (seqs.length === 0) return new Map();
  const { rows } = await client.query<AlertRow>(
    `SELECT ${ALERT_COLUMNS} FROM alert a WHERE a.fleet_id = $1 AND a.seq = ANY($2::bigint[])`,
    [fleet, seqs],
  );
  return new Map(rows.map((row) => [row.seq, row]));
}

/** What happened to each of these alerts, by the alert's place, in the order it happened. */
export async function findChangesOfAlerts(
  pool: Pool,
  fleet: string,
  seqs: readonly number[],
): Promise<Map<number, AlertChangeRow[]>> {
  const { rows } = await pool.query<AlertChangeRow>(
    `SELECT seq, alert_seq AS "alertSeq", change, at, actor, comment FROM alert_change
     WHERE fleet_id = $1 AND alert_seq = ANY($2::bigint[]) ORDER BY seq`,
    [fleet, seqs],
  );
  return groupRows(rows, ({ alertSeq }) => alertSeq);
}

/** Alerts of every fleet that fire, and those that resolved since. */
export async function findCurrentAlerts(pool: Pool, since: Date): Promise<(AlertRow & { fleet: string })[]> {
  const { rows } = await pool.query<AlertRow & { fleet: string }>(
    `SELECT a.fleet_id AS fleet, ${ALERT_COLUMNS} FROM alert a WHERE a.state = 'FIRING'
     UNION ALL
     SELECT a.fleet_id AS fleet, ${ALERT_COLUMNS} FROM alert a WHERE a.state = 'RESOLVED' AND a.resolved_at >= $1`,
    [since],
  );
  return rows;
}
