import type { Pool } from '../../db/pool.js';
import type { DecisionCalendar } from '../../decision/calendar.js';
import { portions } from '../../decision/days.js';
import { AppError } from '../../errors.js';
import { findEntries, findHead } from '../../ledger/store.js';
import { HOUR_MS } from '../../time.js';
import type { ReportRequest } from '../request.js';
import type { LedgerCut } from './report.js';

interface Records {
  pool: Pool;
  calendar: DecisionCalendar;
}

/** A decision that a report is about. */
export interface ReportCase {
  id: string;
  startedAtMs: number;
}

/** More would be a period, not a case. */
const CASES_MAX = 1_000;

type Wanted = Pick<ReportRequest, 'decisionId' | 'conversationId' | 'subject'> & {
  fromMs: number | null;
  toMs: number | null;
};

/**
 * The decisions of one conversation or person, or one alone, by when they started, as far as their rows are kept. Throws
 * VALIDATION_FAILED when there are more than a report can tell one by one.
 */
export async function findCases({ pool, calendar }: Records, fleet: string, wanted: Wanted): Promise<ReportCase[]> {
  const { decisionId, conversationId, subject, fromMs, toMs } = wanted;
  const span = { fromMs: fromMs ?? Number.MIN_SAFE_INTEGER, toMs: toMs ?? Number.MAX_SAFE_INTEGER };
  const found: ReportCase[] = [];
  for (const days of portions(await calendar.daysOf(fleet, [span]))) {
    const { rows } = await pool.query<{ id: string; startedAt: Date }>(
      `SELECT d.id, d.started_at AS "startedAt" FROM decision d
       WHERE d.fleet_id = $1 AND d.sealed_on = ANY($2::date[]) AND ($3::text IS NULL OR d.id = $3)
         AND ($4::text IS NULL OR d.conversation_id = $4) AND ($5::text IS NULL OR d.user_id = $5)
         AND ($6::timestamptz IS NULL OR d.started_at >= $6) AND ($7::timestamptz IS NULL OR d.started_at < $7)
       LIMIT ${CASES_MAX + 1}`,
      [fleet, days, decisionId, conversationId, subject, timeOf(fromMs), timeOf(toMs)],
    );
    found.push(...rows.map(({ id, startedAt }) => ({ id, startedAtMs: startedAt.getTime() })));
    if (found.length > CASES_MAX) {
      const path = subject === null ? 'conversationId' : 'subject';
      throw new AppError(
        'VALIDATION_FAILED',
        `${path}: it has more than ${CASES_MAX} decisions: give a shorter period`,
        {
          path: [path],
        },
      );
    }
  }
  return found.sort((left, right) => left.startedAtMs - right.startedAtMs || (left.id < right.id ? -1 : 1));
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** What becomes known of a decision later comes within this: the journal keeps requests for an hour. */
const AMENDED_WITHIN_MS = 2 * HOUR_MS;

/**
 * How far a fleet's ledger counts for a request: to the last entry of the period, or of a decision that started in it; entries
 * of reports at the end are left out, so that a report that was made changes no other.
 */
export async function findCut(records: Records, fleet: string, request: ReportRequest): Promise<LedgerCut> {
  const { pool } = records;
  const head = await findHead(pool, fleet);
  if (head === null) return { fleet, size: 0, hash: null };
  const size = head.seq + 1;
  const [periodEnd, amendedEnd] = [
    await findSeqAt(pool, fleet, { size, ms: request.toMs }),
    await findSeqAt(pool, fleet, { size, ms: request.toMs + AMENDED_WITHIN_MS }),
  ];
  const ends = [
    periodEnd,
    (await findDecisionExtent(records, fleet, request)).last + 1,
    await findAmendedEnd(pool, fleet, { request, from: periodEnd, to: amendedEnd }),
  ];
  return withoutReports(pool, fleet, Math.max(...ends));
}

/** Where the entries of a request begin: none before is of its period, or of a decision that started in it. */
export async function findStart(records: Records, cut: LedgerCut, request: ReportRequest): Promise<number> {
  const { fleet, size } = cut;
  const { first } = await findDecisionExtent(records, fleet, request);
  return Math.min(await findSeqAt(records.pool, fleet, { size, ms: request.fromMs }), first ?? size);
}

/** The first seq that was sealed at `ms` or later, below `size`; `size` when there is none. Times never go back in a ledger. */
async function findSeqAt(pool: Pool, fleet: string, { size, ms }: { size: number; ms: number }): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = (await findEntries(pool, fleet, [middle])).get(middle);
    if (entry === undefined)
      throw new AppError('LEDGER_INTEGRITY', `entry ${middle} of the ledger of ${fleet} is missing`);
    if (Date.parse(entry.recordedAt) >= ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Between which seqs the decisions that started in the period were sealed, as far as their rows are kept. */
async function findDecisionExtent(
  { pool, calendar }: Records,
  fleet: string,
  { fromMs, toMs }: ReportRequest,
): Promise<{ first: number | null; last: number }> {
  let [first, last]: [number | null, number] = [null, -1];
  for (const days of portions(await calendar.daysOf(fleet, [{ fromMs, toMs }]))) {
    const { rows } = await pool.query<{ first: number | null; last: number | null }>(
      `SELECT min(d.seq) AS first, max(d.seq) AS last FROM decision d
       WHERE d.fleet_id = $1 AND d.sealed_on = ANY($2::date[]) AND d.started_at >= $3 AND d.started_at < $4`,
      [fleet, days, timeOf(fromMs), timeOf(toMs)],
    );
    const found = rows[0]?.first ?? null;
    if (found !== null) first = first === null ? found : Math.min(first, found);
    last = Math.max(last, rows[0]?.last ?? -1);
  }
  return { first, last };
}

/** The seq after the last amendment of a decision of the period among these entries; 0 when there is none. */
async function findAmendedEnd(
  pool: Pool,
  fleet: string,
  { request, from, to }: { request: ReportRequest; from: number; to: number },
): Promise<number> {
  const { rows } = await pool.query<{ last: number | null }>(
    `SELECT max(seq) AS last FROM ledger_entry
     WHERE fleet_id = $1 AND seq >= $2 AND seq < $3 AND kind = 'AMENDMENT'
       AND (canonical::jsonb->'payload'->>'startedAt')::timestamptz >= $4
       AND (canonical::jsonb->'payload'->>'startedAt')::timestamptz < $5`,
    [fleet, from, to, timeOf(request.fromMs), timeOf(request.toMs)],
  );
  return (rows[0]?.last ?? -1) + 1;
}

async function withoutReports(pool: Pool, fleet: string, size: number): Promise<LedgerCut> {
  const { rows } = await pool.query<{ seq: number; hash: string }>(
    `SELECT seq, encode(hash, 'hex') AS hash FROM ledger_entry
     WHERE fleet_id = $1 AND seq < $2 AND kind NOT IN ('EXPORT', 'READ') ORDER BY seq DESC LIMIT 1`,
    [fleet, size],
  );
  return { fleet, size: (rows[0]?.seq ?? -1) + 1, hash: rows[0]?.hash ?? null };
}
