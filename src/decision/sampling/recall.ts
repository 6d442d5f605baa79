import type { Pool } from '../../db/pool.js';
import { DAY_MS, dayOf } from '../../time.js';
import type { Observation } from './usual.js';

/** Enough to know some hundred agents by. */
const DECISIONS_MAX = 5_000;
const SEALED_SINCE_MS = 7 * DAY_MS;

interface RecalledRow {
  agent: string;
  request_type: string | null;
  latency_ms: number;
  tokens: number;
  cost_usd: number | null;
  tool_calls: number;
}

/** The fleet's latest decisions of the last week, kept or not, the oldest first: bounded, whatever the record holds. */
export async function recallDecisions(pool: Pool, fleet: string, nowMs: number): Promise<Observation[]> {
  const { rows } = await pool.query<RecalledRow>(
    `SELECT agent, request_type, latency_ms, (input_tokens + output_tokens)::float8 AS tokens, cost_usd::float8, tool_calls
     FROM decision WHERE fleet_id = $1 AND sealed_on >= $2
     ORDER BY started_at DESC, id DESC LIMIT ${DECISIONS_MAX}`,
    [fleet, dayOf(nowMs - SEALED_SINCE_MS)],
  );
  return rows.reverse().map((row) => ({
    agent: row.agent,
    requestType: row.request_type,
    latencyMs: row.latency_ms,
    tokens: row.tokens,
    costUsd: row.cost_usd,
    toolCalls: row.tool_calls,
  }));
}
