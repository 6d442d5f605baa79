import type { Pool } from '../../db/pool.js';
import { dayOf, MINUTE_MS, shiftDay } from '../../time.js';
import { DERIVED_TRACE_PATTERN } from '../assembly/derived-id.js';
import type { LogTurn } from './log-context.js';

/** The agent's own span may have begun a moment before its first record, or its trace in an earlier turn. */
const LEEWAY_MS = MINUTE_MS;

/**
 * Whether spans told of this turn before: a decision was sealed from a trace that its records were written in, or, with
 * token counts, from its session at its time.
 */
export async function isTracedTurn(pool: Pool, turn: LogTurn, nowMs: number): Promise<boolean> {
  const today = dayOf(nowMs);
  const { rows } = await pool.query(
    `SELECT 1 FROM decision WHERE fleet_id = $1 AND sealed_on BETWEEN $2::date AND $3::date AND (
       trace_id = ANY($4) OR (conversation_id = ANY($5) AND started_at BETWEEN $6 AND $7
         AND trace_id NOT LIKE $8 AND input_tokens + output_tokens > 0)) LIMIT 1`,
    [
      turn.fleet,
      shiftDay(today, -1),
      today,
      turn.traceIds,
      turn.conversationIds,
      new Date(turn.startMs - LEEWAY_MS),
      new Date(turn.endMs),
      DERIVED_TRACE_PATTERN,
    ],
  );
  return rows.length > 0;
}
