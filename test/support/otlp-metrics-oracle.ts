import type { MetricPoint, PointData } from '../../src/ingest/metric/point.js';
import type { Attributes, AttributeValue } from '../../src/ingest/telemetry.js';
import { otlpRoot } from './otlp-schema.js';

const request = otlpRoot().lookupType('ExportMetricsServiceRequest');

type Message = Record<string, unknown>;

const KINDS: readonly (readonly [string, PointData['kind']])[] = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential'],
  ['summary', 'summary'],
];

/** Decodes with protobufjs and maps to the product's types: the yardstick for content. Refuses no point. */
export function decodeMetricsByProtobufjs(body: Uint8Array): MetricPoint[] {
  const message = request.toObject(request.decode(body), { defaults: true, arrays: true, oneofs: false }) as Message;
  return list(message.resourceMetrics).flatMap((resourceMetrics) => {
    const resource = attributesOf(list((resourceMetrics.resource as Message | null)?.attributes));
    return list(resourceMetrics.scopeMetrics).flatMap((scopeMetrics) => {
      const sent = scopeMetrics.scope as Message | null;
      const scope = {
        name: String(sent?.name ?? ''),
        version: String(sent?.version ?? ''),
        attributes: attributesOf(list(sent?.attributes)),
      };
      return list(scopeMetrics.metrics).flatMap((metric) => pointsOf(metric, resource, scope));
    });
  });
}

function pointsOf(metric: Message, resource: Attributes, scope: MetricPoint['metric']['scope']): MetricPoint[] {
  const found = KINDS.find(([name]) => metric[name] !== undefined && metric[name] !== null);
  if (found === undefined) return [];
  const [name, kind] = found;
  const data = metric[name] as Message;
  const shared = {
    name: String(metric.name),
    unit: String(metric.unit),
    temporality: ([null, 'delta', 'cumulative'] as const)[Number(data.aggregationTemporality ?? 0)] ?? null,
    isMonotonic: data.isMonotonic === true,
    resource,
    scope,
  };
  return list(data.dataPoints).map((point) => ({
    metric: shared,
    startMs: Number(point.startTimeUnixNano) / 1e6,
    timeMs: Number(point.timeUnixNano) / 1e6,
    attributes: attributesOf(list(point.attributes)),
    data: dataOf(kind, point),
  }));
}

function dataOf(kind: PointData['kind'], point: Message): PointData {
  if (kind === 'gauge' || kind === 'sum') return { kind, value: Number(point.asDouble || point.asInt || 0) };
  if (kind === 'summary') return { kind, count: Number(point.count), sum: Number(point.sum) };
  const recorded = {
    count: Number(point.count),
    sum: optional(point.sum),
    min: optional(point.min),
    max: optional(point.max),
  };
  if (kind === 'histogram')
    return { kind, ...recorded, bounds: numbers(point.explicitBounds), counts: numbers(point.bucketCounts) };
  return {
    kind,
    ...recorded,
    scale: Number(point.scale),
    zeroCount: Number(point.zeroCount),
    zeroThreshold: Number(point.zeroThreshold),
    positive: bucketsOf(point.positive),
    negative: bucketsOf(point.negative),
  };
}

function bucketsOf(buckets: unknown) {
  const message = (buckets ?? {}) as Message;
  return { offset: Number(message.offset ?? 0), counts: numbers(message.bucketCounts) };
}

const list = (value: unknown) => (value ?? []) as Message[];
const numbers = (value: unknown) => ((value ?? []) as unknown[]).map(Number);
const optional = (value: unknown) => (value === undefined || value === null ? null : Number(value));

function attributesOf(pairs: Message[]): Attributes {
  return new Map(pairs.map(({ key, value }) => [String(key), anyValueOf(value as Message)]));
}

function anyValueOf(any: Message): AttributeValue {
  const [value] = Object.values(any);
  return typeof value === 'object' ? Number(value) : (value as string | boolean | number);
}
