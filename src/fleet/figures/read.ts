import { parseDollars } from '../../cost/dollars.js';
import type { Pool } from '../../db/pool.js';
import type { DecisionCalendar } from '../../decision/calendar.js';
import { portions } from '../../decision/days.js';
import type { DecisionFilter } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { COUNTERS, type Figures, type Measure, TOTALS, type Total } from '../../metric/figures.js';
import { emptyFigures, summaryOf } from '../../metric/rollup-row.js';
import { type Dimension, OTHER, OVERVIEW_DIMENSIONS, type SliceSource, type Source } from '../../metric/slice.js';
import { decisionCondition, filteredDimensions } from './dimension-filter.js';
import { findHorizon } from './horizon.js';
import { coverBuckets, coverRange, type RollupsSince, type TimeSpan, wholeMinutes } from './span.js';
import { type FigureSql, type FigureSqlRow, figureSql } from './sql.js';

export interface FigureQuery {
  fleet: string;
  source: Source;
  fromMs: number;
  /** Excluded. */
  toMs: number;
  /** Null: the whole range is one step. */
  stepMs: number | null;
  groupBy: readonly Dimension[];
  filter: DecisionFilter;
  /** Whose summaries are wanted. */
  measures: readonly Measure[];
  /** All when left out; the others are 0 in the answer. */
  totals?: readonly Total[];
  /** Agents beyond the bound on cardinality are told apart all the same: by the decisions themselves. */
  tellsAgents?: true;
}

/** The figures of one combination of labels in one step of the range. */
export interface FigureGroup {
  /** In the order of `groupBy`; '' where the value is not known. */
  labels: readonly string[];
  /** Whether values beyond the bound on cardinality are in it: then a label is `other`. */
  isFolded: boolean;
  /** From 0. */
  step: number;
  figures: Figures;
  /** When the first decision with these labels started, whatever the range; to the minute. */
  firstAtMs: number;
  /** When the last one of the range started, as exactly as its rollups say. */
  lastAtMs: number;
}

/** Where figures are read from. */
export interface FigureRecords {
  pool: Pool;
  calendar: DecisionCalendar;
}

/**
 * The figures of a range, exact to the millisecond: whole days, hours and minutes from the rollups, what is left at the edges
 * from the decisions themselves, all in one statement and so of one moment. Figures of other sources are known by the
 * minute, further back by the hour or the day: their range is widened to whole ones. Conditions that no dimension holds are answered from the decisions alone;
 * throws VALIDATION_FAILED for those on other sources.
 */
export async function readFigures(records: FigureRecords, query: FigureQuery): Promise<FigureGroup[]> {
  const range = rangeOf(query);
  if (range.fromMs >= range.toMs) return [];
  const groups = await readCovered(records, query, await findRollupsSince(records.pool, query));
  return query.tellsAgents && groups.some((group) => foldsAgents(group, query))
    ? readCovered(records, query, NO_ROLLUPS)
    : groups;
}

function foldsAgents({ labels, isFolded }: FigureGroup, { groupBy }: FigureQuery): boolean {
  return isFolded && labels[groupBy.indexOf('AGENT')] === OTHER;
}

async function readCovered(records: FigureRecords, query: FigureQuery, since: RollupsSince): Promise<FigureGroup[]> {
  const cover = query.source === 'DECISIONS' ? coverRange : coverBuckets;
  const spans = cover(rangeOf(query), query.stepMs, since);
  const edges = spans.filter(({ tier }) => tier === 'raw');
  // The first portion is nearly always all of them.
  const [days = [], ...further] = edges.length === 0 ? [] : portions(await records.calendar.daysOf(query.fleet, edges));
  const selection = { ...query, source: sliceSourceOf(query) };
  const rows = await readRows(records.pool, figureSql(selection, spans, days));
  for (const portion of further) rows.push(...(await readRows(records.pool, figureSql(selection, edges, portion))));
  return mergeRows(rows, query);
}

