import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A labelled series of the Numenta Anomaly Benchmark. */
export interface Series {
  /** `realTweets/Twitter_volume_CRM.csv` */
  name: string;
  atMs: readonly number[];
  values: readonly number[];
  /** First and last row of each labelled window, in order. */
  windows: readonly (readonly [first: number, last: number])[];
}

/** The labelled series that lie under the directory, laid out as in NAB: data/FOLDER/NAME.csv, labels/combined_windows.json. */
export function readCorpus(directory: string): Series[] {
  const labels: Record<string, [string, string][]> = JSON.parse(
    readFileSync(path.join(directory, 'labels', 'combined_windows.json'), 'utf8'),
  );
  return Object.keys(labels)
    .sort()
    .filter((name) => existsSync(path.join(directory, 'data', name)))
    .map((name) => readSeries(name, readFileSync(path.join(directory, 'data', name), 'utf8'), labels[name] ?? []));
}

function readSeries(name: string, text: string, labels: readonly [string, string][]): Series {
  const rows = text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((row) => row.split(','));
  const atMs = rows.map(([moment = '']) => momentOf(moment));
  const rowAt = (moment: string) => atMs.indexOf(momentOf(moment));
  const windows = labels.map(([first, last]) => [rowAt(first), rowAt(last)] as const);
  return { name, atMs, values: rows.map(([, value]) => Number(value)), windows: windows.sort(([a], [b]) => a - b) };
}

/** NAB compares whole seconds. */
function momentOf(text: string): number {
  return Date.parse(`${text.trim().slice(0, 19).replace(' ', 'T')}Z`);
}
