import { hash } from 'node:crypto';
import { type Client, inTransaction, type Pool } from '../db/pool.js';
import type { DecisionCalendar } from '../decision/calendar.js';
import { type Conversation, memorySubjectOf } from '../decision/conversation.js';
import { daysAround, OWN_DAYS } from '../decision/days.js';
import { emptyRequests, eraseContents } from '../decision/erase/erase.js';
import { AppError } from '../errors.js';
import { appendDrafts, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import { drawSalts } from '../ledger/commitment.js';
import { ERASURE_SELECTION, type Erasure, readErasure } from './erasure.js';
import { refuseHeld } from './hold.js';
import { findReached, findRequests, namesOf, type Reached, readReached } from './reach.js';
import { forgetSubject, type Target } from './target.js';

/** Decisions of one transaction: what is recorded meanwhile waits for it, and its entry names each of them. */
const PART_MAX = 1_000;
/** Their days: each is a handful of partitions, and all are locked until the transaction ends. */
const PART_DAYS_MAX = 60;

export interface ErasureTools {
  pool: Pool;
  calendar: DecisionCalendar;
  /** Makes detectors forget what they keep of conversations in memory. */
  forget: (fleet: string, conversations: readonly Conversation[]) => void;
  now: () => number;
}

/** Who lets it happen: null when nobody else has to. */
export interface Approval {
  approvedBy: string | null;
}

/**
 * Erases what was asked to be erased: content, salts and everything that was derived of them, in one transaction with its
 * entry in the ledger. Beyond a thousand decisions or two months there are several, each whole. What is left after a crash
 * is erased when this is called again. Throws CONFLICT when a hold forbids it or it is over, NOT_FOUND.
 */
export async function carryOut(
  tools: ErasureTools,
  { fleet, id }: { fleet: string; id: number },
  approval: Approval,
): Promise<Erasure> {
  const { target: targetId, scope } = await readErasure(tools.pool, fleet, id);
  if (targetId === null) throw overError();
  const target: Target = { scope, id: targetId };
  for (;;) {
    const reached = await findReached(tools, { fleet, target, limit: PART_MAX + 1 });
    const requests = await findRequests(tools.pool, fleet, namesOf(target, reached));
    const part = await erasePart(tools, { fleet, id, target, approval, reached, requests });
    if (part.state === 'DONE') return part;
  }
}

interface Part {
  fleet: string;
  id: number;
  target: Target;
  approval: Approval;
  reached: readonly Reached[];
  requests: readonly number[];
}

async function erasePart(tools: ErasureTools, part: Part): Promise<Erasure> {
  const { fleet, target } = part;
  const { pool, calendar, forget, now } = tools;
  const conversations = conversationsOf(part.reached);
  forget(fleet, conversations);
  const erasure = await inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const asked = await readErasure(client, fleet, part.id);
    if (asked.state !== 'PENDING' && asked.state !== 'ERASING') throw overError();
    const late =
      target.scope === 'DECISION' ? [] : await readReached(client, { fleet, target, days: calendar.openDays() });
    const all = [...new Map([...part.reached, ...late].map((each) => [each.id, each])).values()];
    await refuseHeld(client, fleet, heldBy(target, all));
    const chosen = firstPart(all);
    return eraseChosen(client, part, { asked, chosen, isLast: chosen.length === all.length, nowMs: now() });
  });
  // A state that was saved between the two would come back otherwise.
  forget(fleet, conversations);
  return erasure;
}

async function eraseChosen(
  client: Client,
  { fleet, id, target, approval, requests }: Part,
  { asked, chosen, isLast, nowMs }: { asked: Erasure; chosen: readonly Reached[]; isLast: boolean; nowMs: number },
): Promise<Erasure> {
  const days = [...new Set(chosen.flatMap(({ sealedOn }) => daysAround(sealedOn, OWN_DAYS)))];
  const erasureOf = new Map(chosen.map((each) => [each.id, id]));
  const found = new Set(await eraseContents(client, { fleet, erasureOf, days, nowMs }));
  if (target.scope === 'DECISION' && found.size === 0) {
    throw new AppError('NOT_FOUND', 'the decision is not there any more: it is erased, or retention has removed it');
  }
  await emptyRequests(client, fleet, requests);
  await forgetRuns(client, fleet, conversationsOf(chosen));
  if (asked.state === 'PENDING') await markTarget(client, { fleet, id, target, nowMs });
  const approvedBy = asked.decidedBy ?? approval.approvedBy;
  const written = await writeProgress(client, { fleet, id, approvedBy, decisions: found.size, isLast, nowMs });
  if (isLast && target.scope === 'SUBJECT') await forgetSubject(client, fleet, target.id);
  const payload = canonicalize({
    approvedBy,
    basis: asked.basis,
    change: 'ERASED',
    entries: chosen.filter((each) => found.has(each.id)).map(({ seq }) => seq),
    isLast,
    requestedBy: asked.requestedBy,
    scope: asked.scope,
    target: asked.reference,
  });
  await appendDrafts(client, fleet, { drafts: [{ kind: 'ERASURE', subject: `Erasure:${id}`, payload }], nowMs });
  return target.scope === 'SUBJECT' && isLast ? { ...written, target: null } : written;
}

