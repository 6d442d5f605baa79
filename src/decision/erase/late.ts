import type { Client } from '../../db/pool.js';
import { canonicalize } from '../../ledger/canonical.js';
import type { EntryDraft } from '../../ledger/chain.js';
import { daysBetween } from '../../time.js';
import type { RewrittenDays } from '../record/rewritten-days.js';
import { eraseContents } from './erase.js';

/** What a transaction that records decisions has just written. */
export interface WrittenDecisions {
  fleet: string;
  days: RewrittenDays;
  nowMs: number;
  /** Each with the seq of its first entry. */
  placed: readonly { id: string; seq: number }[];
  superseded: readonly { id: string; by: string }[];
  /** Which of the decisions were erased before, each with the erasure. */
  erased: ReadonlyMap<string, number>;
  /** Whether the fleet has erasures that what is on its way may belong to. */
  hasMarks: boolean;
}

/**
 * Erases again, in the transaction that records it, what had been erased and became known once more: an amendment of an
 * erased decision, a decision that takes one up, one that was on its way while its conversation or user was erased. Returns
 * what the ledger is to say of it, and the decisions that are erased now.
 */
export async function eraseLate(
  client: Client,
  written: WrittenDecisions,
): Promise<{ drafts: EntryDraft[]; erased: string[] }> {
  const { fleet, days, nowMs, placed } = written;
  const erasureOf = new Map([
    ...knownErasures(written),
    ...(written.hasMarks ? await findMarked(client, written) : []),
  ]);
  if (erasureOf.size === 0) return { drafts: [], erased: [] };
  const set = { fleet, erasureOf, days: daysBetween(days.first, days.last), nowMs };
  const found = new Set(await eraseContents(client, set));
  const entriesOf = new Map<number, number[]>();
  for (const { id, seq } of placed) {
    const erasure = erasureOf.get(id);
    if (erasure === undefined || !found.has(id)) continue;
    entriesOf.set(erasure, [...(entriesOf.get(erasure) ?? []), seq]);
  }
  const drafts = [...entriesOf].map(
    ([erasure, entries]): EntryDraft => ({
      kind: 'ERASURE',
      subject: `Erasure:${erasure}`,
      payload: canonicalize({ change: 'ERASED_LATE', entries }),
    }),
  );
  return { drafts, erased: [...found] };
}

function knownErasures({ placed, superseded, erased }: WrittenDecisions): Map<string, number> {
  const known = new Map(placed.flatMap(({ id }) => entryOf(id, erased.get(id))));
  for (const { id, by } of superseded) for (const entry of entryOf(by, erased.get(id))) known.set(...entry);
  return known;
}

function entryOf(id: string, erasure: number | undefined): [id: string, erasure: number][] {
  return erasure === undefined ? [] : [[id, erasure]];
}

/** What began before its conversation or user was erased. */
async function findMarked(client: Client, { fleet, days, placed }: WrittenDecisions): Promise<[string, number][]> {
  const { rows } = await client.query<{ id: string; erasure: number }>(
    `SELECT DISTINCT ON (d.id) d.id, mark.erasure_id AS erasure
     FROM decision d JOIN erasure_mark mark ON mark.fleet_id = d.fleet_id AND d.started_at <= mark.erased_at
       AND mark.digest = sha256(mark.salt || convert_to(
         CASE mark.scope WHEN 'CONVERSATION' THEN d.conversation_id ELSE d.user_id END, 'UTF8'))
     WHERE d.fleet_id = $1 AND d.sealed_on BETWEEN $3::date AND $4::date AND d.id = ANY($2::text[])
     ORDER BY d.id, mark.erased_at`,
    [fleet, placed.map(({ id }) => id), days.first, days.last],
  );
  return rows.map(({ id, erasure }) => [id, erasure]);
}
