import type {
  DecodedMetrics,
  ExponentialBuckets,
  ExponentialHistogramData,
  HistogramData,
  OtlpMetric,
  PointData,
  SummaryData,
} from '../metric/point.js';
import { readEnvelope } from './envelope.js';
import type { DecodeLimits } from './limits.js';
import {
  acceptPoints,
  type DataKind,
  type DraftPoint,
  draftMetric,
  draftPoint,
  type PointsSoFar,
  refuseMorePoints,
  temporalityOf,
} from './metric-point.js';
import { OtlpReader } from './otlp-reader.js';

/**
 * Decodes an `ExportMetricsServiceRequest` in protobuf. Points that are wrong by themselves are left out and counted in
 * `rejected`; unknown fields are skipped, exemplars too.
 *
 * @throws AppError `VALIDATION_FAILED` for bytes that are no such message, naming the byte offset and what was expected
 * there; `PAYLOAD_TOO_LARGE` for more points or values than `limits` allow.
 *
 * Source: opentelemetry-proto, collector/metrics/v1/metrics_service.proto and metrics/v1/metrics.proto.
 */
export function decodeMetricsProtobuf(body: Uint8Array, limits: DecodeLimits): DecodedMetrics {
  const reader = new OtlpReader(body, limits);
  const into: PointsSoFar = { points: [], emptyPoints: 0 };
  readEnvelope(reader, ({ resource, scope }) => readMetric(reader, draftMetric(resource, scope), into));
  return { ...into, rejected: reader.rejections.result() };
}

/** The `data` of a Metric is a oneof of these fields. */
const DATA_TAGS = new Map<number, DataKind>([
  [42, 'gauge'],
  [58, 'sum'],
  [74, 'histogram'],
  [82, 'exponential'],
  [90, 'summary'],
]);

// The metric is filled in place: its fields may come after the points that share them.
function readMetric(reader: OtlpReader, metric: OtlpMetric, into: PointsSoFar): void {
  const outerEnd = reader.enter();
  let drafts: DraftPoint[] = [];
  let known: DataKind | null = null;
  while (reader.hasMore()) {
    const tag = reader.readTag();
    const kind = DATA_TAGS.get(tag);
    if (tag === 10) metric.name = reader.readText();
    else if (tag === 26) metric.unit = reader.readText();
    else if (kind !== undefined) {
      // Of a oneof the last one holds; the same one twice is merged.
      if (kind !== known) {
        drafts = [];
        metric.temporality = null;
        metric.isMonotonic = false;
      }
      known = kind;
      readData(reader, { metric, kind, drafts, into });
    } else reader.skip(tag);
  }
  reader.leave(outerEnd);
  acceptPoints(metric, drafts, { into, limits: reader.limits, rejections: reader.rejections });
}

interface DataTarget {
  metric: OtlpMetric;
  kind: DataKind;
  drafts: DraftPoint[];
  into: PointsSoFar;
}

function readData(reader: OtlpReader, { metric, kind, drafts, into }: DataTarget): void {
  const outerEnd = reader.enter();
  const hasTemporality = kind !== 'gauge' && kind !== 'summary';
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 10) {
      refuseMorePoints(drafts.length + into.points.length + into.emptyPoints + reader.rejections.count, reader.limits);
      drafts.push(readPoint(reader, kind));
    } else if (tag === 16 && hasTemporality) metric.temporality = temporalityOf(reader.readInt32());
    else if (tag === 24 && kind === 'sum') metric.isMonotonic = reader.readBool();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

/** Field numbers differ from kind to kind, but for the times. */
const ATTRIBUTE_TAGS: Record<DataKind, number> = { gauge: 58, sum: 58, histogram: 74, exponential: 10, summary: 58 };
const FLAG_TAGS: Record<DataKind, number> = { gauge: 64, sum: 64, histogram: 80, exponential: 80, summary: 64 };

function readPoint(reader: OtlpReader, kind: DataKind): DraftPoint {
  const outerEnd = reader.enter();
  const point = draftPoint(kind);
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 17) point.startMs = reader.readTimeMs();
    else if (tag === 25) point.timeMs = reader.readTimeMs();
    else if (tag === ATTRIBUTE_TAGS[kind]) point.attributes = reader.withAttribute(point.attributes);
    else if (tag === FLAG_TAGS[kind]) point.flags = reader.readInt32();
    else readDataField(reader, point.data, tag);
  }
  reader.leave(outerEnd);
  return point;
}

function readDataField(reader: OtlpReader, data: PointData, tag: number): void {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      if (tag === 33) data.value = reader.readDouble();
      else if (tag === 49) data.value = reader.readSfixed64();
      else reader.skip(tag);
      break;
    case 'histogram':
      readHistogramField(reader, data, tag);
      break;
    case 'exponential':
      readExponentialField(reader, data, tag);
      break;
    case 'summary':
      readSummaryField(reader, data, tag);
      break;
  }
}

function readHistogramField(reader: OtlpReader, data: HistogramData, tag: number): void {
  const { bucketsMax } = reader.limits;
  if (tag === 33) data.count = reader.readFixed64();
  else if (tag === 41) data.sum = reader.readDouble();
  else if (tag === 49) pushBounded(data.counts, reader.readFixed64(), bucketsMax);
  else if (tag === 50) readPacked(reader, data.counts, () => reader.readFixed64());
  else if (tag === 57) pushBounded(data.bounds, reader.readDouble(), bucketsMax);
  else if (tag === 58) readPacked(reader, data.bounds, () => reader.readDouble());
  else if (tag === 89) data.min = reader.readDouble();
  else if (tag === 97) data.max = reader.readDouble();
  else reader.skip(tag);
}

function readExponentialField(reader: OtlpReader, data: ExponentialHistogramData, tag: number): void {
  if (tag === 33) data.count = reader.readFixed64();
  else if (tag === 41) data.sum = reader.readDouble();
  else if (tag === 48) data.scale = reader.readSint32();
  else if (tag === 57) data.zeroCount = reader.readFixed64();
  else if (tag === 66) readBuckets(reader, data.positive);
  else if (tag === 74) readBuckets(reader, data.negative);
  else if (tag === 97) data.min = reader.readDouble();
  else if (tag === 105) data.max = reader.readDouble();
  else if (tag === 113) data.zeroThreshold = reader.readDouble();
  else reader.skip(tag);
}

function readBuckets(reader: OtlpReader, buckets: ExponentialBuckets): void {
  const outerEnd = reader.enter();
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 8) buckets.offset = reader.readSint32();
    else if (tag === 16) pushBounded(buckets.counts, reader.readUint64(), reader.limits.bucketsMax);
    else if (tag === 18) readPacked(reader, buckets.counts, () => reader.readUint64());
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

function readSummaryField(reader: OtlpReader, data: SummaryData, tag: number): void {
  if (tag === 33) data.count = reader.readFixed64();
  else if (tag === 41) data.sum = reader.readDouble();
  else reader.skip(tag);
}

function readPacked(reader: OtlpReader, into: number[], read: () => number): void {
  const outerEnd = reader.enter();
  while (reader.hasMore()) pushBounded(into, read(), reader.limits.bucketsMax);
  reader.leave(outerEnd);
}

/** One more than the bound is kept, by which the point is known as too large. */
function pushBounded(into: number[], value: number, max: number): void {
  if (into.length <= max) into.push(value);
}
