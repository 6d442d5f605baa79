import { readKeysetPage } from '../../db/keyset.js';
import type { Page, PageRequest } from '../../db/page.js';
import type { Client, Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { ReportRequest } from '../request.js';
import { type LedgerCut, REPORT_SELECTION, type ReportFile, type ReportRow } from './report.js';

export interface NewReport {
  fleet: string;
  id: string;
  request: ReportRequest;
  cuts: readonly LedgerCut[];
  schedule: string | null;
  requestedBy: string;
  requestedAt: Date;
}

/** Waiting reports of one fleet. */
const QUEUE_MAX = 5;

/**
 * Puts a report into the queue. One that is there already, or done, is answered as it stands; one that failed or whose files
 * were let go is made anew. Throws RATE_LIMITED when too many of the fleet wait.
 */
export async function queueReport(pool: Pool, report: NewReport): Promise<ReportRow> {
  const { fleet, id, request, cuts, schedule, requestedBy, requestedAt } = report;
  const standing = await findReport(pool, fleet, id);
  if (standing !== null && standing.state !== 'FAILED' && standing.state !== 'EXPIRED') return standing;
  const { rows: waiting } = await pool.query<{ count: number }>(
    `SELECT count(*) AS count FROM report WHERE fleet_id = $1 AND state IN ('QUEUED', 'RUNNING')`,
    [fleet],
  );
  if ((waiting[0]?.count ?? 0) >= QUEUE_MAX) {
    const message = `${QUEUE_MAX} reports of this fleet are waiting or being made: ask again when one is done`;
    throw new AppError('RATE_LIMITED', message, { retryAfterS: 10 });
  }
  const { rows } = await pool.query<ReportRow>(
    `INSERT INTO report AS r (fleet_id, id, request, cuts, schedule, state, requested_by, requested_at)
     VALUES ($1, $2, $3, $4, $5, 'QUEUED', $6, $7)
     ON CONFLICT (fleet_id, id) DO UPDATE SET state = 'QUEUED', progress = 0, attempts = 0, error = NULL, finished_at = NULL,
       request = EXCLUDED.request, cuts = EXCLUDED.cuts, requested_by = EXCLUDED.requested_by,
       requested_at = EXCLUDED.requested_at, version = r.version + 1
     WHERE r.state IN ('FAILED', 'EXPIRED')
     RETURNING ${REPORT_SELECTION}`,
    [fleet, id, JSON.stringify(request), JSON.stringify(cuts), schedule, requestedBy, requestedAt.toISOString()],
  );
  const written = rows[0] ?? (await findReport(pool, fleet, id));
  if (written === null) throw new AppError('UNAVAILABLE', 'the report could not be put into the queue: try again');
  return written;
}

export async function findReport(pool: Pool, fleet: string, id: string): Promise<ReportRow | null> {
  const { rows } = await pool.query<ReportRow>(
    `SELECT ${REPORT_SELECTION} FROM report r WHERE r.fleet_id = $1 AND r.id = $2`,
    [fleet, id],
  );
  return rows[0] ?? null;
}

/** Whether the schedule has asked for the period that begins at `fromMs`. */
export async function hasScheduled(pool: Pool, fleet: string, schedule: string, fromMs: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM report WHERE fleet_id = $1 AND schedule = $2 AND (request->>'fromMs')::bigint = $3`,
    [fleet, schedule, fromMs],
  );
  return (rowCount ?? 0) > 0;
}

export interface ReportListOptions {
  pool: Pool;
  fleet: string;
  /** The key of a report is its place; lists begin with the newest. */
  page: PageRequest<number>;
}

/** One page of the fleet's reports, the newest first, in one statement. */
export function listReports({ pool, fleet, page }: ReportListOptions): Promise<Page<ReportRow>> {
  return readKeysetPage(pool, {
    fleet,
    table: 'report',
    alias: 'r',
    key: { column: 'place', type: 'bigint' },
    order: 'descending',
    selection: REPORT_SELECTION,
    conditions: 'TRUE',
    parameters: [],
    page,
  });
}

/** After a start nobody makes what was being made: it waits again. */
export async function requeueAbandoned(pool: Pool, now: Date): Promise<void> {
  await pool.query(
    `UPDATE report SET state = 'QUEUED', version = version + 1 WHERE state = 'RUNNING' AND lease_until < $1`,
    [now.toISOString()],
  );
}

/** Takes the report that has waited longest; null when none waits. */
export async function claimReport(pool: Pool, leaseUntil: Date): Promise<ReportRow | null> {
  const { rows } = await pool.query<ReportRow>(
    `UPDATE report AS r SET state = 'RUNNING', progress = 0, attempts = r.attempts + 1, lease_until = $1, version = r.version + 1
     FROM (SELECT fleet_id, id FROM report WHERE state = 'QUEUED' ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED) AS next
     WHERE r.fleet_id = next.fleet_id AND r.id = next.id RETURNING ${REPORT_SELECTION}`,
    [leaseUntil.toISOString()],
  );
  return rows[0] ?? null;
}

type ReportKey = Pick<ReportRow, 'fleet' | 'id'>;

/** Notes how far it is, and that somebody still makes it. */
export async function noteProgress(
  pool: Pool,
  { fleet, id }: ReportKey,
  { progress, leaseUntil }: { progress: number; leaseUntil: Date },
): Promise<number | null> {
  const { rows } = await pool.query<{ version: number }>(
    `UPDATE report SET progress = $3, lease_until = $4, version = version + 1
     WHERE fleet_id = $1 AND id = $2 AND state = 'RUNNING' RETURNING version`,
    [fleet, id, progress, leaseUntil.toISOString()],
  );
  return rows[0]?.version ?? null;
}

export interface Completion {
  pages: number;
  decisions: number;
  files: readonly ReportFile[];
  sha256: string;
  disclosed: readonly string[];
  entrySeq: number;
  finishedAt: Date;
}

/** Marks it as done, in the transaction that seals its hash. */
export async function completeReport(client: Client, { fleet, id }: ReportKey, done: Completion): Promise<void> {
  await client.query(
    `UPDATE report SET state = 'DONE', progress = 1, version = version + 1, pages = $3, decisions = $4, files = $5, sha256 = $6,
       disclosed = $7, entry_seq = $8, finished_at = $9, lease_until = NULL
     WHERE fleet_id = $1 AND id = $2`,
    [
      fleet,
      id,
      done.pages,
      done.decisions,
      JSON.stringify(done.files),
      done.sha256,
      done.disclosed,
      done.entrySeq,
      done.finishedAt.toISOString(),
    ],
  );
}

/** Ends an attempt: as failed with the reason, or to be tried again. */
export async function endAttempt(
  pool: Pool,
  { fleet, id }: ReportKey,
  { error, isFinal, now }: { error: string; isFinal: boolean; now: Date },
): Promise<void> {
  await pool.query(
    `UPDATE report SET state = $3, error = $4, version = version + 1, lease_until = NULL,
       finished_at = CASE WHEN $3 = 'FAILED' THEN $5::timestamptz END
     WHERE fleet_id = $1 AND id = $2 AND state = 'RUNNING'`,
    [fleet, id, isFinal ? 'FAILED' : 'QUEUED', error, now.toISOString()],
  );
}

/** Lets go of reports that were done before: they cannot be had any more, and what they say of a person goes at once. */
export async function expireReports(pool: Pool, before: Date): Promise<void> {
  await pool.query(
    `UPDATE report SET state = 'EXPIRED', version = version + 1, request = request || '{"subject": null}'
     WHERE state = 'DONE' AND finished_at < $1`,
    [before.toISOString()],
  );
}

/** Reports that were let go, or withdrawn since content in them was erased, and whose files may still be there. */
export async function findLeftFiles(pool: Pool): Promise<ReportKey[]> {
  const { rows } = await pool.query<ReportKey>(
    `SELECT fleet_id AS fleet, id FROM report WHERE state = 'EXPIRED' AND files <> '[]'`,
  );
  return rows;
}

export async function forgetFiles(pool: Pool, { fleet, id }: ReportKey): Promise<void> {
  await pool.query(
    `UPDATE report SET files = '[]', version = version + 1 WHERE fleet_id = $1 AND id = $2 AND state = 'EXPIRED'`,
    [fleet, id],
  );
}

/** Whether content of one of these decisions was erased since then. Belongs to the transaction that has locked the fleet. */
export async function isErasedSince(
  client: Client,
  fleet: string,
  { decisionIds, since }: { decisionIds: readonly string[]; since: Date },
): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM erased_decision WHERE fleet_id = $1 AND decision_id = ANY($2::text[]) AND erased_at >= $3 LIMIT 1',
    [fleet, decisionIds, since.toISOString()],
  );
  return (rowCount ?? 0) > 0;
}
