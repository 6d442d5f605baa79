import { decodeMetrics } from '../../src/ingest/decode/metrics.js';
import type { DecodedMetrics, MetricPoint, PointData, Temporality } from '../../src/ingest/metric/point.js';

/** A metric as a test writes it: one kind of data in OTLP/JSON's own words. */
export interface TestMetric {
  name: string;
  unit?: string;
  gauge?: object;
  sum?: object;
  histogram?: object;
  exponentialHistogram?: object;
  summary?: object;
}

export const DELTA = 1;
export const CUMULATIVE = 2;

export const keyValues = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));

export const nanoseconds = (ms: number) => String(BigInt(Math.round(ms * 1_000)) * 1_000n);

/** The part every data point has; times in milliseconds. */
export const pointAt = (timeMs: number, attributes: Record<string, string> = {}, startMs = timeMs - 60_000) => ({
  startTimeUnixNano: nanoseconds(startMs),
  timeUnixNano: nanoseconds(timeMs),
  attributes: keyValues(attributes),
});

/** An OTLP/JSON ExportMetricsServiceRequest of one resource. */
export function metricsRequest(
  metrics: readonly TestMetric[],
  resource: Record<string, string> = { 'service.name': 'app' },
): string {
  return JSON.stringify({
    resourceMetrics: [
      { resource: { attributes: keyValues(resource) }, scopeMetrics: [{ scope: { name: 'test' }, metrics }] },
    ],
  });
}

export function decoded(metrics: readonly TestMetric[], resource?: Record<string, string>): DecodedMetrics {
  return decodeMetrics(Buffer.from(metricsRequest(metrics, resource)), 'json');
}

/** A point that was decoded, of a metric and a resource of no importance. */
export function pointOf(
  data: PointData,
  { startMs = 0, timeMs = 0, temporality = 'cumulative' as Temporality } = {},
): MetricPoint {
  const scope = { name: 'test', version: '', attributes: new Map() };
  const metric = { name: 'm', unit: '', temporality, isMonotonic: data.kind === 'sum', resource: new Map(), scope };
  return { metric, startMs, timeMs, attributes: new Map(), data };
}
