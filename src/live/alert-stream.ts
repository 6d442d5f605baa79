import { readAlertsAfter } from '../alerting/after.js';
import type { AlertRow } from '../alerting/alert.js';
import type { AlertFilter } from '../alerting/filter.js';
import type { Pool } from '../db/pool.js';
import type { Bus } from './bus.js';
import { type RecordStream, streamRecord } from './record-stream.js';

export interface AlertStreamOptions {
  pool: Pool;
  bus: Bus;
  fleet: string;
  filter: AlertFilter;
  /** The stream begins with what came after this place; 0 for all there ever was. */
  afterSeq: number;
  signal: AbortSignal;
}

/** A change of an alert, with the alert as it was after it. */
export interface AlertMoment {
  /** The place of the change. */
  seq: number;
  alert: AlertRow;
}

/** Everything that happens to the fleet's alerts, each change once, without end. */
export function streamAlerts({ pool, filter, ...options }: AlertStreamOptions): RecordStream<AlertMoment> {
  const record = { pool, fleet: options.fleet, filter };
  return streamRecord({ ...options, readAfter: (after) => readAlertsAfter(record, after) });
}
