import type { DecisionFilter } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import type { Figures } from '../../metric/figures.js';
import type { MetricName } from '../../metric/name.js';
import { addFigures, emptyFigures } from '../../metric/rollup-row.js';
import type { Dimension, Source } from '../../metric/slice.js';
import { MINUTE_MS } from '../../time.js';
import { type FigureGroup, type FigureRecords, readFigures } from './read.js';
import { wholeMinutes } from './span.js';
import { figuresFor, type Statistic, statisticOf } from './statistic.js';

export interface SeriesQuery {
  fleet: string;
  source: Source;
  metric: MetricName;
  statistic: Statistic;
  from: Date;
  /** Excluded. */
  to: Date;
  /** Null: no points, only the value over the whole range. */
  stepMs: number | null;
  groupBy: readonly Dimension[];
  filter: DecisionFilter;
}

export interface Series {
  labels: { dimension: Dimension; value: string; isFolded: boolean }[];
  /** Over the whole range. */
  value: number | null;
  points: { at: Date; value: number | null }[];
}

/** Points of one series at most: a day by the minute. */
export const POINTS_MAX = 1_500;
/** Series of one answer, and points of all of them together, at most. */
const SERIES_MAX = 1_000;
const ANSWER_POINTS_MAX = 200_000;

/**
 * One series for each combination of labels, the largest first; one without labels when nothing is grouped by. Every
 * value is exact over its range: what is merged are the sketches, never percentiles. Throws VALIDATION_FAILED when the
 * range is empty or the answer would be too large.
 */
export async function readSeries(records: FigureRecords, query: SeriesQuery): Promise<Series[]> {
  const { from, to, stepMs, groupBy, metric, statistic } = query;
  checkRange(query);
  const asked = { fromMs: latest(from, query.filter.from), toMs: earliest(to, query.filter.to) };
  const bounds = query.source === 'DECISIONS' ? asked : wholeMinutes(asked);
  const groups = await readFigures(records, {
    ...query,
    ...bounds,
    stepMs,
    ...figuresFor(metric, statistic),
  });
  const bySeries = groupBySeries(groups, groupBy.length === 0);
  const points = stepMs === null ? [] : stepsOf(bounds.fromMs, bounds.toMs, stepMs);
  checkSize(bySeries.size, points.length);
  return [...bySeries.values()]
    .map((members): Series => {
      const byStep = new Map(members.map(({ step, figures }) => [step, figures]));
      return {
        labels: groupBy.map((dimension, index) => ({
          dimension,
          value: members[0]?.labels[index] ?? '',
          isFolded: members.some(({ isFolded }) => isFolded),
        })),
        value: statisticOf(sum(members), metric, statistic),
        points: points.map((at, step) => ({
          at,
          value: statisticOf(byStep.get(step) ?? emptyFigures(), metric, statistic),
        })),
      };
    })
    .sort((left, right) => (right.value ?? -1) - (left.value ?? -1));
}

function checkRange({ from, to, stepMs, source }: SeriesQuery): void {
  if (from >= to) throw new AppError('VALIDATION_FAILED', 'from must be before to', { path: ['query', 'from'] });
  if (stepMs === null) return;
  if (source !== 'DECISIONS' && stepMs % MINUTE_MS !== 0) {
    const message = `stepMs must be whole minutes: ${source} are known by the minute`;
    throw new AppError('VALIDATION_FAILED', message, { path: ['query', 'stepMs'] });
  }
  const lengthMs = to.getTime() - from.getTime();
  if (stepMs >= 1 && lengthMs / stepMs <= POINTS_MAX) return;
  const least = Math.max(1, Math.ceil(lengthMs / POINTS_MAX));
  throw new AppError(
    'VALIDATION_FAILED',
    `stepMs must be at least ${least} for this range: ${POINTS_MAX} points are the most`,
    {
      path: ['query', 'stepMs'],
    },
  );
}

function checkSize(series: number, points: number): void {
  if (series <= SERIES_MAX && series * points <= ANSWER_POINTS_MAX) return;
  throw new AppError(
    'VALIDATION_FAILED',
    `that would be ${series} series of ${points} points: filter, group by less, or take longer steps`,
    { path: ['query', 'groupBy'] },
  );
}

function latest(from: Date, filtered: Date | null | undefined): number {
  return Math.max(from.getTime(), filtered?.getTime() ?? Number.NEGATIVE_INFINITY);
}

function earliest(to: Date, filtered: Date | null | undefined): number {
  return Math.min(to.getTime(), filtered?.getTime() ?? Number.POSITIVE_INFINITY);
}

function groupBySeries(groups: readonly FigureGroup[], isWhole: boolean): Map<string, FigureGroup[]> {
  const series = new Map<string, FigureGroup[]>(isWhole ? [['', []]] : []);
  for (const group of groups) {
    const key = group.labels.join('\0');
    const members = series.get(key) ?? [];
    members.push(group);
    series.set(key, members);
  }
  return series;
}

function stepsOf(fromMs: number, toMs: number, stepMs: number): Date[] {
  const steps: Date[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) steps.push(new Date(atMs));
  return steps;
}

function sum(groups: readonly FigureGroup[]): Figures {
  const total = emptyFigures();
  for (const { figures } of groups) addFigures(total, figures);
  return total;
}
