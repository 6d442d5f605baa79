import type { Sighting } from '../../anomaly/anomaly.js';
import { moveSightings, recordSightings } from '../../anomaly/record.js';
import { copyRows, encodeFields } from '../../db/copy.js';
import { type Client, inTransaction, type Pool } from '../../db/pool.js';
import { appendAfter, appendDrafts } from '../../ledger/append.js';
import { canonicalize } from '../../ledger/canonical.js';
import type { EntryDraft } from '../../ledger/chain.js';
import type { Contribution } from '../../metric/figures.js';
import type { FigureWriter } from '../../metric/write.js';
import type { Decision } from '../decision.js';
import { eraseQuotes } from '../erase/erase.js';
import { eraseLate } from '../erase/late.js';
import type { AgentBook } from './agent-book.js';
import { readCalls } from './calls.js';
import { DECISION_COLUMNS, STEP_COLUMNS } from './columns.js';
import { contributionsOf } from './figures.js';
import { finishRequests } from './finish-requests.js';
import { figuresOfRow, MEASURED_COLUMNS, type MeasuredRow } from './measured-row.js';
import { timestamp } from './payload.js';
import type { PreparedItem } from './prepared.js';
import { type RewrittenDays, rewrittenDays } from './rewritten-days.js';
import { seeAgents } from './see-agents.js';
import { lockStanding } from './standing.js';

/** A decision to be sealed, or to amend one that was. */
export interface Recordable {
  decision: Decision;
  /** Every span it was made of; none for `recordDecisions`. */
  spanIds: readonly string[];
  /** The journal's rows those came in. */
  journalIds: readonly number[];
  /** `amend`: the decision of this id was sealed with less in it. */
  mode: 'seal' | 'amend';
  /** Whether its content and steps are kept; measured and committed to it is in any case. */
  sampled: boolean;
  /** Whether decisions that it may have invoked were sealed before it. */
  hasKin: boolean;
}

/** What one transaction carries for one fleet. */
export interface RecordBatch<Item = Recordable> {
  fleet: string;
  items: readonly Item[];
  /** Parents that became known after their child was sealed. */
  links: readonly { id: string; parentId: string }[];
  /** Sealed decisions that turned out to be part of another: their rows go, the ledger says where to. */
  superseded: readonly { id: string; by: string }[];
  /** What was found out about the decisions, or about ones that are still running. */
  sightings: readonly Sighting[];
  /** Journal rows from which nothing more will be derived once this is committed. */
  doneJournalIds: readonly number[];
}

/** Decisions that came without spans: whether the content and steps of each are kept, and what was found out about them. */
export interface JudgedDecisions {
  decisions: readonly Pick<Recordable, 'decision' | 'sampled'>[];
  sightings: readonly Sighting[];
}

/** A batch that comes of no spans: it seals decisions told whole, records what was found out, or both. */
export function sealingBatch(fleet: string, { decisions, sightings }: JudgedDecisions): RecordBatch {
  const items = decisions.map(
    ({ decision, sampled }): Recordable => ({
      decision,
      sampled,
      spanIds: [],
      journalIds: [],
      mode: 'seal',
      hasKin: true,
    }),
  );
  return { fleet, items, links: [], superseded: [], sightings, doneJournalIds: [] };
}

export interface Sealed {
  id: string;
  /** Where the ledger has the decision's first entry. */
  seq: number;
  revisionHash: Buffer;
}

export interface RecordResult {
  sealed: Sealed[];
  /** Ids that were sealed before and were left as they stand. */
  duplicates: string[];
  /** The ledger's newest seq after this transaction; −1 when it is empty. */
  headSeq: number;
  /** The place its stream of anomalies has reached; null when nothing was found. */
  anomalySeq: number | null;
}

interface Placed extends PreparedItem {
  seq: number;
}

/** What a transaction works with beside the batch. */
export interface RecordTools {
  nowMs: number;
  writer: FigureWriter;
  agents: AgentBook;
}

/**
 * Decisions, steps, agents, figures, ledger entries and the journal's watermark of one batch, in one transaction: after a
 * crash either all of it is there or none, so a replay of the journal repeats nothing, and figures and ledger never
 * disagree. The fleet's row is locked meanwhile, so that one writer at a time extends the fleet's chain. Throws NOT_FOUND
 * when the fleet does not exist.
 */
export async function recordBatch(
  pool: Pool,
  batch: RecordBatch<PreparedItem>,
  tools: RecordTools,
): Promise<RecordResult> {
  try {
    return await inTransaction(pool, (client) => writeBatch(client, batch, tools));
  } catch (error) {
    tools.writer.forget(batch.fleet);
    tools.agents.forget(batch.fleet);
    throw error;
  }
}

