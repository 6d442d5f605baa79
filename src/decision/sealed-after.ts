import type { Pool } from '../db/pool.js';
import { dayOf } from '../time.js';
import { DAYS_MAX, daysAround, ENTRY_DAYS } from './days.js';
import { type DecisionFilter, filterSql } from './filter.js';
import { DECISION_SELECTION, type DecisionRow } from './row.js';

/** Decisions in the order they were sealed, as those who follow the record read them. */
export interface SealedPage {
  /** Those that pass the filter. */
  rows: DecisionRow[];
  /** Everything up to this seq was looked at. */
  throughSeq: number;
  /** Whether the ledger goes on beyond it. */
  hasMore: boolean;
}

/** Decisions sealed after `afterSeq`, at most `limit`: of a stretch of the ledger, whose times say on which days they lie. */
export async function readSealedAfter(
  { pool, fleet, filter }: { pool: Pool; fleet: string; filter: DecisionFilter },
  { afterSeq, limit }: { afterSeq: number; limit: number },
): Promise<SealedPage> {
  const stretch = await findStretch(pool, fleet, afterSeq);
  if (stretch === null) return { rows: [], throughSeq: afterSeq, hasMore: false };
  const conditions = filterSql(filter, 7);
  const { rows } = await pool.query<DecisionRow>(
    `SELECT ${DECISION_SELECTION} FROM decision d
     WHERE d.fleet_id = $1 AND d.seq > $2 AND d.seq <= $3 AND d.sealed_on BETWEEN $4::date AND $5::date
       AND ${conditions.text} ORDER BY d.seq LIMIT $6`,
    [fleet, afterSeq, stretch.throughSeq, stretch.firstDay, stretch.lastDay, limit, ...conditions.parameters],
  );
  const last = rows.length === limit ? rows.at(-1) : undefined;
  if (last !== undefined) return { rows, throughSeq: last.seq, hasMore: true };
  return { rows, throughSeq: stretch.throughSeq, hasMore: stretch.throughSeq < stretch.headSeq };
}

interface Stretch {
  throughSeq: number;
  headSeq: number;
  firstDay: string;
  lastDay: string;
}

/** The ledger has no gaps: entries this far on are found by their seq, and the farthest that is not too late ends the stretch. */
const STRIDES = [1, 16, 256, 4_096, 65_536];

async function findStretch(pool: Pool, fleet: string, afterSeq: number): Promise<Stretch | null> {
  const { rows } = await pool.query<{ seq: number; recordedAt: Date }>(
    `SELECT seq, recorded_at AS "recordedAt" FROM ledger_entry WHERE fleet_id = $1 AND seq = ANY($2::bigint[])
     UNION
     (SELECT seq, recorded_at FROM ledger_entry WHERE fleet_id = $1 ORDER BY seq DESC LIMIT 1)
     ORDER BY seq`,
    [fleet, STRIDES.map((stride) => afterSeq + stride)],
  );
  const found = rows.filter(({ seq }) => seq > afterSeq);
  const days = found.map(({ recordedAt }) => daysAround(dayOf(recordedAt.getTime()), ENTRY_DAYS));
  const [firstDay] = days[0] ?? [];
  const head = found.at(-1);
  if (firstDay === undefined || head === undefined) return null;
  const lastAllowed = daysAround(firstDay, { before: 0, after: DAYS_MAX - 1 }).at(-1) as string;
  const end = days.findLastIndex((around) => (around.at(-1) as string) <= lastAllowed);
  const { seq: throughSeq } = found[end] as { seq: number };
  return { throughSeq, headSeq: head.seq, firstDay, lastDay: days[end]?.at(-1) as string };
}

/** The seq the fleet's ledger has reached; −1 when it is empty. */
export async function findNewestSeq(pool: Pool, fleet: string): Promise<number> {
  const { rows } = await pool.query<{ seq: number | null }>(
    'SELECT max(seq) AS seq FROM ledger_entry WHERE fleet_id = $1',
    [fleet],
  );
  return rows[0]?.seq ?? -1;
}
