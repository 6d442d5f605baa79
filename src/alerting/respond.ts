import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { lockFleet } from '../ledger/append.js';
import type { AlertRow } from './alert.js';
import { type AlertEvent, recordAlertEvents } from './record.js';
import { findAlerts } from './store.js';

/** What a person does about an alert. */
export interface Response {
  pool: Pool;
  fleet: string;
  /** The alert's place. */
  seq: number;
  actor: string;
  comment: string | null;
  nowMs: number;
}

/** Somebody takes the alert on: it is not repeated any more. Again changes nothing. Throws NOT_FOUND, and CONFLICT when it is over. */
export function acknowledge(response: Response): Promise<AlertRow> {
  return respond(response, (alert, { actor, nowMs }) => {
    if (alert.state !== 'FIRING' && alert.state !== 'PENDING') {
      throw new AppError('CONFLICT', 'the alert is over: there is nothing to take on');
    }
    if (alert.acknowledgedAt !== null) return null;
    return { change: 'ACKNOWLEDGED', alert: { ...alert, acknowledgedAt: new Date(nowMs), acknowledgedBy: actor } };
  });
}

/** Throws NOT_FOUND. */
export function comment(response: Response & { comment: string }): Promise<AlertRow> {
  return respond(response, (alert) => ({ change: 'COMMENTED', alert }));
}

type Decide = (alert: AlertRow, response: Response) => Pick<AlertEvent, 'change' | 'alert'> | null;

async function respond(response: Response, decide: Decide): Promise<AlertRow> {
  const { pool, fleet, seq, actor, nowMs } = response;
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const alert = await findAlert(client, fleet, seq);
    const decided = decide(alert, response);
    if (decided === null) return alert;
    const event: AlertEvent = { ...decided, atMs: nowMs, actor, comment: response.comment };
    const [changed = alert] = await recordAlertEvents(client, fleet, { events: [event], nowMs });
    return changed;
  });
}

async function findAlert(client: Client, fleet: string, seq: number): Promise<AlertRow> {
  const alert = (await findAlerts(client, fleet, [seq])).get(seq);
  if (alert === undefined) throw new AppError('NOT_FOUND', 'there is no such alert');
  return alert;
}
