import { type CopyValue, copyRows, encodeFields, encodeRows } from '../../db/copy.js';
import { type Client, inTransaction, type Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { canonicalize } from '../../ledger/canonical.js';
import { EMPTY_HEAD, type Entry, type EntryDraft, extendChain, type Head } from '../../ledger/chain.js';
import type { Decision } from '../decision.js';
import { DECISION_COLUMNS, STEP_COLUMNS } from './columns.js';
import { timestamp } from './payload.js';
import type { AgentSighting, PreparedItem } from './prepared.js';

/** A decision to be sealed, or to amend one that was. */
export interface Recordable {
  decision: Decision;
  /** Every span it was made of; none for `recordDecisions`. */
  spanIds: readonly string[];
  /** The journal's rows those came in. */
  journalIds: readonly number[];
  /** `amend`: the decision of this id was sealed with less in it. */
  mode: 'seal' | 'amend';
}

/** What one transaction carries for one fleet. */
export interface RecordBatch<Item = Recordable> {
  fleet: string;
  items: readonly Item[];
  /** Parents that became known after their child was sealed. */
  links: readonly { id: string; parentId: string }[];
  /** Sealed decisions that turned out to be part of another: their rows go, the ledger says where to. */
  superseded: readonly { id: string; by: string }[];
  /** Journal rows from which nothing more will be derived once this is committed. */
  doneJournalIds: readonly number[];
}

/** A batch that seals decisions that came without spans. */
export function sealingBatch(fleet: string, decisions: readonly Decision[]): RecordBatch {
  const items = decisions.map((decision): Recordable => ({ decision, spanIds: [], journalIds: [], mode: 'seal' }));
  return { fleet, items, links: [], superseded: [], doneJournalIds: [] };
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
}

interface Placed extends PreparedItem {
  seq: number;
}

/**
 * Decisions, steps, agents, ledger entries and the journal's watermark of one batch, in one transaction: after a crash
 * either all of it is there or none, so a replay of the journal repeats nothing. The fleet's row is locked meanwhile,
 * so that one writer at a time extends the fleet's chain. Throws NOT_FOUND when the fleet does not exist.
 */
export async function recordBatch(pool: Pool, batch: RecordBatch<PreparedItem>, nowMs: number): Promise<RecordResult> {
  return inTransaction(pool, async (client) => {
    const { head, known } = await lockStanding(client, batch);
    const fresh = batch.items.filter(({ mode, id }) => mode === 'seal' && !known.has(id));
    const amended = batch.items
      .filter(({ mode, id }) => mode === 'amend' && known.has(id))
      .map((item) => ({ ...item, seq: known.get(item.id) as number }));
    const superseded = batch.superseded.filter(({ id }) => known.has(id));

    const entries = extendChain(batch.fleet, head, {
      drafts: [
        ...fresh.map(({ id, payload }): EntryDraft => ({ kind: 'DECISION', subject: id, payload })),
        ...amended.map(({ id, payload }): EntryDraft => ({ kind: 'AMENDMENT', subject: id, payload })),
        ...superseded.map(
          ({ id, by }): EntryDraft => ({ kind: 'AMENDMENT', subject: id, payload: canonicalize({ supersededBy: by }) }),
        ),
      ],
      recordedAt: timestamp(Math.max(nowMs, head.recordedAtMs)),
    });
    const placed = [...fresh.map((item, index) => ({ ...item, seq: (entries[index] as Entry).seq })), ...amended];

    await removeRows(client, batch.fleet, [...amended, ...superseded]);
    await writeDecisions(client, batch.fleet, placed);
    await appendEntries(client, batch.fleet, entries);
    await seeAgents(client, batch.fleet, placed);
    await linkParents(client, batch);
    await finishJournal(client, batch.doneJournalIds);
    return {
      sealed: placed.map(({ id, seq, revisionHash }) => ({ id, seq, revisionHash: Buffer.from(revisionHash) })),
      duplicates: batch.items.filter(({ mode, id }) => mode === 'seal' && known.has(id)).map(({ id }) => id),
      headSeq: entries.at(-1)?.seq ?? head.seq,
    };
  });
}

interface Standing {
  head: Head & { recordedAtMs: number };
  /** Which of the batch's decisions have been sealed, with the seq of their first entry. */
  known: ReadonlyMap<string, number>;
}

const STANDING = `
  SELECT head.seq, encode(head.hash, 'hex') AS hash, head.recorded_at,
    ARRAY(SELECT json_build_array(id, seq) FROM decision WHERE fleet_id = $1 AND id = ANY($2)) AS known
  FROM fleet LEFT JOIN LATERAL (
    SELECT seq, hash, recorded_at FROM ledger_entry WHERE fleet_id = fleet.id ORDER BY seq DESC LIMIT 1
  ) head ON TRUE
  WHERE fleet.id = $1`;

/**
 * Locks the fleet and reads where its ledger stands: two statements, since one that waits for the lock would still see
 * what was there before it waited.
 */
async function lockStanding(client: Client, batch: RecordBatch<PreparedItem>): Promise<Standing> {
  const { fleet } = batch;
  const ids = [...batch.items, ...batch.superseded].map(({ id }) => id);
  await client.query('SELECT FROM fleet WHERE id = $1 FOR NO KEY UPDATE', [fleet]);
  const { rows } = await client.query(STANDING, [fleet, ids]);
  if (rows.length === 0) throw new AppError('NOT_FOUND', `there is no fleet ${fleet}`);
  const [{ seq, hash, recorded_at: recordedAt, known }] = rows;
  const head = seq === null ? EMPTY_HEAD : { seq, hash };
  return { head: { ...head, recordedAtMs: recordedAt?.getTime() ?? 0 }, known: new Map(known) };
}

/** Rows are a view of the ledger's newest word on a decision: an amendment writes them again. */
async function removeRows(client: Client, fleet: string, rows: readonly { id: string }[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await client.query('DELETE FROM step WHERE fleet_id = $1 AND decision_id = ANY($2)', [fleet, ids]);
  await client.query('DELETE FROM decision WHERE fleet_id = $1 AND id = ANY($2)', [fleet, ids]);
}

async function writeDecisions(client: Client, fleet: string, placed: readonly Placed[]): Promise<void> {
  const rows = placed.map(({ id, seq, row }) => `${encodeFields([fleet, id, seq])}\t${row}`);
  await copyRows(client, { table: 'decision', columns: DECISION_COLUMNS }, rows.join(''));
  await copyRows(client, { table: 'step', columns: STEP_COLUMNS }, placed.map(({ steps }) => steps).join(''));
}

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

async function appendEntries(client: Client, fleet: string, entries: readonly Entry[]): Promise<void> {
  const rows = entries.map((entry): CopyValue[] => [
    fleet,
    entry.seq,
    entry.kind,
    entry.subject,
    entry.recordedAt,
    entry.canonical,
    Buffer.from(entry.previousHash, 'hex'),
    Buffer.from(entry.hash, 'hex'),
  ]);
  await copyRows(client, { table: 'ledger_entry', columns: ENTRY_COLUMNS }, encodeRows(rows));
}

/** One row an agent: newest facts win, models add up. */
async function seeAgents(client: Client, fleet: string, placed: readonly Placed[]): Promise<void> {
  const agents = new Map<string, { latest: AgentSighting; firstMs: number; models: Set<string> }>();
  for (const { agent } of placed) {
    const seen = agents.get(agent.name) ?? { latest: agent, firstMs: agent.startedAtMs, models: new Set() };
    if (agent.endedAtMs >= seen.latest.endedAtMs) seen.latest = agent;
    seen.firstMs = Math.min(seen.firstMs, agent.startedAtMs);
    for (const model of agent.models) seen.models.add(model);
    agents.set(agent.name, seen);
  }
  const seen = [...agents].map(([name, { latest, firstMs, models }]) => ({
    name,
    version: latest.version,
    region: latest.region,
    environment: latest.environment,
    models: [...models],
    first_seen_at: timestamp(firstMs),
    last_seen_at: timestamp(latest.endedAtMs),
  }));
  if (seen.length > 0) await client.query(SEE_AGENTS, [fleet, JSON.stringify(seen)]);
}

const MODELS_MAX = 50;
const newest = (column: string) => `${column} = CASE WHEN excluded.last_seen_at >= known.last_seen_at
    THEN coalesce(excluded.${column}, known.${column}) ELSE coalesce(known.${column}, excluded.${column}) END`;
const SEE_AGENTS = `
  INSERT INTO agent AS known (fleet_id, name, version, region, environment, models, first_seen_at, last_seen_at)
  SELECT $1, name, version, region, environment, ARRAY(SELECT json_array_elements_text(models)), first_seen_at, last_seen_at
  FROM json_to_recordset($2) AS seen (name text, version text, region text, environment text, models json,
    first_seen_at timestamptz, last_seen_at timestamptz)
  ORDER BY name
  ON CONFLICT (fleet_id, name) DO UPDATE SET
    ${newest('version')},
    ${newest('region')},
    ${newest('environment')},
    models = ARRAY(SELECT DISTINCT model FROM unnest(known.models || excluded.models) AS model ORDER BY 1 LIMIT ${MODELS_MAX}),
    first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)`;

async function linkParents(client: Client, { fleet, links }: RecordBatch<PreparedItem>): Promise<void> {
  if (links.length === 0) return;
  await client.query(
    `UPDATE decision SET parent_id = link.parent_id
     FROM unnest($2::text[], $3::text[]) AS link (id, parent_id)
     WHERE decision.fleet_id = $1 AND decision.id = link.id`,
    [fleet, links.map(({ id }) => id), links.map(({ parentId }) => parentId)],
  );
}

async function finishJournal(client: Client, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await client.query('UPDATE journal SET done_at = now() WHERE id = ANY($1::bigint[])', [ids]);
}
