import { HOUR_MS } from '../../time.js';
import { differenceOf } from './difference.js';
import type { MetricPoint, PointData } from './point.js';

/**
 * What is remembered of a metric series, so that nothing it sends is counted twice. One identity may have several writers, such
 * as replicas that name no instance: they are told apart by when they began.
 */
export type SeriesState = CumulativeState | DeltaState;

export interface CumulativeState {
  writers: Writer[];
}

interface Writer {
  startMs: number;
  lastMs: number;
  data: PointData;
}

export interface DeltaState {
  /** Start and time of the last points, oldest time first. */
  seen: [startMs: number, timeMs: number][];
}

const WRITERS_MAX = 16;
const SEEN_MAX = 64;
/** A series younger than this at its first point is taken to have been heard from its beginning. */
const YOUNG_MS = HOUR_MS;
/** Points of one export differ by less: what was heard earlier than this before a point is an export before. */
const EXPORT_MS = 1_000;

/** What a point adds to what was counted before, null for nothing, and what is remembered from then on. */
export interface Advance<State> {
  state: State;
  added: PointData | null;
}

/** A delta point counts whole, once. One that is older than all that is remembered counts as one that came before. */
export function advanceDelta(state: DeltaState | null, { startMs, timeMs, data }: MetricPoint): Advance<DeltaState> {
  const seen = state?.seen ?? [];
  const isKnown = seen.some(([start, time]) => start === startMs && time === timeMs);
  const oldest = seen.length >= SEEN_MAX ? (seen[0]?.[1] ?? 0) : Number.NEGATIVE_INFINITY;
  if (isKnown || timeMs < oldest) return { state: { seen }, added: null };
  const all = [...seen, [startMs, timeMs] as [number, number]].sort(([, left], [, right]) => left - right);
  return { state: { seen: all.slice(-SEEN_MAX) }, added: data };
}

/**
 * A cumulative point counts what it has beyond the last one of its writer; a point that is not newer counts nothing. When a
 * value falls, or a writer begins after the last point of all others, the series began anew and the point counts whole.
 *
 * The first point of a writer counts whole when all of it was recorded under our eyes: it began at most an hour ago, or
 * after its resource was first heard of (`heardSinceMs`), or its resource was heard of before without this series. Otherwise
 * nobody knows when what it holds was used, and it is only where the counting starts from.
 *
 * Source: OpenTelemetry specification, metrics data model, "Resets and Gaps" and "Cumulative streams: handling unknown start
 * time" (a start that is absent or equal to the point's time says nothing).
 */
export function advanceCumulative(
  state: CumulativeState | null,
  point: MetricPoint,
  heardSinceMs: number | null,
): Advance<CumulativeState> {
  const writers = state?.writers ?? [];
  const { startMs, timeMs, data } = point;
  const hasStart = startMs > 0 && startMs < timeMs;
  const writer = hasStart ? writers.find((each) => each.startMs === startMs) : latestOf(writers);
  const next: Writer = { startMs: hasStart || writer === undefined ? startMs : writer.startMs, lastMs: timeMs, data };
  // An unknown start that is the point's own time is the start the next points will name.
  if (!hasStart && startMs > 0) next.startMs = startMs;
  if (writer !== undefined) {
    if (timeMs <= writer.lastMs) return { state: { writers }, added: null };
    return { state: { writers: replaced(writers, writer, next) }, added: differenceOf(data, writer.data) ?? data };
  }
  const isWhole = isSeenFromItsStart({ point, hasStart, writers, heardSinceMs });
  return { state: { writers: replaced(writers, null, next) }, added: isWhole ? data : null };
}

function isSeenFromItsStart({
  point: { startMs, timeMs },
  hasStart,
  writers,
  heardSinceMs,
}: {
  point: MetricPoint;
  hasStart: boolean;
  writers: readonly Writer[];
  heardSinceMs: number | null;
}): boolean {
  if (hasStart && timeMs - startMs <= YOUNG_MS) return true;
  if (heardSinceMs === null) return false;
  if (hasStart && startMs >= heardSinceMs) return true;
  return writers.length === 0 && heardSinceMs <= timeMs - EXPORT_MS;
}

function latestOf(writers: readonly Writer[]): Writer | undefined {
  return writers.reduce<Writer | undefined>(
    (latest, each) => (latest === undefined || each.lastMs > latest.lastMs ? each : latest),
    undefined,
  );
}

/** The writers with `next` in the place of `writer`, the longest silent ones forgotten beyond the bound. */
function replaced(writers: readonly Writer[], writer: Writer | null, next: Writer): Writer[] {
  const others = writers.filter((each) => each !== writer && each.startMs !== next.startMs);
  return [...others, next].sort((left, right) => right.lastMs - left.lastMs).slice(0, WRITERS_MAX);
}
