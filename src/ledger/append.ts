import { type CopyValue, copyPieces, encodeRows } from '../db/copy.js';
import type { Client } from '../db/pool.js';
import { AppError } from '../errors.js';
import { EMPTY_HEAD, type Entry, type EntryDraft, extendChain, type Head } from './chain.js';
import { advanceHead } from './head.js';

const ENTRY_COLUMNS = [
  'fleet_id',
  'seq',
  'kind',
  'subject',
  'recorded_at',
  'canonical',
  'previous_hash',
  'hash',
] as const;

/** Entries that are hashed before they are sent, while the database takes in those before. */
const PIECE = 64;

/**
 * Writes the entries that continue `head`, in the transaction that locked the fleet. Throws LEDGER_INTEGRITY when the
 * ledger does not end there as its head says, CONFLICT when the lease of this process is another's by now.
 */
export async function appendAfter(
  client: Client,
  fleet: string,
  head: Head,
  { drafts, recordedAt }: { drafts: readonly EntryDraft[]; recordedAt: string },
): Promise<void> {
  if (drafts.length === 0) return;
  let last = head;
  function* pieces() {
    for (let at = 0; at < drafts.length; at += PIECE) {
      const entries = extendChain(fleet, last, { drafts: drafts.slice(at, at + PIECE), recordedAt });
      last = entries.at(-1) ?? last;
      yield encodeRows(entries.map((entry) => columnsOf(fleet, entry)));
    }
  }
  await copyPieces(client, { table: 'ledger_entry', columns: ENTRY_COLUMNS }, pieces());
  await advanceHead(client, fleet, { from: head, to: last });
}

function columnsOf(fleet: string, entry: Entry): CopyValue[] {
  return [
    fleet,
    entry.seq,
    entry.kind,
    entry.subject,
    entry.recordedAt,
    entry.canonical,
    Buffer.from(entry.previousHash, 'hex'),
    Buffer.from(entry.hash, 'hex'),
  ];
}

/** Locks the fleet's row until the transaction ends: one writer at a time extends its chain. Throws NOT_FOUND when there is none. */
export async function lockFleet(client: Client, fleet: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM fleet WHERE id = $1 FOR NO KEY UPDATE', [fleet]);
  if (rowCount === 0) throw new AppError('NOT_FOUND', `there is no fleet ${fleet}`);
}

/** Appends to the ledger of a fleet that this transaction has locked. */
export async function appendDrafts(
  client: Client,
  fleet: string,
  { drafts, nowMs }: { drafts: readonly EntryDraft[]; nowMs: number },
): Promise<void> {
  if (drafts.length === 0) return;
  const { rows } = await client.query<{ seq: number; hash: string; recorded_at: Date }>(
    `SELECT seq, encode(hash, 'hex') AS hash, recorded_at FROM ledger_entry
     WHERE fleet_id = $1 ORDER BY seq DESC LIMIT 1`,
    [fleet],
  );
  const head = rows[0] ?? { ...EMPTY_HEAD, recorded_at: new Date(0) };
  const recordedAt = new Date(Math.max(nowMs, head.recorded_at.getTime())).toISOString();
  await appendAfter(client, fleet, head, { drafts, recordedAt });
}
