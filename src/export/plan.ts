import type { Pool } from '../db/pool.js';
import type { DecisionCalendar } from '../decision/calendar.js';
import { portions } from '../decision/days.js';
import { AppError } from '../errors.js';
import { entryPortions } from '../ledger/portions.js';
import { awaitRooted } from '../ledger/publish/root-wish.js';
import { findNewestCheckpoint } from '../ledger/publish/store.js';
import { awaitStamped } from '../timestamp/stamp-wish.js';

/** What somebody wants out of a fleet's ledger. */
export type ExportScope =
  /** Every entry from `from` up to, not including, `to`; null: as far as it is published. */
  | { kind: 'range'; from: number; to: number | null }
  /** All entries about these decisions. */
  | { kind: 'decisions'; ids: readonly string[] }
  /** All entries about the decisions of a conversation. */
  | { kind: 'conversation'; id: string };

/**
 * What a bundle has, settled before it is written: the same plan gives the same bytes, as long as nothing of its content
 * is erased.
 */
export interface ExportPlan {
  fleet: string;
  /** The entries of a range, or the seqs of those that were chosen, in their order. */
  entries: { from: number; to: number } | { seqs: readonly number[] };
  /** What a selection was chosen by, in words. */
  about: readonly string[];
  content: 'disclosed' | 'withheld';
  /** The decisions whose content is disclosed; null: all. */
  contentOf: readonly string[] | null;
  /** The size of the checkpoint that proves it. */
  size: number;
}

/** Entries that are chosen one by one are held in memory. */
const CHOSEN_MAX = 100_000;

/**
 * Up to which entry a ledger is handed out: as far as it is published and, so that the log of the installation can name all fleets
 * beside it, as far as that log has it by now. Where it comes to nothing there, null: as far as it is published. Where an authority
 * stamps that log, its token is waited for as well.
 */
export async function settleExtent(
  pool: Pool,
  { fleet, hasWitnesses, nowMs }: { fleet: string; hasWitnesses: boolean; nowMs: number },
): Promise<number | null> {
  const newest = await findNewestCheckpoint(pool, fleet);
  const extent = newest === null ? null : await awaitRooted(pool, { fleet, size: newest.size, hasWitnesses });
  if (extent !== null) await awaitStamped(pool, { fleet, size: extent }, nowMs);
  return extent;
}

/**
 * Settles what a bundle has: `extent` is what `settleExtent` found. Throws VALIDATION_FAILED for a range that is not there,
 * NOT_FOUND when there is nothing of what was chosen, UNAVAILABLE while nothing of the ledger is published.
 */
export async function planExport(
  { pool, calendar }: { pool: Pool; calendar: DecisionCalendar },
  {
    fleet,
    scope,
    content,
    extent,
  }: { fleet: string; scope: ExportScope; content: ExportPlan['content']; extent: number | null },
): Promise<ExportPlan> {
  const checkpoint = await findNewestCheckpoint(pool, fleet);
  if (checkpoint === null) {
    throw new AppError('UNAVAILABLE', `nothing of the ledger of ${fleet} is published yet: try again`, {
      retryAfterS: 1,
    });
  }
  const size = extent ?? checkpoint.size;
  if (scope.kind === 'range') {
    const { from, to } = await settleRange(pool, { fleet, size, scope });
    return { fleet, entries: { from, to }, about: [], content, contentOf: null, size };
  }
  if (scope.kind === 'decisions' && entryPortions(scope.ids, (id) => id).length > 1) {
    throw new AppError('VALIDATION_FAILED', 'the export’s entry cannot name so many decisions: ask for a range');
  }
  const ids = scope.kind === 'decisions' ? scope.ids : await findConversation({ pool, calendar }, fleet, scope.id);
  const seqs = await findSeqs(pool, { fleet, ids, size });
  if (seqs.length === 0) throw new AppError('NOT_FOUND', 'the published ledger has no entries about this');
  const about = scope.kind === 'decisions' ? ids.map((id) => `decision ${id}`) : [`conversation ${scope.id}`];
  return { fleet, entries: { seqs }, about, content, contentOf: null, size };
}

async function settleRange(
  pool: Pool,
  { fleet, size, scope }: { fleet: string; size: number; scope: { from: number; to: number | null } },
): Promise<{ from: number; to: number }> {
  const { rows } = await pool.query<{ end: number }>(
    'SELECT coalesce(max(seq) + 1, 0) AS "end" FROM ledger_entry WHERE fleet_id = $1',
    [fleet],
  );
  const end = rows[0]?.end ?? 0;
  const from = scope.from;
  const to = scope.to ?? Math.max(from, size);
  if (from <= size && from <= to && to <= Math.max(end, size)) return { from, to };
  throw new AppError(
    'VALIDATION_FAILED',
    `there is no range from ${from} up to ${to}: the ledger of ${fleet} has ${end} entries, ${size} of them published`,
  );
}

async function findConversation(
  { pool, calendar }: { pool: Pool; calendar: DecisionCalendar },
  fleet: string,
  id: string,
): Promise<string[]> {
  const everything = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const found: string[] = [];
  for (const days of portions(await calendar.daysOf(fleet, [everything]))) {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM decision WHERE fleet_id = $1 AND conversation_id = $2 AND sealed_on = ANY($3::date[])`,
      [fleet, id, days],
    );
    found.push(...rows.map((row) => row.id));
  }
  return found;
}

async function findSeqs(
  pool: Pool,
  { fleet, ids, size }: { fleet: string; ids: readonly string[]; size: number },
): Promise<number[]> {
  const { rows } = await pool.query<{ seq: number }>(
    'SELECT seq FROM ledger_entry WHERE fleet_id = $1 AND subject = ANY($2::text[]) AND seq < $3 ORDER BY seq LIMIT $4',
    [fleet, ids, size, CHOSEN_MAX + 1],
  );
  if (rows.length <= CHOSEN_MAX) return rows.map(({ seq }) => seq);
  throw new AppError('VALIDATION_FAILED', `more than ${CHOSEN_MAX} entries were chosen: ask for a range of the ledger`);
}
