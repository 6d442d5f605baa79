import { AppError } from '../../errors.js';
import type {
  ExponentialBuckets,
  ExponentialHistogramData,
  HistogramData,
  HistogramLike,
  MetricPoint,
  OtlpMetric,
  PointData,
  Temporality,
} from '../metric/point.js';
import { type Attributes, EMPTY_ATTRIBUTES, type Scope } from '../telemetry.js';
import type { DecodeLimits } from './limits.js';
import { dataPointLabel, type Rejections } from './rejections.js';
import { timeProblem } from './span.js';

/** `DataPointFlags`: the point says that its series had nothing to record. */
const NO_RECORDED_VALUE = 1;
/** Exponents of two that a double can hold, subnormal ones included. */
const EXPONENT_MIN = -1_074;
const EXPONENT_MAX = 1_024;

export type DataKind = PointData['kind'];

/** A point as it is read: numbers that are absent or unreadable are NaN until it is accepted. */
export interface DraftPoint {
  startMs: number;
  timeMs: number;
  attributes: Attributes;
  flags: number;
  data: PointData;
}

export function draftMetric(resource: Attributes, scope: Scope): OtlpMetric {
  return { name: '', unit: '', temporality: null, isMonotonic: false, resource, scope };
}

/** A point with what OTLP means by fields that are absent. */
export function draftPoint(kind: DataKind): DraftPoint {
  return { startMs: 0, timeMs: 0, attributes: EMPTY_ATTRIBUTES, flags: 0, data: draftData(kind) };
}

function draftData(kind: DataKind): PointData {
  switch (kind) {
    case 'gauge':
    case 'sum':
      return { kind, value: Number.NaN };
    case 'summary':
      return { kind, count: 0, sum: 0 };
    case 'histogram':
      return { kind, count: 0, sum: null, min: null, max: null, bounds: [], counts: [] };
    case 'exponential': {
      const recorded = { count: 0, sum: null, min: null, max: null };
      const buckets = { positive: { offset: 0, counts: [] }, negative: { offset: 0, counts: [] } };
      return { kind, ...recorded, scale: 0, zeroCount: 0, zeroThreshold: 0, ...buckets };
    }
  }
}

/** `AggregationTemporality`, by number. */
export function temporalityOf(number: number): Temporality | null {
  if (number === 1) return 'delta';
  return number === 2 ? 'cumulative' : null;
}

/** Where the points of one request are gathered. */
export interface PointsSoFar {
  points: MetricPoint[];
  emptyPoints: number;
}

/** Called before one more point is read. @throws AppError `PAYLOAD_TOO_LARGE` when the request has no room for it. */
export function refuseMorePoints(count: number, limits: DecodeLimits): void {
  if (count < limits.dataPointsMax) return;
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `The request holds more than ${limits.dataPointsMax} data points: send fewer at a time.`,
  );
}

/**
 * Keeps the points of one metric that hold together and refuses the others one by one, by name.
 *
 * Source: opentelemetry-proto, metrics/v1/metrics.proto; OpenTelemetry specification, metrics data model.
 */
export function acceptPoints(
  metric: OtlpMetric,
  drafts: readonly DraftPoint[],
  { into, limits, rejections }: { into: PointsSoFar; limits: DecodeLimits; rejections: Rejections },
): void {
  for (const [index, draft] of drafts.entries()) {
    const isEmpty = (draft.flags & NO_RECORDED_VALUE) !== 0;
    const problem =
      metricProblem(metric, draft) ?? pointProblem(draft) ?? (isEmpty ? null : dataProblem(metric, draft.data, limits));
    if (problem !== null) rejections.refuse(`${dataPointLabel(index, metric.name)}: ${problem}`);
    else if (isEmpty) into.emptyPoints += 1;
    else {
      const { timeMs, attributes, data } = draft;
      // A start after the end says as little as none.
      into.points.push({ metric, startMs: draft.startMs > timeMs ? 0 : draft.startMs, timeMs, attributes, data });
    }
  }
}

