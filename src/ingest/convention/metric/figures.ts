import { dollarsFromNumber, parseDollars } from '../../../cost/dollars.js';
import type { Contribution, Figures } from '../../../metric/figures.js';
import { emptyFigures, summaryOf } from '../../../metric/rollup-row.js';
import { floorTo, HOUR_MS, MINUTE_MS } from '../../../time.js';
import { bucketsOf } from '../../metric/buckets.js';
import type { HistogramLike, PointData } from '../../metric/point.js';
import type { Attributes } from '../../telemetry.js';
import { textOf } from '../field/attribute.js';
import type { DurationMeaning, TokenCounter, TokenMeaning } from './meaning.js';
import type { MetricReading } from './read.js';

const UNIT_MS = new Map<string, number>([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['ms', 1],
  ['milliseconds', 1],
  ['s', 1_000],
  ['seconds', 1_000],
  ['min', MINUTE_MS],
  ['h', HOUR_MS],
]);

/** What a point counts that no point before it did. */
export interface Addition {
  reading: MetricReading;
  added: PointData;
}

/**
 * What a reading adds to the figures of the minute its point ends in. Calls are no decisions: `decisions` stays 0, and
 * `steps` counts those whose outcome is told. Null when nothing can be told.
 */
export function contributionOf({ reading, added }: Addition): Contribution | null {
  const { meaning, labels } = reading;
  const figures = emptyFigures();
  const isTold = tell(figures, reading, added);
  return isTold ? { slice: { source: meaning.source, labels }, minuteMs: minuteOf(reading), ...figures } : null;
}

export function minuteOf({ point }: MetricReading): number {
  return floorTo(point.timeMs, MINUTE_MS);
}

/** @returns whether anything was told. */
function tell(figures: Figures, { point, meaning, labels }: MetricReading, added: PointData): boolean {
  switch (meaning.subject) {
    case 'tokens':
      return tellTokens(figures, tokenCountersOf(meaning, point.attributes), added);
    case 'cost':
      return tellCost(figures, added);
    default:
      if (isHistogram(added)) tellOutcomes(figures, labels.OUTCOME, added.count);
      return tellDurations(figures, { meaning, unit: point.metric.unit, added });
  }
}

function tellOutcomes({ counts }: Figures, outcome: string, calls: number): void {
  if (outcome !== '') counts.steps += calls;
  if (outcome === 'ERROR') counts.errors += calls;
}

function tellTokens({ counts }: Figures, counters: readonly TokenCounter[], added: PointData): boolean {
  const used = Math.round(totalOf(added) ?? 0);
  for (const counter of counters) counts[counter] += used;
  return used > 0 && counters.length > 0;
}

/** What the tokens of a point count towards. */
export function tokenCountersOf(
  { typeAttribute, counters }: TokenMeaning,
  attributes: Attributes,
): readonly TokenCounter[] {
  const type = typeAttribute === null ? '' : (textOf(attributes.get(typeAttribute)) ?? '');
  return Object.hasOwn(counters, type) ? (counters[type] ?? []) : [];
}

function tellCost(figures: Figures, added: PointData): boolean {
  const dollars = dollarsFromNumber(totalOf(added) ?? 0);
  if (dollars === null) return false;
  figures.costPicodollars = parseDollars(dollars);
  return figures.costPicodollars > 0n;
}

function tellDurations(
  figures: Figures,
  { meaning, unit, added }: { meaning: DurationMeaning; unit: string; added: PointData },
): boolean {
  const toMs = UNIT_MS.get(unit === '' ? meaning.unit : unit);
  if (toMs === undefined || !isHistogram(added) || added.count === 0) return false;
  const buckets = bucketsOf(added).map(([value, count]): [number, number] => [value * toMs, count]);
  const sumMs = added.sum === null || added.sum < 0 ? null : added.sum * toMs;
  summaryOf(figures, meaning.subject).addBucketed(buckets, sumMs);
  return true;
}

/** The sum of what was counted or measured; null where it was not sent. */
function totalOf(data: PointData): number | null {
  if (data.kind === 'sum') return data.value;
  return isHistogram(data) ? data.sum : null;
}

export function isHistogram(data: PointData): data is HistogramLike {
  return data.kind === 'histogram' || data.kind === 'exponential';
}
