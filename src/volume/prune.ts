import { type Client, inTransaction, type Pool } from '../db/pool.js';
import type { RiskClass } from '../decision/decision.js';
import { appendDrafts, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import type { EntryDraft } from '../ledger/chain.js';
import { DAY_MS } from '../time.js';
import { LOCK_TIMEOUT_MS } from './partitions.js';

/** What a `PRUNE` entry is about. */
export const PRUNE_SUBJECT = 'retention';

/** Decisions deleted in one transaction where a day cannot be dropped whole: the fleet's recorder waits for it. */
const BATCH_MAX = 5_000;

/** Decisions that a legal hold keeps: to be joined with the table alias `d`. */
const HELD = `EXISTS (SELECT FROM legal_hold h WHERE h.fleet_id = d.fleet_id AND h.released_at IS NULL
  AND (h.scope = 'FLEET' OR h.scope = 'DECISION' AND h.target = d.id
    OR h.scope = 'CONVERSATION' AND h.target = d.conversation_id OR h.scope = 'SUBJECT' AND h.target = d.user_id))`;

export interface PrunedClass {
  riskClass: RiskClass;
  /** The first day that is kept. */
  until: string;
  keptMs: number;
  nowMs: number;
}

/**
 * Removes the decisions of a class that were sealed before a day, whole partitions where nothing of them is held, and says so
 * in each fleet's ledger in the same transaction. Returns how many decisions went. What is held stays until it is released.
 */
export async function pruneDecisions(pool: Pool, pruned: PrunedClass): Promise<number> {
  let removed = 0;
  for (const day of await findDays(pool, pruned)) {
    removed += (await hasHeld(pool, pruned.riskClass, day))
      ? await removeUnheld(pool, pruned, day)
      : await dropDay(pool, pruned, day);
  }
  return removed;
}

/** Names are read only of what is a partition: of other tables they are no days. */
async function findDays(pool: Pool, { riskClass, until }: PrunedClass): Promise<string[]> {
  const { rows } = await pool.query<{ day: string }>(
    `WITH partition AS MATERIALIZED (
       SELECT right(child.relname, 8) AS day FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
       WHERE inhparent = ANY(ARRAY[to_regclass('decision_' || $1::text), to_regclass('step_' || $1::text)]))
     SELECT DISTINCT to_date(day, 'YYYYMMDD')::text AS day FROM partition
     WHERE to_date(day, 'YYYYMMDD') < $2::date ORDER BY 1`,
    [riskClass.toLowerCase(), until],
  );
  return rows.map(({ day }) => day);
}

async function hasHeld(pool: Pool, riskClass: RiskClass, day: string): Promise<boolean> {
  const { rows } = await pool.query<{ isHeld: boolean }>(
    `SELECT EXISTS (SELECT FROM decision d WHERE d.risk_class = $1 AND d.sealed_on = $2::date AND ${HELD}) AS "isHeld"`,
    [riskClass, day],
  );
  return rows[0]?.isHeld === true;
}

interface Removed {
  fleet: string;
  decisions: number;
  firstSeq: number;
  lastSeq: number;
}

/** A hold that was placed meanwhile has it fail: the function that drops looks again, behind the fleets' locks. */
async function dropDay(pool: Pool, pruned: PrunedClass, day: string): Promise<number> {
  return inTransaction(pool, async (client) => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(
      `SELECT FROM fleet WHERE id IN (SELECT fleet_id FROM decision WHERE risk_class = $1 AND sealed_on = $2::date)
       ORDER BY id FOR NO KEY UPDATE`,
      [pruned.riskClass, day],
    );
    const { rows } = await client.query<Removed>(
      `SELECT fleet_id AS fleet, count(*)::int AS decisions, min(seq) AS "firstSeq", max(seq) AS "lastSeq"
       FROM decision WHERE risk_class = $1 AND sealed_on = $2::date GROUP BY fleet_id ORDER BY fleet_id`,
      [pruned.riskClass, day],
    );
    await client.query('SELECT drop_day_partition($1, $2::date)', [pruned.riskClass, day]);
    for (const removed of rows) await sealRemoval(client, pruned, { ...removed, day, isWhole: true });
    return rows.reduce((sum, { decisions }) => sum + decisions, 0);
  });
}

/** Of a day on which something is held: all else, a bounded transaction at a time. */
async function removeUnheld(pool: Pool, pruned: PrunedClass, day: string): Promise<number> {
  const { rows } = await pool.query<{ fleet: string }>(
    'SELECT DISTINCT fleet_id AS fleet FROM decision WHERE risk_class = $1 AND sealed_on = $2::date ORDER BY 1',
    [pruned.riskClass, day],
  );
  let total = 0;
  for (const { fleet } of rows) {
    for (let removed = BATCH_MAX; removed === BATCH_MAX; total += removed) {
      removed = await inTransaction(pool, (client) => removeBatch(client, pruned, { fleet, day }));
    }
  }
  return total;
}

async function removeBatch(
  client: Client,
  pruned: PrunedClass,
  { fleet, day }: { fleet: string; day: string },
): Promise<number> {
  await lockFleet(client, fleet);
  const parameters = [fleet, pruned.riskClass, day];
  const { rows } = await client.query<{ id: string; seq: number }>(
    `DELETE FROM decision WHERE fleet_id = $1 AND risk_class = $2 AND sealed_on = $3::date AND id IN (
       SELECT d.id FROM decision d WHERE d.fleet_id = $1 AND d.risk_class = $2 AND d.sealed_on = $3::date AND NOT ${HELD}
       ORDER BY d.id LIMIT ${BATCH_MAX})
     RETURNING id, seq`,
    parameters,
  );
  if (rows.length === 0) return 0;
  await client.query(
    'DELETE FROM step WHERE fleet_id = $1 AND risk_class = $2 AND sealed_on = $3::date AND decision_id = ANY($4::text[])',
    [...parameters, rows.map(({ id }) => id)],
  );
  const seqs = rows.map(({ seq }) => seq).sort((left, right) => left - right);
  const [firstSeq = 0, lastSeq = firstSeq] = [seqs[0], seqs.at(-1)];
  await sealRemoval(client, pruned, { fleet, day, decisions: rows.length, firstSeq, lastSeq, isWhole: false });
  return rows.length;
}

async function sealRemoval(
  client: Client,
  { riskClass, keptMs, nowMs }: PrunedClass,
  { fleet, ...removed }: Removed & { day: string; isWhole: boolean },
): Promise<void> {
  const keptDays = Math.floor(keptMs / DAY_MS);
  const draft = pruneDraft({ what: 'DECISIONS', riskClass, keptDays, ...removed });
  await appendDrafts(client, fleet, { drafts: [draft], nowMs });
}

/** What retention says of what it took. */
export function pruneDraft(payload: Record<string, string | number | boolean>): EntryDraft {
  return { kind: 'PRUNE', subject: PRUNE_SUBJECT, payload: canonicalize(payload) };
}