function metricProblem({ name, temporality }: OtlpMetric, { data }: DraftPoint): string | null {
  if (name === '') return 'the metric has no name';
  const needsTemporality = data.kind !== 'gauge' && data.kind !== 'summary';
  return needsTemporality && temporality === null ? 'aggregation_temporality is neither delta nor cumulative' : null;
}

function pointProblem({ startMs, timeMs }: DraftPoint): string | null {
  return (
    timeProblem('start_time_unix_nano', startMs) ??
    timeProblem('time_unix_nano', timeMs) ??
    (timeMs === 0 ? 'time_unix_nano is 0 or absent' : null)
  );
}

function dataProblem(metric: OtlpMetric, data: PointData, limits: DecodeLimits): string | null {
  switch (data.kind) {
    case 'gauge':
      return finiteProblem('the value', data.value);
    case 'sum':
      return (
        finiteProblem('the value', data.value) ??
        (metric.isMonotonic && data.value < 0 ? 'a sum that only grows is negative' : null)
      );
    case 'summary':
      return countProblem('count', data.count) ?? finiteProblem('sum', data.sum);
    case 'histogram':
      return recordedProblem(data) ?? explicitProblem(data, limits);
    case 'exponential':
      return recordedProblem(data) ?? exponentialProblem(data, limits);
  }
}

function recordedProblem({ count, sum, min, max }: HistogramLike): string | null {
  return (
    countProblem('count', count) ??
    (sum === null ? null : finiteProblem('sum', sum)) ??
    (min === null ? null : finiteProblem('min', min)) ??
    (max === null ? null : finiteProblem('max', max))
  );
}

function explicitProblem({ count, bounds, counts }: HistogramData, { bucketsMax }: DecodeLimits): string | null {
  if (counts.length > bucketsMax) return `more than ${bucketsMax} buckets`;
  if (counts.length === 0 && bounds.length === 0) return null;
  if (counts.length !== bounds.length + 1)
    return `${counts.length} bucket_counts for ${bounds.length} explicit_bounds, one more expected`;
  for (const [index, bound] of bounds.entries()) {
    if (!Number.isFinite(bound)) return 'explicit_bounds hold what is not a finite number';
    if (index > 0 && bound <= (bounds[index - 1] as number)) return 'explicit_bounds do not ascend';
  }
  return totalProblem(counts, count);
}

function exponentialProblem(data: ExponentialHistogramData, { bucketsMax }: DecodeLimits): string | null {
  const { scale, count, zeroCount, zeroThreshold, positive, negative } = data;
  if (positive.counts.length + negative.counts.length > bucketsMax) return `more than ${bucketsMax} buckets`;
  return (
    finiteProblem('zero_threshold', zeroThreshold) ??
    rangeProblem(positive, scale) ??
    rangeProblem(negative, scale) ??
    totalProblem([zeroCount, ...positive.counts, ...negative.counts], count)
  );
}

function rangeProblem({ offset, counts }: ExponentialBuckets, scale: number): string | null {
  if (!Number.isInteger(offset) || !Number.isInteger(scale)) return 'scale or offset is not a 32-bit number';
  if (counts.length === 0) return null;
  const lowest = offset * 2 ** -scale;
  const highest = (offset + counts.length) * 2 ** -scale;
  return lowest >= EXPONENT_MIN && highest <= EXPONENT_MAX ? null : 'buckets lie beyond what a double can hold';
}

function totalProblem(counts: readonly number[], count: number): string | null {
  let total = 0;
  for (const each of counts) {
    const problem = countProblem('bucket_counts', each);
    if (problem !== null) return problem;
    total += each;
  }
  return total === count ? null : `count is ${count}, its buckets hold ${total}`;
}

function countProblem(name: string, count: number): string | null {
  return Number.isSafeInteger(count) && count >= 0 ? null : `${name} is not a whole number below 2^53`;
}

function finiteProblem(name: string, value: number): string | null {
  return Number.isFinite(value) ? null : `${name} is absent or not a finite number`;
}
