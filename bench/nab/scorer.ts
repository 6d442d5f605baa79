import type { Series } from './corpus.js';

/** Weights of NAB 1.1: a hit, a missed window, a false row. */
export interface Profile {
  hit: number;
  miss: number;
  falseRow: number;
}

export const PROFILES: Readonly<Record<'standard' | 'low FP' | 'low FN', Profile>> = {
  standard: { hit: 1, miss: 1, falseRow: 0.11 },
  'low FP': { hit: 1, miss: 1, falseRow: 0.22 },
  'low FN': { hit: 1, miss: 2, falseRow: 0.11 },
};

const PROBATION_SHARE = 0.15;
const PROBATION_MAX = 750;

/** A row past the probation with a score above 0. */
export interface ScoredRow {
  score: number;
  /** The labelled window it lies in. */
  window: string | null;
  /** From 1 at the window's first row down to 0 at its end; below 0 outside. */
  weight: number;
}

export interface Outcome {
  threshold: number;
  /** 100 for a perfect detector, 0 for one that says nothing. */
  score: number;
  hits: number;
  falseRows: number;
}

/** NAB's scaled sigmoid. */
function sigmoid(x: number): number {
  return x > 3 ? -1 : 2 / (1 + Math.exp(5 * x)) - 1;
}

const EARLIEST = sigmoid(-1);

function probationOf({ values }: Series): number {
  return Math.min(Math.floor(PROBATION_SHARE * values.length), PROBATION_MAX);
}

/** Windows with a row past the probation. */
export function windowsOf(series: Series): number {
  const probation = probationOf(series);
  return series.windows.filter(([, last]) => last >= probation).length;
}

export function rowsOf(series: Series, scores: readonly number[]): ScoredRow[] {
  const rows: ScoredRow[] = [];
  for (let row = probationOf(series); row < scores.length; row += 1) {
    const score = scores[row] ?? 0;
    if (score > 0) rows.push({ score, ...weigh(series, row) });
  }
  return rows;
}

function weigh({ name, windows }: Series, row: number): Omit<ScoredRow, 'score'> {
  const inside = windows.findIndex(([first, last]) => first <= row && row <= last);
  const [first, last] = windows[inside] ?? [];
  if (first !== undefined && last !== undefined) {
    return { window: `${name} ${inside}`, weight: sigmoid(-(last - row + 1) / (last - first + 1)) / EARLIEST };
  }
  const previous = windows.findLast(([, end]) => end < row);
  const span = previous === undefined ? 0 : previous[1] - previous[0];
  return { window: null, weight: previous === undefined || span === 0 ? -1 : sigmoid((row - previous[1]) / span) };
}

/** The outcome at one threshold for all rows. */
export function scoreAt(rows: readonly ScoredRow[], windows: number, profile: Profile, threshold: number): Outcome {
  const best = new Map<string, number>();
  let falseRows = 0;
  let raw = 0;
  for (const { score, window, weight } of rows) {
    if (score < threshold) continue;
    if (window === null) {
      falseRows += 1;
      raw += profile.falseRow * weight;
    } else {
      best.set(window, Math.max(best.get(window) ?? Number.NEGATIVE_INFINITY, profile.hit * weight));
    }
  }
  for (const weight of best.values()) raw += weight;
  raw -= profile.miss * (windows - best.size);
  const nothing = -profile.miss * windows;
  return { threshold, score: (100 * (raw - nothing)) / (profile.hit * windows - nothing), hits: best.size, falseRows };
}

/** The threshold at which the rows of the whole corpus score best, as NAB chooses it: every score is tried. */
export function bestThreshold(rows: readonly ScoredRow[], windows: number, profile: Profile): number {
  const sorted = rows.toSorted((a, b) => b.score - a.score);
  const worth = new Map<string, number>();
  let raw = -profile.miss * windows;
  let best = { raw, threshold: Number.POSITIVE_INFINITY };
  for (const [index, { score, window, weight }] of sorted.entries()) {
    if (window === null) {
      raw += profile.falseRow * weight;
    } else {
      const before = worth.get(window) ?? -profile.miss;
      const after = Math.max(before, profile.hit * weight);
      worth.set(window, after);
      raw += after - before;
    }
    const isLastOfScore = sorted[index + 1]?.score !== score;
    if (isLastOfScore && raw > best.raw + 1e-12) best = { raw, threshold: score };
  }
  return best.threshold;
}
