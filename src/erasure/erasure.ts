import { readKeysetPage } from '../db/keyset.js';
import type { Page, PageRequest } from '../db/page.js';
import type { Client, Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import type { TargetScope } from './target.js';

/** On what grounds content is erased. */
export const ERASURE_BASES = ['REQUEST', 'CONSENT_WITHDRAWN', 'UNLAWFUL', 'OBLIGATION', 'OTHER'] as const;
export type ErasureBasis = (typeof ERASURE_BASES)[number];

export const ERASURE_STATES = ['PENDING', 'ERASING', 'DONE', 'REJECTED'] as const;
export type ErasureState = (typeof ERASURE_STATES)[number];

/** What somebody asked to be erased, and what came of it. */
export interface Erasure {
  /** Names it in the fleet; later ones are larger. */
  id: number;
  scope: TargetScope;
  /** Of a user, null once everything of theirs is erased. */
  target: string | null;
  /** What the ledger calls it. */
  reference: string;
  basis: ErasureBasis;
  reason: string;
  state: ErasureState;
  requestedBy: string;
  requestedAt: Date;
  /** Who approved of it or rejected it; null before that, and where nobody else had to. */
  decidedBy: string | null;
  decidedAt: Date | null;
  /** Why it was rejected. */
  decisionReason: string | null;
  /** How many decisions it has erased. */
  decisions: number;
  /** When the last of them was; null until then. */
  endedAt: Date | null;
}

/** What a SELECT names to read an `Erasure` from the table alias `erasure`. */
export const ERASURE_SELECTION = `erasure.id, erasure.scope, erasure.target, erasure.reference, erasure.basis, erasure.reason,
  erasure.state, erasure.requested_by AS "requestedBy", erasure.requested_at AS "requestedAt",
  erasure.decided_by AS "decidedBy", erasure.decided_at AS "decidedAt", erasure.decision_reason AS "decisionReason",
  erasure.decisions, erasure.ended_at AS "endedAt"`;

/** Throws NOT_FOUND. */
export async function readErasure(client: Client | Pool, fleet: string, id: number): Promise<Erasure> {
  const { rows } = await client.query<Erasure>(
    `SELECT ${ERASURE_SELECTION} FROM erasure WHERE erasure.fleet_id = $1 AND erasure.id = $2`,
    [fleet, id],
  );
  if (rows[0] === undefined) throw new AppError('NOT_FOUND', 'there is no such erasure');
  return rows[0];
}

export interface ErasureListOptions {
  pool: Pool;
  fleet: string;
  /** The key of an erasure is its id; lists begin with the newest. */
  page: PageRequest<number>;
}

/** One page of what was asked to be erased, the newest first, in one statement. */
export function listErasures({ pool, fleet, page }: ErasureListOptions): Promise<Page<Erasure>> {
  return readKeysetPage(pool, {
    fleet,
    table: 'erasure',
    alias: 'erasure',
    key: { column: 'id', type: 'bigint' },
    order: 'descending',
    selection: ERASURE_SELECTION,
    conditions: 'TRUE',
    parameters: [],
    page,
  });
}

/** When each of these decisions was erased; those that were not are left out. */
export async function findErasedAt(pool: Pool, fleet: string, ids: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await pool.query<{ id: string; erasedAt: Date }>(
    `SELECT decision_id AS id, erased_at AS "erasedAt" FROM erased_decision
     WHERE fleet_id = $1 AND decision_id = ANY($2::text[])`,
    [fleet, ids],
  );
  return new Map(rows.map(({ id, erasedAt }) => [id, erasedAt]));
}
