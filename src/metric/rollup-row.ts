import { formatDollars, parseDollars } from '../cost/dollars.js';
import type { CopyValue } from '../db/copy.js';
import { COUNTERS, type Counter, type Figures, MEASURES, type Measure } from './figures.js';
import { Summary } from './summary.js';

/** How figures lie in `rollup_delta`, `rollup_minute`, `rollup_hour` and `rollup_day`. */

export const FIGURE_COLUMNS = [...COUNTERS, 'cost_usd', ...MEASURES] as const;
export const ROLLUP_COLUMNS = ['fleet_id', 'bucket', 'slice_id', ...FIGURE_COLUMNS] as const;

export type FigureRow = Record<Counter, number> & { cost_usd: string } & Record<Measure, Buffer | null>;

export function figureValues({ counts, costPicodollars, summaries }: Figures): CopyValue[] {
  return [
    ...COUNTERS.map((counter) => counts[counter]),
    formatDollars(costPicodollars),
    ...MEASURES.map((measure) => {
      const summary = summaries[measure];
      return summary === undefined || summary.isEmpty ? null : summary.encode();
    }),
  ];
}

/** Adds a row's figures to what was gathered. */
export function addRow(figures: Figures, row: FigureRow): void {
  for (const counter of COUNTERS) figures.counts[counter] += row[counter];
  figures.costPicodollars += parseDollars(row.cost_usd);
  for (const measure of MEASURES) {
    const encoded = row[measure];
    if (encoded !== null) summaryOf(figures, measure).mergeEncoded(encoded);
  }
}

export function summaryOf({ summaries }: Figures, measure: Measure): Summary {
  const known = summaries[measure] ?? new Summary();
  summaries[measure] = known;
  return known;
}

export function emptyFigures(): Figures {
  const counts = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>;
  return { counts, costPicodollars: 0n, summaries: {} };
}

/** Adds other figures to what was gathered. */
export function addFigures(figures: Figures, other: Figures): void {
  for (const counter of COUNTERS) figures.counts[counter] += other.counts[counter];
  figures.costPicodollars += other.costPicodollars;
  for (const measure of MEASURES) {
    const summary = other.summaries[measure];
    if (summary !== undefined) summaryOf(figures, measure).merge(summary);
  }
}
