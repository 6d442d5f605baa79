import type { Pool } from '../db/pool.js';
import { type ReportRow, reportTopic } from '../report/job/report.js';
import { findReport } from '../report/job/store.js';
import type { Bus } from './bus.js';
import { type RecordStream, streamRecord } from './record-stream.js';

export interface ReportStreamOptions {
  pool: Pool;
  bus: Bus;
  fleet: string;
  id: string;
  signal: AbortSignal;
}

/** A report as it was found to be. */
export interface ReportMoment {
  /** Counts its changes. */
  seq: number;
  report: ReportRow;
}

/** How far a report is, now and whenever that changes. What changed in between is told at once, as it is then. */
export function streamReport({ pool, bus, fleet, id, signal }: ReportStreamOptions): RecordStream<ReportMoment> {
  return streamRecord({
    bus,
    fleet: reportTopic({ fleet, id }),
    afterSeq: 0,
    signal,
    readAfter: async ({ afterSeq }) => {
      const report = await findReport(pool, fleet, id);
      if (report === null || report.version <= afterSeq) return { rows: [], throughSeq: afterSeq, hasMore: false };
      return { rows: [{ seq: report.version, report }], throughSeq: report.version, hasMore: false };
    },
  });
}
