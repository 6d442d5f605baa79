import fs from 'node:fs';
import path from 'node:path';
import type { UnmonitoredUse } from './provider-bill.js';
import type { Summary } from './tally.js';
import type { Fault } from './traffic/fault.js';

/**
 * The truth log, JSON lines told apart by `kind`: what the demo sent and did, for comparison with what was found.
 * - A fault's kind: one fault.
 * - `SUMMARY`: everything this run has sent so far. The last one of a run counts.
 * - `UNMONITORED`: what a provider bills for that no agent reported, once for each day.
 */
export type TruthLine = FaultLine | SummaryLine | UnmonitoredLine;

export type FaultLine = Fault & {
  /** Null for faults that are not in one trace. */
  traceId: string | null;
  /** ISO 8601: when the request ended, or the lasting fault began. */
  at: string;
};

export interface SummaryLine extends Summary {
  kind: 'SUMMARY';
  at: string;
}

export interface UnmonitoredLine extends UnmonitoredUse {
  kind: 'UNMONITORED';
  at: string;
}

export interface TruthLog {
  recordFault(fault: Fault, where: { traceId: string | null; atMs: number }): void;
  recordSummary(summary: Summary, atMs: number): void;
  recordUnmonitored(use: UnmonitoredUse, atMs: number): void;
  /** Faults recorded, by kind. */
  readonly faults: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** JSON lines, appended to `file`; its folder is made when it is not there. */
export function openTruthLog(file: string): TruthLog {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const stream = fs.createWriteStream(file, { flags: 'a' });
  const faults = new Map<string, number>();
  const write = (line: TruthLine) => stream.write(`${JSON.stringify(line)}\n`);
  return {
    faults,
    recordFault: (fault, { traceId, atMs }) => {
      faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1);
      write({ ...fault, traceId, at: isoOf(atMs) });
    },
    recordSummary: (summary, atMs) => void write({ kind: 'SUMMARY', at: isoOf(atMs), ...summary }),
    recordUnmonitored: (use, atMs) => void write({ kind: 'UNMONITORED', at: isoOf(atMs), ...use }),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
