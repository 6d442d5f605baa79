import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCorpus, type Series } from '../../../bench/nab/corpus.js';
import { bestThreshold, PROFILES, rowsOf, scoreAt, windowsOf } from '../../../bench/nab/scorer.js';
import { SeriesDetector } from '../../../src/detect/series/series.js';

const DATA = path.resolve(import.meta.dirname, '../../../../shared/data/nab');
/** What the benchmark's files in ../shared/data reach, less a point. */
const GOALS = { standard: 78.5, 'low FP': 71, 'low FN': 83 } as const;
const PROFILE_NAMES = ['standard', 'low FP', 'low FN'] as const;

const scoresOf = ({ atMs, values }: Series) => {
  const detector = new SeriesDetector();
  return values.map((value, row) => detector.observe(atMs[row] ?? 0, value).score);
};

describe.skipIf(!existsSync(DATA))(
  'on the Numenta Anomaly Benchmark (../shared/data/nab, skipped where it is absent)',
  () => {
    it('the detector keeps its scores', () => {
      const corpus = readCorpus(DATA);
      const windows = corpus.reduce((sum, series) => sum + windowsOf(series), 0);
      const rows = corpus.flatMap((series) => rowsOf(series, scoresOf(series)));
      for (const name of PROFILE_NAMES) {
        const profile = PROFILES[name];
        const { score } = scoreAt(rows, windows, profile, bestThreshold(rows, windows, profile));
        expect(score, name).toBeGreaterThan(GOALS[name]);
      }
    });
  },
);

describe('the scorer of the benchmark', () => {
  const series: Series = {
    name: 'folder/file.csv',
    atMs: Array.from({ length: 100 }, (_, row) => row),
    values: Array.from({ length: 100 }, () => 0),
    windows: [[50, 59]],
  };
  const scoresAt = (scored: Record<number, number>) => series.values.map((_, row) => scored[row] ?? 0);
  const standard = (scored: Record<number, number>) =>
    scoreAt(rowsOf(series, scoresAt(scored)), 1, PROFILES.standard, 0.5).score;

  it('gives 100 for a hit at the first row of a window, 0 for silence, half of it at its end', () => {
    expect(standard({ 50: 1 })).toBeCloseTo(100, 0);
    expect(standard({})).toBe(0);
    expect(standard({ 59: 1 })).toBeCloseTo(50 + 50 * 0.2482, 1);
  });

  it('counts the earliest row of a window, every false row, and none of the probation', () => {
    expect(standard({ 50: 0.6, 55: 1, 58: 1 })).toBe(standard({ 50: 1 }));
    expect(standard({ 50: 1, 20: 1, 30: 1 })).toBeCloseTo(standard({ 50: 1 }) - 11, 6);
    expect(standard({ 50: 1, 3: 1, 14: 1 })).toBe(standard({ 50: 1 }));
  });

  it('weighs a false row by how far it is from the window before', () => {
    expect(standard({ 60: 1 })).toBeGreaterThan(standard({ 70: 1 }));
    expect(standard({ 99: 1 })).toBeCloseTo(-5.5, 6);
  });

  it('takes the threshold at which the whole corpus scores best', () => {
    const rows = rowsOf(series, scoresAt({ 20: 0.4, 30: 0.3, 52: 0.7, 51: 0.35 }));
    expect(bestThreshold(rows, 1, PROFILES.standard)).toBe(0.7);
    expect(bestThreshold(rowsOf(series, scoresAt({ 20: 0.9 })), 1, PROFILES.standard)).toBe(Number.POSITIVE_INFINITY);
  });
});
