import { AppError } from '../../errors.js';
import type { DecodedMetrics, ExponentialBuckets, OtlpMetric, PointData } from '../metric/point.js';
import { type EnvelopeNames, type Origin, readJsonEnvelope } from './envelope.js';
import { parseJsonBody } from './json-body.js';
import { type JsonObject, JsonReader, messageIn, messagesIn, numberIn, problemIn } from './json-reader.js';
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
import { dataPointLabel } from './rejections.js';
import { parseTimeMs } from './time.js';

const NAMES: EnvelopeNames = ['resourceMetrics', 'scopeMetrics', 'metrics'];

/**
 * Decodes an `ExportMetricsServiceRequest` in OTLP/JSON to what `decodeMetricsProtobuf` makes of the same request. Unknown
 * fields are ignored. A point with a field of a wrong type is left out and counted.
 *
 * @throws AppError `VALIDATION_FAILED` for a body that is not JSON, too deep, or not shaped like the request;
 * `PAYLOAD_TOO_LARGE` for more points or values than `limits` allow.
 *
 * Source: opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding".
 */
export function decodeMetricsJson(body: Uint8Array, limits: DecodeLimits): DecodedMetrics {
  const reader = new JsonReader(limits);
  const into: PointsSoFar = { points: [], emptyPoints: 0 };
  const readItem = (item: JsonObject, { resource, scope }: Origin) => {
    const metric = draftMetric(resource, scope);
    metric.name = reader.textIn(item, 'name');
    metric.unit = reader.textIn(item, 'unit');
    readData(reader, item, { metric, into });
  };
  readJsonEnvelope(reader, parseJsonBody(body, limits), { names: NAMES, readItem });
  return { ...into, rejected: reader.rejections.result() };
}

/** The `data` of a Metric is a oneof of these fields. */
const DATA_NAMES: readonly (readonly [name: string, kind: DataKind])[] = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential'],
  ['summary', 'summary'],
];

function readData(
  reader: JsonReader,
  message: JsonObject,
  { metric, into }: { metric: OtlpMetric; into: PointsSoFar },
): void {
  const present = DATA_NAMES.find(([name]) => message[name] !== undefined && message[name] !== null);
  if (present === undefined) return;
  const [name, kind] = present;
  const data = messageIn(message, name);
  if (kind !== 'gauge' && kind !== 'summary')
    metric.temporality = temporalityOf(numberIn(data, 'aggregationTemporality'));
  metric.isMonotonic = kind === 'sum' && data.isMonotonic === true;
  const drafts: DraftPoint[] = [];
  for (const [index, point] of messagesIn(data, 'dataPoints').entries()) {
    refuseMorePoints(drafts.length + into.points.length + into.emptyPoints + reader.rejections.count, reader.limits);
    const draft = draftPoint(kind);
    const problem = problemIn(() => readPoint(reader, point, draft));
    if (problem !== null) reader.rejections.refuse(`${dataPointLabel(index, metric.name)}: ${problem}`);
    else drafts.push(draft);
  }
  acceptPoints(metric, drafts, { into, limits: reader.limits, rejections: reader.rejections });
}

function readPoint(reader: JsonReader, message: JsonObject, draft: DraftPoint): void {
  draft.startMs = parseTimeMs(message.startTimeUnixNano);
  draft.timeMs = parseTimeMs(message.timeUnixNano);
  draft.attributes = reader.attributesIn(message);
  draft.flags = numberIn(message, 'flags');
  readValues(message, draft.data, reader.limits);
}

function readValues(message: JsonObject, data: PointData, limits: DecodeLimits): void {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      data.value = present(message.asDouble) ? amountOf(message.asDouble) : amountOf(message.asInt);
      return;
    case 'summary':
      data.count = countIn(message, 'count');
      data.sum = present(message.sum) ? amountOf(message.sum) : 0;
      return;
    case 'histogram':
    case 'exponential':
      data.count = countIn(message, 'count');
      data.sum = optionalIn(message, 'sum');
      data.min = optionalIn(message, 'min');
      data.max = optionalIn(message, 'max');
  }
  if (data.kind === 'histogram') {
    data.bounds = numbersIn(message, 'explicitBounds', limits);
    data.counts = numbersIn(message, 'bucketCounts', limits);
  } else {
    data.scale = numberIn(message, 'scale');
    data.zeroCount = countIn(message, 'zeroCount');
    data.zeroThreshold = present(message.zeroThreshold) ? amountOf(message.zeroThreshold) : 0;
    data.positive = bucketsIn(message, 'positive', limits);
    data.negative = bucketsIn(message, 'negative', limits);
  }
}

function bucketsIn(message: JsonObject, name: string, limits: DecodeLimits): ExponentialBuckets {
  const buckets = messageIn(message, name);
  return { offset: numberIn(buckets, 'offset'), counts: numbersIn(buckets, 'bucketCounts', limits) };
}

/** One more than the bound is kept, by which the point is known as too large. */
function numbersIn(message: JsonObject, name: string, { bucketsMax }: DecodeLimits): number[] {
  const list = message[name];
  if (!present(list)) return [];
  if (!Array.isArray(list)) throw new AppError('VALIDATION_FAILED', `${name} must be an array`);
  return list.slice(0, bucketsMax + 1).map(amountOf);
}

function countIn(message: JsonObject, name: string): number {
  return present(message[name]) ? amountOf(message[name]) : 0;
}

/** Exporters write NaN as null: then it is as if it had not been sent. */
function optionalIn(message: JsonObject, name: string): number | null {
  return present(message[name]) ? amountOf(message[name]) : null;
}

/** A number or the text of one, as 64-bit integers are sent; NaN for everything else. */
function amountOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}
