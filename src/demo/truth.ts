import fs from 'node:fs';
import path from 'node:path';
import type { Fault } from './traffic/fault.js';

/** One line of the truth log: what was done to the fleet, for comparison with what was found. */
export interface TruthLine extends Fault {
  /** Null for faults that are not in one trace. */
  traceId: string | null;
  /** ISO 8601: when the request ended, or the lasting fault began. */
  at: string;
}

export interface TruthLog {
  record(fault: Fault, where: { traceId: string | null; atMs: number }): void;
  /** Faults recorded, by kind. */
  readonly counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** JSON lines, appended to `file`; its folder is made when it is not there. */
export function openTruthLog(file: string): TruthLog {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const stream = fs.createWriteStream(file, { flags: 'a' });
  const counts = new Map<string, number>();
  return {
    counts,
    record: (fault, { traceId, atMs }) => {
      counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
      const line: TruthLine = { ...fault, traceId, at: new Date(atMs).toISOString() };
      stream.write(`${JSON.stringify(line)}\n`);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
