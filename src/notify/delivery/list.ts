import { readKeysetPage } from '../../db/keyset.js';
import type { Page, PageRequest } from '../../db/page.js';
import type { Pool } from '../../db/pool.js';
import type { Notice } from '../plan/notice.js';

export const DELIVERY_STATES = ['PENDING', 'FAILED', 'SENT', 'DEAD'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One notice and what became of it. */
export interface DeliveryRow {
  /** Names it in the fleet; later ones are larger. */
  id: number;
  receiver: string;
  status: Notice['status'];
  /** The name under which the receiver got it. */
  idempotencyKey: string;
  /** Ids of all alerts that it tells of; `notice` lists the first of them. */
  alerts: readonly string[];
  notice: Notice;
  state: DeliveryState;
  attempts: number;
  nextAttemptAt: Date | null;
  lastError: string | null;
  createdAt: Date;
  sentAt: Date | null;
}

/** Which deliveries: every condition that is given must hold; a list holds when one of its values does. */
export interface DeliveryFilter {
  receivers?: readonly string[] | null | undefined;
  states?: readonly DeliveryState[] | null | undefined;
  /** The id of an alert that it tells of. */
  alert?: string | null | undefined;
}

export interface DeliveryListOptions {
  pool: Pool;
  fleet: string;
  filter: DeliveryFilter;
  /** The key of a delivery is its id; lists begin with the newest. */
  page: PageRequest<number>;
}

/** One page of the fleet's deliveries, the newest first, in one statement. */
export function listDeliveries({ pool, fleet, filter, page }: DeliveryListOptions): Promise<Page<DeliveryRow>> {
  return readKeysetPage(pool, {
    fleet,
    table: 'notification',
    alias: 'n',
    key: { column: 'id', type: 'bigint' },
    order: 'descending',
    selection: `n.id, n.receiver, n.status, n.idempotency_key AS "idempotencyKey", n.alerts, n.notice, n.state, n.attempts,
      n.next_attempt_at AS "nextAttemptAt", n.last_error AS "lastError", n.created_at AS "createdAt", n.sent_at AS "sentAt"`,
    conditions: `($4::text[] IS NULL OR n.receiver = ANY($4)) AND ($5::text[] IS NULL OR n.state = ANY($5))
      AND ($6::text IS NULL OR n.alerts @> ARRAY[$6::text])`,
    parameters: [filter.receivers ?? null, filter.states ?? null, filter.alert ?? null],
    page,
  });
}
