import type { Pool } from '../../db/pool.js';
import { type SealedDecision, type SealedRow, toSealedDecision } from './trace.js';

/** What was sealed of these traces so far, by trace id; one indexed query. */
export async function findSealed(
  pool: Pool,
  fleet: string,
  traceIds: readonly string[],
): Promise<Map<string, SealedDecision[]>> {
  const { rows } = await pool.query<SealedRow>(
    `SELECT id, trace_id, parent_id, span_ids, revision_hash, journal_ids
     FROM decision WHERE fleet_id = $1 AND trace_id = ANY($2) AND length(span_ids) > 0`,
    [fleet, traceIds],
  );
  const byTrace = new Map<string, SealedDecision[]>();
  for (const row of rows) {
    const sealed = byTrace.get(row.trace_id) ?? [];
    sealed.push(toSealedDecision(row));
    byTrace.set(row.trace_id, sealed);
  }
  return byTrace;
}
