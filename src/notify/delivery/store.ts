import { randomUUID } from 'node:crypto';
import { type Client, inTransaction, type Pool } from '../../db/pool.js';
import type { Notice } from '../plan/notice.js';
import type { PlannedNotice, Told } from '../plan/plan.js';

/** Where a notice lies in the log. */
export interface NoticePlace {
  fleet: string;
  id: number;
}

/** A notice that is to be delivered now. */
export interface DueNotice extends NoticePlace {
  /** The same at every attempt. */
  key: string;
  notice: Notice;
  /** How often it was tried. */
  attempts: number;
  createdAt: Date;
}

const OPEN = `state IN ('PENDING', 'FAILED')`;

/** The newest notices of all groups in which something is told and not over, or which are still to be delivered. */
export async function loadTold(pool: Pool): Promise<readonly Told[]> {
  const { rows } = await pool.query<Omit<Told, 'atMs'> & { at: Date }>(
    `SELECT id, notice, firing, ${OPEN} AS "isOpen", coalesce(sent_at, created_at) AS at FROM notification
     WHERE is_newest AND (cardinality(firing) > 0 OR ${OPEN})`,
  );
  return rows.map(({ at, ...told }) => ({ ...told, atMs: at.getTime() }));
}

/**
 * Writes down what is to be told before anything is sent, each notice by itself. One whose group has gone on meanwhile is
 * left out: whoever wrote first tells.
 */
export async function recordNotices(pool: Pool, planned: readonly PlannedNotice[], now: Date): Promise<void> {
  for (const each of planned) {
    if (each.isRestated) await restate(pool, each, now);
    else await inTransaction(pool, (client) => append(client, each, now));
  }
}

async function append(client: Client, { notice, firing, alerts, afterId }: PlannedNotice, now: Date): Promise<void> {
  const { receiver, groupKey } = notice;
  await client.query(
    `UPDATE notification SET is_newest = FALSE WHERE receiver = $1 AND group_key = $2 AND is_newest
       AND CASE WHEN $3::bigint IS NULL THEN cardinality(firing) = 0 AND NOT ${OPEN} ELSE id = $3 END`,
    [receiver, groupKey, afterId],
  );
  await client.query(
    `INSERT INTO notification (fleet_id, receiver, group_key, idempotency_key, status, alerts, firing, notice, state,
       next_attempt_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'PENDING', $9, $9)
     ON CONFLICT (receiver, group_key) WHERE is_newest DO NOTHING`,
    [
      notice.fleet,
      receiver,
      groupKey,
      `msg_${randomUUID()}`,
      notice.status,
      alerts,
      firing,
      JSON.stringify(notice),
      now.toISOString(),
    ],
  );
}

async function restate(pool: Pool, { notice, firing, alerts, afterId }: PlannedNotice, now: Date): Promise<void> {
  await pool.query(
    `UPDATE notification SET status = $2, alerts = $3, firing = $4, notice = $5, state = 'PENDING', attempts = 0,
       next_attempt_at = $6, created_at = $6, last_error = NULL, sent_at = NULL
     WHERE fleet_id = $7 AND id = $1 AND is_newest AND NOT ${OPEN}`,
    [afterId, notice.status, alerts, firing, JSON.stringify(notice), now.toISOString(), notice.fleet],
  );
}

/** What waits longest of what the receiver is to be told now; null when nothing is due. */
export async function findDue(pool: Pool, receiver: string, now: Date): Promise<DueNotice | null> {
  const { rows } = await pool.query<DueNotice>(
    `SELECT fleet_id AS fleet, id, idempotency_key AS key, notice, attempts, created_at AS "createdAt" FROM notification
     WHERE receiver = $1 AND ${OPEN} AND next_attempt_at <= $2 ORDER BY next_attempt_at, id LIMIT 1`,
    [receiver, now.toISOString()],
  );
  return rows[0] ?? null;
}

/** When each receiver is to be told something next, milliseconds since the epoch; those with nothing open are left out. */
export async function findNextAttempts(pool: Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ receiver: string; at: Date }>(
    `SELECT receiver, min(next_attempt_at) AS at FROM notification WHERE ${OPEN} GROUP BY receiver`,
  );
  return new Map(rows.map(({ receiver, at }) => [receiver, at.getTime()]));
}

export async function markSent(pool: Pool, { fleet, id }: NoticePlace, sentAt: Date): Promise<void> {
  await pool.query(
    `UPDATE notification SET state = 'SENT', attempts = attempts + 1, next_attempt_at = NULL, last_error = NULL, sent_at = $3
     WHERE fleet_id = $1 AND id = $2`,
    [fleet, id, sentAt.toISOString()],
  );
}

export async function markFailed(
  pool: Pool,
  { fleet, id }: NoticePlace,
  { reason, nextAttemptAt }: { reason: string; nextAttemptAt: Date },
): Promise<void> {
  await pool.query(
    `UPDATE notification SET state = 'FAILED', attempts = attempts + 1, next_attempt_at = $3, last_error = $4
     WHERE fleet_id = $1 AND id = $2`,
    [fleet, id, nextAttemptAt.toISOString(), reason],
  );
}

export async function markDead(pool: Pool, { fleet, id }: NoticePlace, reason: string): Promise<void> {
  await pool.query(
    `UPDATE notification SET state = 'DEAD', attempts = attempts + 1, next_attempt_at = NULL, last_error = $3
     WHERE fleet_id = $1 AND id = $2`,
    [fleet, id, reason],
  );
}

/** Forgets what was written before the moment, but for what alerts are still compared with. Returns how many. */
export async function removeOld(pool: Pool, before: Date): Promise<number> {
  const { rowCount } = await pool.query(
    'DELETE FROM notification WHERE created_at < $1 AND NOT (is_newest AND cardinality(firing) > 0)',
    [before.toISOString()],
  );
  return rowCount ?? 0;
}
