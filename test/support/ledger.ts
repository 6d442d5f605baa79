import { expect } from 'vitest';
import type { Pool } from '../../src/db/pool.js';
import { EMPTY_HEAD, type Entry, findFault, type Head } from '../../src/ledger/chain.js';

/** Verifies a fleet's whole ledger from its stored bytes; returns its entries. */
export async function checkLedger(pool: Pool, fleet: string): Promise<Entry[]> {
  const { rows } = await pool.query(
    `SELECT seq, kind, subject, recorded_at, canonical, encode(previous_hash, 'hex') AS previous_hash, encode(hash, 'hex') AS hash
     FROM ledger_entry WHERE fleet_id = $1 ORDER BY seq`,
    [fleet],
  );
  let head: Head = EMPTY_HEAD;
  const entries: Entry[] = [];
  for (const row of rows) {
    const entry: Entry = {
      seq: row.seq,
      kind: row.kind,
      subject: row.subject,
      recordedAt: row.recorded_at.toISOString(),
      canonical: row.canonical,
      previousHash: row.previous_hash,
      hash: row.hash,
    };
    expect(findFault(fleet, head, entry)).toBeNull();
    head = entry;
    entries.push(entry);
  }
  return entries;
}
