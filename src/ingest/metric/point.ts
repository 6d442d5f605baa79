import type { Attributes, Rejection, Scope } from '../telemetry.js';

/** What a decoded OTLP metrics request holds, whatever its encoding: the wire's own shape, before any convention is read into it. */

/** Delta points count since the point before, cumulative ones since their series began. */
export type Temporality = 'delta' | 'cumulative';

/** What the points of one Metric share: never changed after decoding. */
export interface OtlpMetric {
  name: string;
  /** UCUM, as sent: `s`, `ms`, `{token}`, `USD`; '' when there is none. */
  unit: string;
  /** null for gauges and summaries, which have none. */
  temporality: Temporality | null;
  /** A sum that only grows; false for everything else. */
  isMonotonic: boolean;
  resource: Attributes;
  scope: Scope;
}

export interface GaugeData {
  kind: 'gauge';
  value: number;
}

export interface SumData {
  kind: 'sum';
  value: number;
}

/** What both kinds of histogram say of their values; null where it was not sent. */
interface Recorded {
  count: number;
  sum: number | null;
  min: number | null;
  max: number | null;
}

export interface HistogramData extends Recorded {
  kind: 'histogram';
  /** Ascending upper bounds, each inclusive; the last bucket has none. */
  bounds: number[];
  /** One more than the bounds; empty when no buckets were sent. */
  counts: number[];
}

/** Buckets of ever growing width: the one of index i holds (base^i, base^(i+1)], base = 2^(2^−scale). */
export interface ExponentialHistogramData extends Recorded {
  kind: 'exponential';
  scale: number;
  zeroCount: number;
  zeroThreshold: number;
  positive: ExponentialBuckets;
  /** Of the values' magnitudes. */
  negative: ExponentialBuckets;
}

export interface ExponentialBuckets {
  /** The index of the first count. */
  offset: number;
  counts: number[];
}

/** Quantiles do not add up, over time or over series: nothing but the count and the sum is read. */
export interface SummaryData {
  kind: 'summary';
  count: number;
  sum: number;
}

export type HistogramLike = HistogramData | ExponentialHistogramData;
export type PointData = GaugeData | SumData | HistogramLike | SummaryData;

export interface MetricPoint {
  metric: OtlpMetric;
  /** Milliseconds since the epoch; 0 when the start is not known. */
  startMs: number;
  timeMs: number;
  attributes: Attributes;
  data: PointData;
}

export interface DecodedMetrics {
  points: MetricPoint[];
  /** Points flagged as having no recorded value: accepted, and saying nothing. */
  emptyPoints: number;
  rejected: Rejection;
}
