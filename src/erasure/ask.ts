import { inTransaction } from '../db/pool.js';
import { AppError } from '../errors.js';
import { appendDrafts, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import type { ErasureApproval } from '../settings/settings.js';
import { carryOut, type ErasureTools } from './carry-out.js';
import { ERASURE_SELECTION, type Erasure, type ErasureBasis, readErasure } from './erasure.js';
import { findReached } from './reach.js';
import { sealReason } from './reason.js';
import { referenceOf, type Target } from './target.js';

export interface ErasureRequest {
  fleet: string;
  target: Target;
  basis: ErasureBasis;
  reason: string;
  /** The subject of who asks. */
  actor: string;
}

/**
 * Asks for an erasure and seals that. Where one person is enough it is carried out at once, and the ledger says that nobody
 * else approved. Throws NOT_FOUND for a decision that is not there, CONFLICT when a hold forbids it.
 */
export async function askForErasure(
  tools: ErasureTools,
  request: ErasureRequest,
  approval: ErasureApproval,
): Promise<Erasure> {
  const { fleet, target } = request;
  if (target.scope === 'DECISION' && (await findReached(tools, { fleet, target, limit: 1 })).length === 0) {
    throw new AppError('NOT_FOUND', 'there is no such decision whose content could be erased');
  }
  const asked = await writeRequest(tools, request);
  return approval === 'TWO_PEOPLE' ? asked : carryOut(tools, { fleet, id: asked.id }, { approvedBy: null });
}

async function writeRequest(
  { pool, now }: ErasureTools,
  { fleet, target, basis, reason, actor }: ErasureRequest,
): Promise<Erasure> {
  const nowMs = now();
  const sealed = sealReason(reason);
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const reference = await referenceOf(client, fleet, target);
    const { rows } = await client.query<Erasure>(
      `INSERT INTO erasure (fleet_id, scope, target, reference, basis, reason, reason_salt, state, requested_by, requested_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', $8, $9) RETURNING ${ERASURE_SELECTION}`,
      [fleet, target.scope, target.id, reference, basis, reason, sealed.salt, actor, new Date(nowMs)],
    );
    const asked = rows[0] as Erasure;
    const payload = canonicalize({
      actor,
      basis,
      change: 'REQUESTED',
      reason: sealed.digest,
      scope: target.scope,
      target: reference,
    });
    await appendDrafts(client, fleet, {
      drafts: [{ kind: 'ERASURE', subject: `Erasure:${asked.id}`, payload }],
      nowMs,
    });
    return asked;
  });
}

export interface ErasureDecision {
  fleet: string;
  id: number;
  actor: string;
}

/**
 * Approves an erasure, which is carried out then. Throws FORBIDDEN to who asked for it, since that takes two people, and to
 * API keys, which are nobody; CONFLICT when it is over or a hold forbids it; NOT_FOUND.
 */
export async function approveErasure(tools: ErasureTools, { fleet, id, actor }: ErasureDecision): Promise<Erasure> {
  const { requestedBy } = await readErasure(tools.pool, fleet, id);
  if (requestedBy === actor) {
    throw new AppError('FORBIDDEN', 'an erasure takes two people: somebody else has to approve of it');
  }
  if (isApiKey(actor)) {
    throw new AppError('FORBIDDEN', 'an erasure takes two people: an API key cannot approve of it, use a token');
  }
  return carryOut(tools, { fleet, id }, { approvedBy: actor });
}

/** Ends an erasure that nobody has approved of, whoever asked for it. Throws CONFLICT when it is over, NOT_FOUND. */
export async function rejectErasure(
  { pool, now }: ErasureTools,
  { fleet, id, actor, reason }: ErasureDecision & { reason: string },
): Promise<Erasure> {
  const nowMs = now();
  const sealed = sealReason(reason);
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const { state, scope, reference } = await readErasure(client, fleet, id);
    if (state !== 'PENDING') throw new AppError('CONFLICT', 'the erasure is over, or under way');
    const { rows } = await client.query<Erasure>(
      `UPDATE erasure SET state = 'REJECTED', decided_by = $3, decided_at = $4, decision_reason = $5, decision_salt = $6,
         ended_at = $4
       WHERE erasure.fleet_id = $1 AND erasure.id = $2 RETURNING ${ERASURE_SELECTION}`,
      [fleet, id, actor, new Date(nowMs), reason, sealed.salt],
    );
    const payload = canonicalize({ actor, change: 'REJECTED', reason: sealed.digest, scope, target: reference });
    await appendDrafts(client, fleet, { drafts: [{ kind: 'ERASURE', subject: `Erasure:${id}`, payload }], nowMs });
    return rows[0] as Erasure;
  });
}

function isApiKey(subject: string): boolean {
  return subject.startsWith('key:');
}
