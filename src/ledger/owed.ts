import type { Client, Pool } from '../db/pool.js';
import { type CanonicalValue, canonicalize } from './canonical.js';
import type { EntryDraft } from './chain.js';

/** An entry that a ledger could not take when what it tells of was done. */
export interface OwedEntry extends EntryDraft {
  /** In this order they are sealed. */
  place: number;
  /** When what it tells of was done; its payload says so too, in `owedSince`. */
  owedSince: Date;
}

const COLUMNS = 'place, kind, subject, payload, owed_since AS "owedSince"';

/** Keeps what is still to be sealed, in the transaction that has locked the fleet and does what the drafts tell of. */
export async function oweDrafts(
  client: Client,
  fleet: string,
  { drafts, nowMs }: { drafts: readonly EntryDraft[]; nowMs: number },
): Promise<void> {
  const owedSince = new Date(nowMs).toISOString();
  const payloads = drafts.map(({ payload }) => {
    const told: { [key: string]: CanonicalValue } = JSON.parse(payload);
    return canonicalize({ ...told, owedSince });
  });
  await client.query(
    `INSERT INTO ledger_owed (fleet_id, place, kind, subject, payload, owed_since)
     SELECT $1, (SELECT coalesce(max(place), 0) FROM ledger_owed WHERE fleet_id = $1) + draft.ordinality, draft.kind,
       draft.subject, draft.payload, $5
     FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS draft (kind, subject, payload, ordinality)`,
    [fleet, drafts.map(({ kind }) => kind), drafts.map(({ subject }) => subject), payloads, owedSince],
  );
}

/** What a ledger owes, in its order. */
export async function listOwed(database: Pool | Client, fleet: string, limit: number): Promise<OwedEntry[]> {
  const { rows } = await database.query<OwedEntry>(
    `SELECT ${COLUMNS} FROM ledger_owed WHERE fleet_id = $1 ORDER BY place LIMIT $2`,
    [fleet, limit],
  );
  return rows;
}

/** Removes what was sealed in this transaction, each with the seq of its entry. */
export async function removeOwed(
  client: Client,
  fleet: string,
  sealed: readonly { place: number; seq: number }[],
): Promise<void> {
  const places = sealed.map(({ place }) => place);
  // What guards the table holds each row against the entry that it names.
  await client.query(
    `UPDATE ledger_owed SET sealed_seq = sealed.seq FROM unnest($2::bigint[], $3::bigint[]) AS sealed (place, seq)
     WHERE ledger_owed.fleet_id = $1 AND ledger_owed.place = sealed.place`,
    [fleet, places, sealed.map(({ seq }) => seq)],
  );
  await client.query('DELETE FROM ledger_owed WHERE fleet_id = $1 AND place = ANY($2::bigint[])', [fleet, places]);
}

/** How much a ledger owes, and since when; null when nothing. */
export interface Debt {
  entries: number;
  since: Date;
}

export async function findDebt(pool: Pool, fleet: string): Promise<Debt | null> {
  const { rows } = await pool.query<Debt>(
    'SELECT count(*) AS entries, min(owed_since) AS since FROM ledger_owed WHERE fleet_id = $1 HAVING count(*) > 0',
    [fleet],
  );
  return rows[0] ?? null;
}

/** How much each ledger owes that does. */
export async function listDebts(pool: Pool): Promise<(Debt & { fleet: string })[]> {
  const { rows } = await pool.query<Debt & { fleet: string }>(
    `SELECT fleet_id AS fleet, count(*) AS entries, min(owed_since) AS since
     FROM ledger_owed GROUP BY fleet_id ORDER BY fleet_id`,
  );
  return rows;
}
