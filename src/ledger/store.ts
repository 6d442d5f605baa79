import { groupRows } from '../db/group.js';
import { readKeysetPage } from '../db/keyset.js';
import type { Page, PageRequest } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import type { Entry, EntryKind } from './chain.js';

/** Which entries: every condition that is given must hold. */
export interface LedgerFilter {
  kinds?: readonly EntryKind[] | null | undefined;
  /** What the entry is about: a decision's id. */
  subject?: string | null | undefined;
  /** Recorded at or after. */
  from?: Date | null | undefined;
  /** Recorded before. */
  to?: Date | null | undefined;
}

interface EntryRow extends Omit<Entry, 'recordedAt'> {
  recordedAt: Date;
}

const SELECTION = `e.seq, e.kind, e.subject, e.recorded_at AS "recordedAt", e.canonical,
  encode(e.previous_hash, 'hex') AS "previousHash", encode(e.hash, 'hex') AS hash`;

/** The newest entry; null when the ledger is empty. */
export async function findHead(pool: Pool, fleet: string): Promise<Entry | null> {
  const { rows } = await pool.query<EntryRow>(
    `SELECT ${SELECTION} FROM ledger_entry e WHERE e.fleet_id = $1 ORDER BY e.seq DESC LIMIT 1`,
    [fleet],
  );
  return rows[0] === undefined ? null : toEntry(rows[0]);
}

/** The entries of these seqs, by seq; those the ledger does not have are left out. */
export async function findEntries(pool: Pool, fleet: string, seqs: readonly number[]): Promise<Map<number, Entry>> {
  const { rows } = await pool.query<EntryRow>(
    `SELECT ${SELECTION} FROM ledger_entry e WHERE e.fleet_id = $1 AND e.seq = ANY($2::bigint[])`,
    [fleet, seqs],
  );
  return new Map(rows.map((row) => [row.seq, toEntry(row)]));
}

/** The amendments of each subject, by subject, in the order they were sealed. */
export async function findAmendments(
  pool: Pool,
  fleet: string,
  subjects: readonly string[],
): Promise<Map<string, Entry[]>> {
  const { rows } = await pool.query<EntryRow>(
    `SELECT ${SELECTION} FROM ledger_entry e
     WHERE e.fleet_id = $1 AND e.subject = ANY($2::text[]) AND e.kind = 'AMENDMENT' ORDER BY e.seq`,
    [fleet, subjects],
  );
  return groupRows(rows.map(toEntry), ({ subject }) => subject);
}

/** The seq of the entry that sealed the decision first; null when the ledger has none, and never null again once it has. */
export async function findSealingSeq(pool: Pool, fleet: string, decisionId: string): Promise<number | null> {
  const { rows } = await pool.query<{ seq: number }>(
    `SELECT e.seq FROM ledger_entry e
     WHERE e.fleet_id = $1 AND e.subject = $2 AND e.kind = 'DECISION' ORDER BY e.seq LIMIT 1`,
    [fleet, decisionId],
  );
  return rows[0]?.seq ?? null;
}

export interface EntryListOptions {
  pool: Pool;
  fleet: string;
  filter: LedgerFilter;
  /** The key of an entry is its seq; lists are in ascending order. */
  page: PageRequest<number>;
}

/** One page of the ledger, in the order of the chain, in one statement. */
export async function listEntries({ pool, fleet, filter, page }: EntryListOptions): Promise<Page<Entry>> {
  const { rows, ...around } = await readKeysetPage<EntryRow, number>(pool, {
    fleet,
    table: 'ledger_entry',
    alias: 'e',
    key: { column: 'seq', type: 'bigint' },
    order: 'ascending',
    selection: SELECTION,
    conditions: `($4::text[] IS NULL OR e.kind = ANY($4)) AND ($5::text IS NULL OR e.subject = $5)
      AND ($6::timestamptz IS NULL OR e.recorded_at >= $6) AND ($7::timestamptz IS NULL OR e.recorded_at < $7)`,
    parameters: [
      filter.kinds ?? null,
      filter.subject ?? null,
      filter.from?.toISOString() ?? null,
      filter.to?.toISOString() ?? null,
    ],
    page,
  });
  return { rows: rows.map(toEntry), ...around };
}

/** The entries `from` up to, not including, `to`: of those that are there, in their order. */
export async function readEntries(
  pool: Pool,
  fleet: string,
  { from, to }: { from: number; to: number },
): Promise<Entry[]> {
  const { rows } = await pool.query<EntryRow>(
    `SELECT ${SELECTION} FROM ledger_entry e WHERE e.fleet_id = $1 AND e.seq >= $2 AND e.seq < $3 ORDER BY e.seq`,
    [fleet, from, to],
  );
  return rows.map(toEntry);
}

function toEntry(row: EntryRow): Entry {
  const { seq, kind, subject, recordedAt, canonical, previousHash, hash } = row;
  return { seq, kind, subject, recordedAt: recordedAt.toISOString(), canonical, previousHash, hash };
}
