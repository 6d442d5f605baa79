import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Suspect } from '../../src/detect/root-cause/blame.js';
import type { Work } from '../../src/detect/root-cause/work.js';
import { WorkFigures } from '../../src/detect/root-cause/work-figures.js';

type SpanRow = [
  trace: number,
  span: number,
  parent: number,
  service: number,
  operation: number,
  startUs: number,
  durationUs: number,
  errorLogs: number,
];

interface SpanRecord {
  id: string;
  kind: 'normal' | 'fault';
  day: string;
  services: string[];
  operations: string[];
  spans: SpanRow[];
}

type Ranking = (works: Iterable<Work>, usual: WorkFigures) => Suspect[];

/** The spans of each fault, and of the ordinary minutes of each day. */
export function readTrainTicket(directory: string): {
  rank(of: { id: string; day: string }, ranking: Ranking): Suspect[];
} {
  const file = path.join(directory, 'trainticket_cases.jsonl.gz');
  const lines = gunzipSync(readFileSync(file))
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  const records = lines.map((line): SpanRecord => JSON.parse(line));
  const usual = new Map<string, WorkFigures>();
  for (const record of records) {
    if (record.kind !== 'normal') continue;
    const figures = new WorkFigures();
    for (const work of worksOf(record)) figures.add(work);
    usual.set(record.day, figures);
  }
  return {
    rank({ id, day }, ranking) {
      const record = records.find((each) => each.id === id);
      return record === undefined ? [] : ranking(worksOf(record), usual.get(day) ?? new WorkFigures());
    },
  };
}

function worksOf({ services, operations, spans }: SpanRecord): Work[] {
  const byPlace = new Map<string, Work & { parts: Work[] }>();
  // Some spans stand there several times.
  const once = [...new Map(spans.map((row) => [placeOf(row[0], row[1]), row])).values()];
  for (const [trace, span, , service, operation, startUs, durationUs, errorLogs] of once) {
    byPlace.set(placeOf(trace, span), {
      doer: services[service] ?? '',
      operation: operations[operation] ?? '',
      startMs: startUs / 1_000,
      durationMs: durationUs / 1_000,
      isFailed: errorLogs > 0,
      parts: [],
    });
  }
  const roots: Work[] = [];
  for (const [trace, span, parent] of once) {
    const work = byPlace.get(placeOf(trace, span));
    if (work === undefined) continue;
    const caller = byPlace.get(placeOf(trace, parent));
    if (caller === undefined) roots.push(work);
    else caller.parts.push(work);
  }
  return roots;
}

function placeOf(trace: number, span: number): string {
  return `${trace}/${span}`;
}
