import { readAnomaliesAfter } from '../anomaly/after.js';
import type { AnomalyRow } from '../anomaly/anomaly.js';
import type { AnomalyFilter } from '../anomaly/filter.js';
import type { Pool } from '../db/pool.js';
import type { Bus } from './bus.js';
import { type RecordStream, streamRecord } from './record-stream.js';

export interface AnomalyStreamOptions {
  pool: Pool;
  bus: Bus;
  fleet: string;
  filter: AnomalyFilter;
  /** The stream begins with what came after this place; 0 for all there ever was. */
  afterSeq: number;
  signal: AbortSignal;
}

/** The fleet's anomalies, each once, when it first passes the filter, without end. */
export function streamAnomalies({ pool, filter, ...options }: AnomalyStreamOptions): RecordStream<AnomalyRow> {
  const record = { pool, fleet: options.fleet, filter };
  return streamRecord({ ...options, readAfter: (after) => readAnomaliesAfter(record, after) });
}
