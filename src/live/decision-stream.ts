import type { Pool } from '../db/pool.js';
import type { DecisionFilter } from '../decision/filter.js';
import type { DecisionRow } from '../decision/row.js';
import { readSealedAfter } from '../decision/sealed-after.js';
import type { Bus } from './bus.js';
import { type RecordStream, streamRecord } from './record-stream.js';

export interface DecisionStreamOptions {
  pool: Pool;
  bus: Bus;
  fleet: string;
  filter: DecisionFilter;
  /** The stream begins with what was sealed after this seq; −1 for the whole ledger. */
  afterSeq: number;
  /** Ends the stream when it is aborted. */
  signal: AbortSignal;
}

/** The fleet's sealed decisions that pass the filter, in the order of the ledger, each once, without end. */
export function streamDecisions({ pool, filter, ...options }: DecisionStreamOptions): RecordStream<DecisionRow> {
  const record = { pool, fleet: options.fleet, filter };
  return streamRecord({ ...options, readAfter: (after) => readSealedAfter(record, after) });
}
