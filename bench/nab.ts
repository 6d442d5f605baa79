import path from 'node:path';
import { parseArgs } from 'node:util';
import { SeriesDetector } from '../src/detect/series/series.js';
import { ALARM_SCORE } from '../src/detect/series/verdict.js';
import { readCorpus, type Series } from './nab/corpus.js';
import { bestThreshold, type Outcome, PROFILES, rowsOf, scoreAt, windowsOf } from './nab/scorer.js';

const DEFAULT_DATA = path.resolve(import.meta.dirname, '../../shared/data/nab');

/**
 * The Numenta Anomaly Benchmark through the product's detector: the three profiles over all labelled files under `--data DIR`,
 * with the threshold that NAB would choose for them and at the one the product ships. `--files` adds each file.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { data: { type: 'string', default: DEFAULT_DATA }, files: { type: 'boolean', default: false } },
  });
  const corpus = readCorpus(options.data);
  const startedMs = performance.now();
  const scored = corpus.map((series) => ({ series, scores: scoresOf(series) }));
  const tookMs = performance.now() - startedMs;
  const points = corpus.reduce((sum, { values }) => sum + values.length, 0);
  const windows = corpus.reduce((sum, series) => sum + windowsOf(series), 0);
  const rows = scored.flatMap(({ series, scores }) => rowsOf(series, scores));
  print(
    `${corpus.length} files, ${points} points, ${windows} windows, ${((1_000 * tookMs) / points).toFixed(1)} us a point`,
  );
  for (const [name, profile] of Object.entries(PROFILES)) {
    const best = scoreAt(rows, windows, profile, bestThreshold(rows, windows, profile));
    const shipped = scoreAt(rows, windows, profile, ALARM_SCORE);
    print(`${name.padEnd(9)} ${describe(best, windows)}   shipped: ${describe(shipped, windows)}`);
  }
  if (!options.files) return;
  for (const { series, scores } of scored) {
    const own = scoreAt(rowsOf(series, scores), windowsOf(series), PROFILES.standard, ALARM_SCORE);
    print(`${series.name.padEnd(56)} ${own.hits} of ${windowsOf(series)}, false rows ${own.falseRows}`);
  }
}

function scoresOf({ atMs, values }: Series): number[] {
  const detector = new SeriesDetector();
  return values.map((value, row) => detector.observe(atMs[row] ?? 0, value).score);
}

function describe({ score, threshold, hits, falseRows }: Outcome, windows: number): string {
  return `${score.toFixed(2)} at ${threshold.toFixed(4)} (${hits} of ${windows} windows, ${falseRows} false rows)`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