/** The first of them, by day, that one transaction erases. */
function firstPart(all: readonly Reached[]): Reached[] {
  const days = new Set<string>();
  const part: Reached[] = [];
  for (const each of [...all].sort((left, right) => left.seq - right.seq)) {
    days.add(each.sealedOn);
    if (days.size > PART_DAYS_MAX || part.length === PART_MAX) break;
    part.push(each);
  }
  return part;
}

function heldBy(target: Target, reached: readonly Reached[]) {
  const named = (scope: Target['scope'], ids: readonly (string | null)[]) => [
    ...new Set([...ids.filter((each) => each !== null), ...(target.scope === scope ? [target.id] : [])]),
  ];
  return {
    decisions: named(
      'DECISION',
      reached.map(({ id }) => id),
    ),
    conversations: named(
      'CONVERSATION',
      reached.map(({ conversationId }) => conversationId),
    ),
    subjects: named(
      'SUBJECT',
      reached.map(({ userId }) => userId),
    ),
  };
}

function conversationsOf(reached: readonly Reached[]): Conversation[] {
  return reached.flatMap(({ agent, conversationId }) => (conversationId === null ? [] : [{ agent, conversationId }]));
}

/** What detectors have saved of runs of these conversations: digests, which could be guessed. */
async function forgetRuns(client: Client, fleet: string, conversations: readonly Conversation[]): Promise<void> {
  await client.query('DELETE FROM detector_memory WHERE fleet_id = $1 AND subject = ANY($2::text[])', [
    fleet,
    conversations.map(memorySubjectOf),
  ]);
}

/** What began before now and is sealed after it is to be erased, too. */
async function markTarget(
  client: Client,
  { fleet, id, target, nowMs }: { fleet: string; id: number; target: Target; nowMs: number },
): Promise<void> {
  if (target.scope === 'DECISION') return;
  const salt = Buffer.from(drawSalts(1));
  const digest = hash('sha256', Buffer.concat([salt, Buffer.from(target.id)]), 'buffer');
  await client.query(
    `INSERT INTO erasure_mark (fleet_id, erasure_id, scope, salt, digest, erased_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [fleet, id, target.scope, salt, digest, new Date(nowMs)],
  );
}

interface Progress {
  fleet: string;
  id: number;
  approvedBy: string | null;
  decisions: number;
  isLast: boolean;
  nowMs: number;
}

async function writeProgress(
  client: Client,
  { fleet, id, approvedBy, decisions, isLast, nowMs }: Progress,
): Promise<Erasure> {
  const { rows } = await client.query<Erasure>(
    `UPDATE erasure SET state = CASE WHEN $5 THEN 'DONE' ELSE 'ERASING' END, decided_by = coalesce(decided_by, $3),
       decided_at = coalesce(decided_at, $6), decisions = decisions + $4, ended_at = CASE WHEN $5 THEN $6::timestamptz END
     WHERE erasure.fleet_id = $1 AND erasure.id = $2 RETURNING ${ERASURE_SELECTION}`,
    [fleet, id, approvedBy, decisions, isLast, new Date(nowMs).toISOString()],
  );
  return rows[0] as Erasure;
}

/** Takes up again what a stop or a crash has left half done, in every fleet. */
export async function resumeErasures(tools: ErasureTools): Promise<number> {
  const { rows } = await tools.pool.query<{ fleet: string; id: number; approvedBy: string | null }>(
    `SELECT fleet_id AS fleet, id, decided_by AS "approvedBy" FROM erasure WHERE state = 'ERASING'`,
  );
  for (const { fleet, id, approvedBy } of rows) await carryOut(tools, { fleet, id }, { approvedBy });
  return rows.length;
}

function overError(): AppError {
  return new AppError('CONFLICT', 'the erasure is over');
}
