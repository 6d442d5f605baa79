import type { Pool } from '../db/pool.js';
import { ANOMALY_COLUMNS, type AnomalyRow } from './anomaly.js';
import { type AnomalyFilter, anomalyFilterSql } from './filter.js';

/**
 * Whoever follows anomalies is told of each once: when it first passes the filter. One that became more severe has a
 * second place, which is the one that counts for a filter it did not pass before.
 */
const STREAMED = (severities: string) => `
  SELECT a.seq AS place, a.* FROM anomaly a
  WHERE a.fleet_id = $1 AND (${severities} IS NULL OR coalesce(a.raised_from, a.severity) = ANY(${severities}))
  UNION ALL
  SELECT a.raised_seq, a.* FROM anomaly a
  WHERE a.fleet_id = $1 AND a.raised_seq IS NOT NULL
    AND a.severity = ANY(${severities}) AND NOT a.raised_from = ANY(${severities})`;

export interface AnomalyPage {
  rows: AnomalyRow[];
  /** Everything up to this place was looked at. */
  throughSeq: number;
  hasMore: boolean;
}

/** Anomalies whose place is after `afterSeq`, in the order of their places, at most `limit`. */
export async function readAnomaliesAfter(
  { pool, fleet, filter }: { pool: Pool; fleet: string; filter: AnomalyFilter },
  { afterSeq, limit }: { afterSeq: number; limit: number },
): Promise<AnomalyPage> {
  const conditions = anomalyFilterSql(filter, 5);
  const { rows } = await pool.query<AnomalyRow & { reached: number }>(
    `WITH reached AS (SELECT anomaly_seq AS seq FROM fleet WHERE id = $1)
     SELECT reached.seq AS reached, page.* FROM reached LEFT JOIN LATERAL (
       SELECT a.place AS seq, ${ANOMALY_COLUMNS} FROM (${STREAMED('$4::text[]')}) a
       WHERE a.place > $2 AND a.place <= reached.seq AND ${conditions.text} ORDER BY a.place LIMIT $3
     ) page ON TRUE ORDER BY page.seq`,
    [fleet, afterSeq, limit, filter.severities ?? null, ...conditions.parameters],
  );
  const found = rows.filter(({ seq }) => seq !== null);
  const last = found.length === limit ? found.at(-1) : undefined;
  if (last !== undefined) return { rows: found, throughSeq: last.seq, hasMore: true };
  return { rows: found, throughSeq: Math.max(afterSeq, rows[0]?.reached ?? 0), hasMore: false };
}

/** How far the fleet's stream of anomalies has come; 0 when it has none. */
export async function findNewestAnomaly(pool: Pool, fleet: string): Promise<number> {
  const { rows } = await pool.query<{ seq: number }>('SELECT anomaly_seq AS seq FROM fleet WHERE id = $1', [fleet]);
  return rows[0]?.seq ?? 0;
}

/** The place at which a follower with this filter was told of the anomaly; null when there is none of this first place. */
export async function findAnomalyPlace(
  pool: Pool,
  { fleet, filter }: { fleet: string; filter: AnomalyFilter },
  firstSeq: number,
): Promise<number | null> {
  const { rows } = await pool.query<{ seq: number }>(
    `SELECT CASE WHEN $3::text[] IS NULL OR raised_seq IS NULL OR raised_from = ANY($3) THEN seq ELSE raised_seq END AS seq
     FROM anomaly WHERE fleet_id = $1 AND seq = $2`,
    [fleet, firstSeq, filter.severities ?? null],
  );
  return rows[0]?.seq ?? null;
}
