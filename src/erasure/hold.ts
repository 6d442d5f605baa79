import { readKeysetPage } from '../db/keyset.js';
import type { Page, PageRequest } from '../db/page.js';
import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { appendDrafts, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import { sealReason } from './reason.js';
import { referenceOf, TARGET_SCOPES, type Target } from './target.js';

export const HOLD_SCOPES = [...TARGET_SCOPES, 'FLEET'] as const;
export type HoldScope = (typeof HOLD_SCOPES)[number];

/** What must be kept, whatever is asked to be erased and whatever its time. */
export interface LegalHold {
  /** Names it in the fleet; later ones are larger. */
  id: number;
  scope: HoldScope;
  /** Null for the whole fleet, and for a user who was erased since. */
  target: string | null;
  /** What the ledger calls it. */
  reference: string;
  reason: string;
  placedBy: string;
  placedAt: Date;
  releasedBy: string | null;
  releasedAt: Date | null;
  releaseReason: string | null;
}

const SELECTION = `hold.id, hold.scope, hold.target, hold.reference, hold.reason, hold.placed_by AS "placedBy",
  hold.placed_at AS "placedAt", hold.released_by AS "releasedBy", hold.released_at AS "releasedAt",
  hold.release_reason AS "releaseReason"`;

interface Doing {
  pool: Pool;
  fleet: string;
  actor: string;
  reason: string;
  nowMs: number;
}

/** Places a hold; null holds the whole fleet. What is to be held need not be there: what comes of it later is held too. */
export async function placeHold(
  { pool, fleet, actor, reason, nowMs }: Doing,
  target: Target | null,
): Promise<LegalHold> {
  const sealed = sealReason(reason);
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const scope = target?.scope ?? 'FLEET';
    const reference = target === null ? fleet : await referenceOf(client, fleet, target);
    const { rows } = await client.query<LegalHold>(
      `INSERT INTO legal_hold AS hold (fleet_id, scope, target, reference, reason, reason_salt, placed_by, placed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${SELECTION}`,
      [fleet, scope, target?.id ?? null, reference, reason, sealed.salt, actor, new Date(nowMs)],
    );
    const placed = rows[0] as LegalHold;
    await spareWhatComes(client, fleet, placed);
    const payload = canonicalize({ actor, reason: sealed.digest, scope, target: reference });
    await appendDrafts(client, fleet, { drafts: [{ kind: 'HOLD', subject: nameOf(placed), payload }], nowMs });
    return placed;
  });
}

/** What was on its way when it was erased, and has not come until now, is held like everything else. */
async function spareWhatComes(client: Client, fleet: string, { scope, target }: LegalHold): Promise<void> {
  await client.query(
    `DELETE FROM erasure_mark mark WHERE mark.fleet_id = $1
       AND ($2 = 'FLEET' OR mark.scope = $2 AND mark.digest = sha256(mark.salt || convert_to($3, 'UTF8')))`,
    [fleet, scope, target],
  );
}

/** Releases a hold. Throws NOT_FOUND, and CONFLICT for one that is released already. */
export async function releaseHold({ pool, fleet, actor, reason, nowMs }: Doing, id: number): Promise<LegalHold> {
  const sealed = sealReason(reason);
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const { rows } = await client.query<LegalHold>(
      `UPDATE legal_hold AS hold SET released_by = $3, released_at = $4, release_reason = $5, release_salt = $6
       WHERE hold.fleet_id = $1 AND hold.id = $2 AND hold.released_at IS NULL RETURNING ${SELECTION}`,
      [fleet, id, actor, new Date(nowMs), reason, sealed.salt],
    );
    const [released] = rows;
    if (released === undefined) throw await whyNotReleased(client, fleet, id);
    const { scope, reference } = released;
    const payload = canonicalize({ actor, reason: sealed.digest, scope, target: reference });
    await appendDrafts(client, fleet, { drafts: [{ kind: 'RELEASE', subject: nameOf(released), payload }], nowMs });
    return released;
  });
}

async function whyNotReleased(client: Client, fleet: string, id: number): Promise<AppError> {
  const { rowCount } = await client.query('SELECT FROM legal_hold WHERE fleet_id = $1 AND id = $2', [fleet, id]);
  return rowCount === 0
    ? new AppError('NOT_FOUND', 'there is no such hold')
    : new AppError('CONFLICT', 'the hold is released already');
}

/** What would be erased. */
export interface Held {
  decisions: readonly string[];
  conversations: readonly string[];
  subjects: readonly string[];
}

/** Throws CONFLICT, naming the holds, when some of it is held. Belongs to a transaction that has locked the fleet's row. */
export async function refuseHeld(client: Client, fleet: string, held: Held): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM legal_hold WHERE fleet_id = $1 AND released_at IS NULL AND (
       scope = 'FLEET' OR scope = 'DECISION' AND target = ANY($2::text[])
       OR scope = 'CONVERSATION' AND target = ANY($3::text[]) OR scope = 'SUBJECT' AND target = ANY($4::text[]))
     ORDER BY placed_at, id LIMIT 5`,
    [fleet, held.decisions, held.conversations, held.subjects],
  );
  if (rows.length === 0) return;
  const names = rows.map(nameOf).join(', ');
  throw new AppError('CONFLICT', `a legal hold forbids it: ${names}; nothing can be erased before that is released`);
}

export interface HoldListOptions {
  pool: Pool;
  fleet: string;
  /** Only those that bind. */
  isActive: boolean;
  /** The key of a hold is its id; lists begin with the newest. */
  page: PageRequest<number>;
}

/** One page of the fleet's holds, the newest first, in one statement. */
export function listHolds({ pool, fleet, isActive, page }: HoldListOptions): Promise<Page<LegalHold>> {
  return readKeysetPage(pool, {
    fleet,
    table: 'legal_hold',
    alias: 'hold',
    key: { column: 'id', type: 'bigint' },
    order: 'descending',
    selection: SELECTION,
    conditions: '(NOT $4 OR hold.released_at IS NULL)',
    parameters: [isActive],
    page,
  });
}

function nameOf({ id }: { id: number }): string {
  return `LegalHold:${id}`;
}
