import { isOutage, outageError } from '../../db/outage.js';
import type { Pool } from '../../db/pool.js';
import { dayOf, MINUTE_MS, shiftDay } from '../../time.js';
import { DERIVED_TRACES, isDerivedTraceId } from '../assembly/derived-id.js';
import type { Decision } from '../decision.js';
import type { Recordable, RecordBatch } from '../record/record.js';

/** How far the first record of a turn and the agent's own span may begin apart. */
const LEEWAY_MS = MINUTE_MS;

/** A decision that log records told, and the one made of spans that tells the same. */
interface Retold {
  id: string;
  by: string;
}

/**
 * The batch, which also supersedes what log records told before of its turns. Throws UNAVAILABLE while the database is away,
 * to be called again then.
 */
export async function withRetold(pool: Pool, batch: RecordBatch, nowMs: number): Promise<RecordBatch> {
  const decisions = batch.items.flatMap(retellable);
  if (decisions.length === 0) return batch;
  try {
    const retold = await findRetold({ pool, fleet: batch.fleet, nowMs }, decisions);
    return retold.length === 0 ? batch : { ...batch, superseded: [...batch.superseded, ...retold] };
  } catch (cause) {
    throw isOutage(cause) ? outageError(cause) : cause;
  }
}

/** Agents that send both spans and log records name the session in both. */
function retellable({ decision, mode }: Recordable): Decision[] {
  const { traceId, conversationId } = decision;
  const isSpans = traceId !== null && !isDerivedTraceId(traceId);
  return mode === 'seal' && isSpans && conversationId !== null ? [decision] : [];
}

/**
 * The decisions that were sealed from log records before their spans came: of each session, the one that began nearest to
 * the decision made of spans. The turn is counted from its spans then, unless they know no tokens and the records do.
 */
async function findRetold(
  { pool, fleet, nowMs }: { pool: Pool; fleet: string; nowMs: number },
  decisions: readonly Decision[],
): Promise<Retold[]> {
  const today = dayOf(nowMs);
  const { rows } = await pool.query<Retold>(
    `SELECT DISTINCT ON (told.id) told.id, spans.id AS by
     FROM unnest($2::text[], $3::text[], $4::timestamptz[], $8::bigint[]) AS spans (id, conversation_id, started_at, tokens)
     JOIN LATERAL (
       SELECT d.id, d.started_at FROM decision d
       WHERE d.fleet_id = $1 AND d.sealed_on BETWEEN $5::date AND $6::date
         AND d.trace_id >= '${DERIVED_TRACES.from}' AND d.trace_id < '${DERIVED_TRACES.until}'
         AND d.conversation_id = spans.conversation_id AND (spans.tokens > 0 OR d.input_tokens + d.output_tokens = 0)
         AND d.started_at - $7::interval <= spans.started_at AND d.ended_at + $7::interval >= spans.started_at
       ORDER BY abs(extract(epoch FROM d.started_at - spans.started_at)), d.id LIMIT 1
     ) told ON TRUE
     ORDER BY told.id, abs(extract(epoch FROM told.started_at - spans.started_at)), spans.id`,
    [
      fleet,
      decisions.map(({ id }) => id),
      decisions.map(({ conversationId }) => conversationId),
      decisions.map(({ startedAtMs }) => new Date(startedAtMs).toISOString()),
      shiftDay(today, -1),
      today,
      `${LEEWAY_MS} milliseconds`,
      decisions.map(({ tokens }) => tokens.input + tokens.output),
    ],
  );
  return rows;
}
