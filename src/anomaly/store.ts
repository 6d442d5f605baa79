import { groupRows } from '../db/group.js';
import { readKeysetPage } from '../db/keyset.js';
import type { Page, PageRequest } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import { ANOMALY_COLUMNS, type AnomalyRow } from './anomaly.js';
import { type AnomalyFilter, anomalyFilterSql } from './filter.js';

export interface AnomalyListOptions {
  pool: Pool;
  fleet: string;
  filter: AnomalyFilter;
  /** The key of an anomaly is its first place; lists begin with the newest. */
  page: PageRequest<number>;
}

/** One page of the fleet's anomalies, the newest first, in one statement. */
export function listAnomalies({ pool, fleet, filter, page }: AnomalyListOptions): Promise<Page<AnomalyRow>> {
  const conditions = anomalyFilterSql(filter, 5);
  return readKeysetPage(pool, {
    fleet,
    table: 'anomaly',
    alias: 'a',
    key: { column: 'seq', type: 'bigint' },
    order: 'descending',
    selection: `a.seq, ${ANOMALY_COLUMNS}`,
    conditions: `($4::text[] IS NULL OR a.severity = ANY($4)) AND ${conditions.text}`,
    parameters: [filter.severities ?? null, ...conditions.parameters],
    page,
  });
}

/** The anomalies of these places, by first place; those the fleet does not have are left out. */
export async function findAnomalies(
  pool: Pool,
  fleet: string,
  seqs: readonly number[],
): Promise<Map<number, AnomalyRow>> {
  const { rows } = await pool.query<AnomalyRow>(
    `SELECT a.seq, ${ANOMALY_COLUMNS} FROM anomaly a WHERE a.fleet_id = $1 AND a.seq = ANY($2::bigint[])`,
    [fleet, seqs],
  );
  return new Map(rows.map((row) => [row.seq, row]));
}

/** What was found in each of these decisions, by the decision's id, in the order it was found. */
export async function findAnomaliesOfDecisions(
  pool: Pool,
  fleet: string,
  decisionIds: readonly string[],
): Promise<Map<string, AnomalyRow[]>> {
  const { rows } = await pool.query<AnomalyRow & { decisionId: string }>(
    `SELECT a.seq, ${ANOMALY_COLUMNS} FROM anomaly a
     WHERE a.fleet_id = $1 AND a.decision_id = ANY($2::text[]) ORDER BY a.seq`,
    [fleet, decisionIds],
  );
  return groupRows(rows, ({ decisionId }) => decisionId);
}
