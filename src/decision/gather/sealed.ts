import { groupRows } from '../../db/group.js';
import type { Pool } from '../../db/pool.js';
import { dayOf, shiftDay } from '../../time.js';
import { type SealedDecision, type SealedRow, toSealedDecision } from './trace.js';

/** What may still be amended was sealed within the hour the journal is kept; a midnight may lie between. */
const AMENDED_DAYS = 2;

/** What was sealed of these traces lately, by trace id; one indexed query. */
export async function findSealed(
  { pool, fleet, nowMs }: { pool: Pool; fleet: string; nowMs: number },
  traceIds: readonly string[],
): Promise<Map<string, SealedDecision[]>> {
  const today = dayOf(nowMs);
  const { rows } = await pool.query<SealedRow>(
    `SELECT id, trace_id, parent_id, span_ids, revision_hash, sampled, journal_ids
     FROM decision WHERE fleet_id = $1 AND sealed_on BETWEEN $3::date AND $4::date
       AND trace_id = ANY($2) AND length(span_ids) > 0`,
    [fleet, traceIds, shiftDay(today, -AMENDED_DAYS), today],
  );
  const byTrace = groupRows(rows, ({ trace_id }) => trace_id);
  return new Map([...byTrace].map(([traceId, sealed]) => [traceId, sealed.map(toSealedDecision)]));
}
