import { type CopyValue, copyPieces, encodeRows } from '../db/copy.js';
import type { Client } from '../db/pool.js';
import { AppError } from '../errors.js';
import { EMPTY_HEAD, type Entry, type EntryDraft, extendChain, type Head } from './chain.js';
import { advanceHead, LedgerStopped, requireUncontradicted } from './head.js';
import { listOwed, oweDrafts, removeOwed } from './owed.js';

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
 * Writes the entries that continue `head`, in the transaction that locked the fleet; returns the newest. Throws LedgerStopped,
 * whose code is LEDGER_INTEGRITY, when the ledger does not end there as its head says or a witness contradicts it, CONFLICT when
 * the lease of this process is another's by now.
 */
export async function appendAfter(
  client: Client,
  fleet: string,
  head: Head,
  { drafts, recordedAt }: { drafts: readonly EntryDraft[]; recordedAt: string },
): Promise<Head> {
  if (drafts.length === 0) return head;
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
  return { seq: last.seq, hash: last.hash };
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

/** What is to be appended now; milliseconds since the epoch. */
export interface Addition {
  drafts: readonly EntryDraft[];
  nowMs: number;
}

/** Where a ledger ends. */
export interface LedgerEnd extends Head {
  recordedAtMs: number;
}

/** Appends to the ledger of a fleet that this transaction has locked, after what it owes. */
export async function appendDrafts(client: Client, fleet: string, { drafts, nowMs }: Addition): Promise<void> {
  if (drafts.length === 0) return;
  const { end, owes } = await readEnd(client, fleet);
  await extend(client, fleet, owes ? await settleOwed(client, fleet, { end, nowMs }) : end, { drafts, nowMs });
}

/**
 * The same for what must not wait for the ledger: while it stands still the entries are owed, and sealed before all others
 * once it goes on. Returns why they are owed; null when they were sealed.
 */
export async function appendOrOwe(client: Client, fleet: string, addition: Addition): Promise<LedgerStopped | null> {
  if (addition.drafts.length === 0) return null;
  const stopped = await unlessStopped(client, () => appendDrafts(client, fleet, addition));
  if (stopped !== null) await oweDrafts(client, fleet, addition);
  return stopped;
}

/**
 * Does what appends to a ledger, in a transaction that goes on as if it had not been begun where the ledger stands still; returns
 * why it does, and null when it was done.
 */
export async function unlessStopped(client: Client, append: () => Promise<unknown>): Promise<LedgerStopped | null> {
  await client.query('SAVEPOINT appended');
  try {
    await append();
    return null;
  } catch (error) {
    if (!(error instanceof LedgerStopped)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT appended');
    return error;
  }
}

const SETTLED_TOGETHER_MAX = 500;

/**
 * Seals what the ledger of a locked fleet owes, which ends at `end`; returns where it ends then. Throws LedgerStopped while
 * it stands still.
 */
async function settleOwed(
  client: Client,
  fleet: string,
  { end, nowMs }: { end: LedgerEnd; nowMs: number },
): Promise<LedgerEnd> {
  // What is owed may be much, and is tried again and again: nothing of it is written to be taken back.
  await requireUncontradicted(client, fleet);
  let settled = end;
  for (;;) {
    const owed = await listOwed(client, fleet, SETTLED_TOGETHER_MAX);
    if (owed.length === 0) return settled;
    const first = settled.seq + 1;
    settled = await extend(client, fleet, settled, { drafts: owed, nowMs });
    const sealed = owed.map(({ place }, index) => ({ place, seq: first + index }));
    await removeOwed(client, fleet, sealed);
  }
}

/** The same, where the ledger still ends at `end` while it stands still: what needs no entry goes on all the same. */
export async function trySettling(
  client: Client,
  fleet: string,
  place: { end: LedgerEnd; nowMs: number },
): Promise<LedgerEnd> {
  let settled = place.end;
  await unlessStopped(client, async () => {
    settled = await settleOwed(client, fleet, place);
  });
  return settled;
}

/** Seals what the ledger of a locked fleet owes. Throws LedgerStopped while it stands still. */
export async function settleLedger(client: Client, fleet: string, nowMs: number): Promise<void> {
  const { end, owes } = await readEnd(client, fleet);
  if (owes) await settleOwed(client, fleet, { end, nowMs });
}

/** Prepared once a connection, as is what advances the head: planning them takes longer than running them. */
const END = `
  SELECT newest.*, EXISTS (SELECT FROM ledger_owed WHERE fleet_id = $1) AS owes
  FROM (SELECT) AS one LEFT JOIN LATERAL (
    SELECT seq, encode(hash, 'hex') AS hash, recorded_at FROM ledger_entry
    WHERE fleet_id = $1 ORDER BY seq DESC LIMIT 1
  ) newest ON TRUE`;

async function readEnd(client: Client, fleet: string): Promise<{ end: LedgerEnd; owes: boolean }> {
  const { rows } = await client.query<{ seq: number | null; hash: string; recorded_at: Date | null; owes: boolean }>({
    name: 'ledger end',
    text: END,
    values: [fleet],
  });
  const [{ seq, hash, recorded_at, owes }] = rows as [(typeof rows)[number]];
  const head = seq === null ? EMPTY_HEAD : { seq, hash };
  return { end: { ...head, recordedAtMs: recorded_at?.getTime() ?? 0 }, owes };
}

async function extend(client: Client, fleet: string, end: LedgerEnd, { drafts, nowMs }: Addition): Promise<LedgerEnd> {
  const recordedAtMs = Math.max(nowMs, end.recordedAtMs);
  const recordedAt = new Date(recordedAtMs).toISOString();
  return { ...(await appendAfter(client, fleet, end, { drafts, recordedAt })), recordedAtMs };
}
