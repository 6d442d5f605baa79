import { parseJsonBody } from './json-body.js';
import { asMessage, type JsonObject, messageIn, messagesIn } from './json-reader.js';
import type { DecodeLimits, OtlpEncoding } from './limits.js';
import { LOGS_REQUEST, METRICS_REQUEST, type MessageField, type MessageShape } from './message-shape.js';
import { WireReader } from './wire.js';

const LENGTH_DELIMITED = 2;

/**
 * How many log records an `ExportLogsServiceRequest` holds.
 * @throws AppError `VALIDATION_FAILED` when the body is not well-formed.
 */
export function countLogRecords(body: Uint8Array, encoding: OtlpEncoding, limits: DecodeLimits): number {
  return countItems(body, { shape: LOGS_REQUEST, encoding, limits });
}

/**
 * How many data points an `ExportMetricsServiceRequest` holds, over all five kinds of metric.
 * @throws AppError `VALIDATION_FAILED` when the body is not well-formed.
 */
export function countDataPoints(body: Uint8Array, encoding: OtlpEncoding, limits: DecodeLimits): number {
  return countItems(body, { shape: METRICS_REQUEST, encoding, limits });
}

interface Request {
  shape: MessageShape;
  encoding: OtlpEncoding;
  limits: DecodeLimits;
}

function countItems(body: Uint8Array, { shape, encoding, limits }: Request): number {
  if (encoding === 'json') return countJson(asMessage(parseJsonBody(body, limits), 'the request'), shape);
  const reader = new WireReader(body);
  // The outermost value of an attribute is no level of nesting yet.
  return countWire(reader, shape, limits.valueDepthMax + 1);
}

function countWire(reader: WireReader, shape: MessageShape, valueLevelsLeft: number): number {
  const levelsLeft = shape.isValue ? valueLevelsLeft - 1 : valueLevelsLeft;
  if (levelsLeft < 0) reader.refuse('fewer levels of arrays and lists in a value');
  let count = shape.isItem ? 1 : 0;
  while (reader.hasMore()) {
    const tag = reader.readTag();
    const field = (tag & 7) === LENGTH_DELIMITED ? fieldNumbered(shape, tag >>> 3) : undefined;
    if (field === undefined) {
      reader.skip(tag);
      continue;
    }
    const outerEnd = reader.enter();
    count += countWire(reader, field.shape, levelsLeft);
    reader.leave(outerEnd);
  }
  return count;
}

function fieldNumbered(shape: MessageShape, number: number): MessageField | undefined {
  return shape.fields.find((field) => field.number === number);
}

// The depth of a JSON body was bounded before it was parsed.
function countJson(message: JsonObject, shape: MessageShape): number {
  let count = shape.isItem ? 1 : 0;
  for (const { jsonName, isRepeated, shape: inner } of shape.fields) {
    const messages = isRepeated ? messagesIn(message, jsonName) : presentMessage(message, jsonName);
    for (const child of messages) count += countJson(child, inner);
  }
  return count;
}

function presentMessage(parent: JsonObject, name: string): JsonObject[] {
  return parent[name] === undefined || parent[name] === null ? [] : [messageIn(parent, name)];
}