async function writeBatch(
  client: Client,
  batch: RecordBatch<PreparedItem>,
  { nowMs, writer, agents }: RecordTools,
): Promise<RecordResult> {
  const place: Place = { fleet: batch.fleet, days: rewrittenDays(nowMs) };
  const { head, known, ...erasures } = await lockStanding(client, { ...place, nowMs }, idsOf(batch));
  const fresh = batch.items.filter(({ mode, id }) => mode === 'seal' && !known.has(id));
  // What can no longer be taken back out of the figures stays as it stands.
  const amended = batch.items.flatMap((item) => {
    const standing = item.mode === 'amend' ? known.get(item.id) : undefined;
    return standing?.isRewritable ? [{ ...item, seq: standing.seq }] : [];
  });
  const superseded = batch.superseded.filter(({ id }) => known.get(id)?.isRewritable);
  const placed = [...fresh.map((item, index) => ({ ...item, seq: head.seq + 1 + index })), ...amended];

  const rewritten = [...amended, ...superseded, ...batch.links].map(({ id }) => id);
  const callsBefore = await readCalls(client, { ...place, sign: -1 }, rewritten);
  const removed = await removeRows(
    client,
    place,
    [...amended, ...superseded].map(({ id }) => id),
  );
  await writeDecisions(client, batch.fleet, placed);
  await linkParents(client, place, batch.links);
  const related = placed.filter(({ parentId, hasKin }) => parentId !== null || hasKin).map(({ id }) => id);
  const callsAfter = await readCalls(client, { ...place, sign: 1 }, [...new Set([...related, ...rewritten])]);
  const figures = placed.flatMap((item) => contributionsOf(item.figures, 1));
  await writer.write(client, batch.fleet, [...figures, ...removed, ...callsBefore, ...callsAfter]);
  const entries = draftEntries({ fresh, amended, superseded });
  const recordedAt = timestamp(Math.max(nowMs, head.recordedAtMs));
  await appendAfter(client, batch.fleet, head, { drafts: entries, recordedAt });
  const late = await eraseLate(client, { ...place, ...erasures, nowMs, placed, superseded });
  await seeAgents(client, batch.fleet, placed);
  const duplicates = batch.items.filter(({ mode, id }) => mode === 'seal' && known.has(id)).map(({ id }) => id);
  const sightings = batch.sightings.filter(({ decisionId }) => decisionId === null || !duplicates.includes(decisionId));
  const found = sightings.length === 0 ? null : await recordSightings(client, batch.fleet, sightings);
  await moveSightings(client, batch.fleet, superseded);
  const erased = [...erasures.erased.keys(), ...late.erased];
  if (erased.length > 0) await eraseQuotes(client, batch.fleet, erased);
  const drafts = [...late.drafts, ...(await agents.tell(client, batch.fleet, placed)), ...(found?.drafts ?? [])];
  await appendDrafts(client, batch.fleet, { drafts, nowMs });
  await finishRequests(client, batch.doneJournalIds);
  return {
    sealed: placed.map(({ id, seq, revisionHash }) => ({ id, seq, revisionHash: Buffer.from(revisionHash) })),
    duplicates,
    headSeq: head.seq + entries.length + drafts.length,
    anomalySeq: found?.reached ?? null,
  };
}

interface Place {
  fleet: string;
  days: RewrittenDays;
}

/** Every decision that the batch says something of. */
function idsOf({ items, superseded, sightings }: RecordBatch<PreparedItem>): string[] {
  const found = sightings.flatMap(({ decisionId }) => decisionId ?? []);
  return [...items.map(({ id }) => id), ...superseded.map(({ id }) => id), ...found];
}

function draftEntries(changed: {
  fresh: readonly PreparedItem[];
  amended: readonly PreparedItem[];
  superseded: readonly { id: string; by: string }[];
}): EntryDraft[] {
  return [
    ...changed.fresh.map(({ id, payload }): EntryDraft => ({ kind: 'DECISION', subject: id, payload })),
    ...changed.amended.map(({ id, payload }): EntryDraft => ({ kind: 'AMENDMENT', subject: id, payload })),
    ...changed.superseded.map(
      ({ id, by }): EntryDraft => ({ kind: 'AMENDMENT', subject: id, payload: canonicalize({ supersededBy: by }) }),
    ),
  ];
}

/**
 * Rows are a view of the ledger's newest word on a decision: an amendment writes them again. Returns what takes their
 * figures back out.
 */
async function removeRows(client: Client, { fleet, days }: Place, ids: readonly string[]): Promise<Contribution[]> {
  if (ids.length === 0) return [];
  const parameters = [fleet, ids, days.first, days.last];
  await client.query(
    'DELETE FROM step WHERE fleet_id = $1 AND sealed_on BETWEEN $3::date AND $4::date AND decision_id = ANY($2)',
    parameters,
  );
  const { rows } = await client.query<MeasuredRow>(
    `DELETE FROM decision WHERE fleet_id = $1 AND sealed_on BETWEEN $3::date AND $4::date AND id = ANY($2)
     RETURNING ${MEASURED_COLUMNS.join(', ')}`,
    parameters,
  );
  return rows.flatMap((row) => contributionsOf(figuresOfRow(row), -1));
}

async function writeDecisions(client: Client, fleet: string, placed: readonly Placed[]): Promise<void> {
  const rows = placed.map(({ id, seq, row }) => `${encodeFields([fleet, id, seq])}\t${row}`);
  await copyRows(client, { table: 'decision', columns: DECISION_COLUMNS }, rows.join(''));
  await copyRows(client, { table: 'step', columns: STEP_COLUMNS }, placed.map(({ steps }) => steps).join(''));
}

async function linkParents(client: Client, { fleet, days }: Place, links: RecordBatch['links']): Promise<void> {
  if (links.length === 0) return;
  await client.query(
    `UPDATE decision SET parent_id = link.parent_id
     FROM unnest($2::text[], $3::text[]) AS link (id, parent_id)
     WHERE decision.fleet_id = $1 AND decision.sealed_on BETWEEN $4::date AND $5::date AND decision.id = link.id`,
    [fleet, links.map(({ id }) => id), links.map(({ parentId }) => parentId), days.first, days.last],
  );
}
