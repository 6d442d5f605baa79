import type { Client, Pool } from '../db/pool.js';
import type { DecisionCalendar } from '../decision/calendar.js';
import { portions } from '../decision/days.js';
import { findDecisionDays } from '../decision/store.js';
import type { Target, TargetScope } from './target.js';

/** A decision that is in reach of an erasure, and what could hold it. */
export interface Reached {
  id: string;
  /** Of its first entry. */
  seq: number;
  sealedOn: string;
  agent: string;
  traceId: string | null;
  conversationId: string | null;
  userId: string | null;
}

const CONDITIONS: Record<TargetScope, string> = {
  DECISION: 'd.id = $2',
  CONVERSATION: 'd.conversation_id = $2',
  SUBJECT: 'd.user_id = $2',
};

/**
 * The decisions that the target is or has, but for those that are erased already, from the newest day on: at most `limit`,
 * and all that the last days looked at have. No transaction may span all days: each takes locks.
 */
export async function findReached(
  { pool, calendar }: { pool: Pool; calendar: DecisionCalendar },
  { fleet, target, limit }: { fleet: string; target: Target; limit: number },
): Promise<Reached[]> {
  const days =
    target.scope === 'DECISION'
      ? await findDecisionDays(pool, fleet, [target.id])
      : await calendar.daysOf(fleet, [{ fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }]);
  const found: Reached[] = [];
  for (const portion of portions(days)) {
    if (found.length >= limit) break;
    found.push(...(await readReached(pool, { fleet, target, days: portion })));
  }
  return found;
}

export async function readReached(
  client: Client | Pool,
  { fleet, target, days }: { fleet: string; target: Target; days: readonly string[] },
): Promise<Reached[]> {
  const { rows } = await client.query<Reached>(
    `SELECT d.id, d.seq, d.sealed_on::text AS "sealedOn", d.agent, d.trace_id AS "traceId",
       d.conversation_id AS "conversationId", d.user_id AS "userId"
     FROM decision d
     WHERE d.fleet_id = $1 AND ${CONDITIONS[target.scope]} AND d.sealed_on = ANY($3::date[])
       AND NOT EXISTS (SELECT FROM erased_decision e WHERE e.fleet_id = d.fleet_id AND e.decision_id = d.id)
     ORDER BY d.seq`,
    [fleet, target.id, days],
  );
  return rows;
}

const SCAN_ROWS = 500;

/**
 * Requests in the journal that may hold something of the target beside its decisions: those in which what names it stands,
 * and those that are compressed.
 */
export async function findRequests(pool: Pool, fleet: string, names: readonly Buffer[]): Promise<number[]> {
  const found: number[] = [];
  for (let after = 0; ; ) {
    const { rows } = await pool.query<{ id: number; isFound: boolean }>(
      `SELECT id, is_gzip OR EXISTS (SELECT FROM unnest($3::bytea[]) AS name WHERE position(name IN body) > 0) AS "isFound"
       FROM (SELECT id, is_gzip, body FROM journal WHERE fleet_id = $1 AND id > $2 ORDER BY id LIMIT ${SCAN_ROWS}) AS page`,
      [fleet, after, names],
    );
    found.push(...rows.filter(({ isFound }) => isFound).map(({ id }) => id));
    const last = rows.at(-1);
    if (last === undefined || rows.length < SCAN_ROWS) return found;
    after = last.id;
  }
}

/** What stands in a request of it: the id of the conversation, the user, or the decision's trace, as text or as bytes. */
export function namesOf(target: Target, reached: readonly Reached[]): Buffer[] {
  if (target.scope !== 'DECISION') return [Buffer.from(target.id)];
  return reached.flatMap(({ traceId }) =>
    traceId === null ? [] : [Buffer.from(traceId), Buffer.from(traceId, 'hex')],
  );
}