async function readRows(pool: Pool, { text, parameters }: FigureSql): Promise<FigureSqlRow[]> {
  return (await pool.query<FigureSqlRow>(text, parameters)).rows;
}

/** Fewer dimensions, fewer rows: what asks for no others is answered from the overview. */
function sliceSourceOf({ source, groupBy, filter }: FigureQuery): SliceSource {
  const dimensions = [...groupBy, ...filteredDimensions(filter)];
  const isOverview = source === 'DECISIONS' && dimensions.every((dimension) => OVERVIEW_DIMENSIONS.includes(dimension));
  return isOverview ? 'OVERVIEW' : source;
}

function rangeOf(query: FigureQuery): TimeSpan {
  return query.source === 'DECISIONS' ? query : wholeMinutes(query);
}

const NO_ROLLUPS: RollupsSince = {
  day: Number.POSITIVE_INFINITY,
  hour: Number.POSITIVE_INFINITY,
  minute: Number.POSITIVE_INFINITY,
};

async function findRollupsSince(pool: Pool, { fleet, source, filter }: FigureQuery): Promise<RollupsSince> {
  const condition = decisionCondition(filter);
  if (condition !== null && source !== 'DECISIONS') {
    throw new AppError('VALIDATION_FAILED', `${condition} is known of decisions only`, { path: ['filter', condition] });
  }
  if (condition !== null) return NO_ROLLUPS;
  // What was folded cannot be told apart any more: the decisions can.
  if (source === 'DECISIONS' && (await isFolded(pool, fleet, filteredDimensions(filter)))) return NO_ROLLUPS;
  return findHorizon(pool);
}

async function isFolded(pool: Pool, fleet: string, dimensions: readonly Dimension[]): Promise<boolean> {
  if (dimensions.length === 0) return false;
  const { rows } = await pool.query<{ folded: boolean }>(
    `SELECT EXISTS (
       SELECT FROM metric_slice
       WHERE fleet_id = $1 AND source = 'DECISIONS' AND folded <> '{}' AND folded && $2::text[]) AS folded`,
    [fleet, dimensions],
  );
  return rows[0]?.folded ?? false;
}

function mergeRows(rows: readonly FigureSqlRow[], query: FigureQuery): FigureGroup[] {
  const groups = new Map<string, FigureGroup>();
  for (const row of rows) {
    const key = `${row.step}\0${row.labels.join('\0')}`;
    const firstAtMs = row.first_at?.getTime() ?? Number.POSITIVE_INFINITY;
    const lastAtMs = row.last_at.getTime();
    const group = groups.get(key) ?? {
      labels: row.labels,
      isFolded: false,
      step: row.step,
      figures: emptyFigures(),
      firstAtMs,
      lastAtMs,
    };
    group.isFolded ||= row.folded;
    group.firstAtMs = Math.min(group.firstAtMs, firstAtMs);
    group.lastAtMs = Math.max(group.lastAtMs, lastAtMs);
    addRow(group.figures, row, query);
    groups.set(key, group);
  }
  // What an amendment took back out leaves nothing.
  return [...groups.values()].filter(({ figures }) => !isNothing(figures));
}

function addRow(figures: Figures, row: FigureSqlRow, { measures, totals = TOTALS }: FigureQuery): void {
  for (const total of totals) {
    if (total === 'cost_usd') figures.costPicodollars += parseDollars(row.cost_usd);
    else figures.counts[total] += Number(row[total]);
  }
  for (const measure of measures) {
    const encoded = row[measure];
    const values = row[`${measure}_values`];
    if (encoded !== null) summaryOf(figures, measure).mergeEncoded(encoded);
    for (const value of values ?? []) summaryOf(figures, measure).add(value);
  }
}

function isNothing({ counts, costPicodollars, summaries }: Figures): boolean {
  return (
    costPicodollars === 0n &&
    COUNTERS.every((counter) => counts[counter] === 0) &&
    Object.values(summaries).every(({ count }) => count === 0)
  );
}
