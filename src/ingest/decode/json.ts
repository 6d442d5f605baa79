import { AppError } from '../../errors.js';
import type { Attributes, DecodedTraces, OtlpSpan, Scope, SpanEvent, SpanLink } from '../telemetry.js';
import { parseJsonBody } from './json-body.js';
import { asMessage, idIn, type JsonObject, JsonReader, messageIn, messagesIn, numberIn } from './json-reader.js';
import type { DecodeLimits } from './limits.js';
import { spanLabel } from './rejections.js';
import { acceptSpan, draftSpan, isParentRemote, refuseMoreSpans, spanKindOf, statusCodeOf } from './span.js';
import { parseTimeMs } from './time.js';

/**
 * Decodes an `ExportTraceServiceRequest` in OTLP/JSON to what `decodeTracesProtobuf` makes of the same request. Unknown
 * fields, snake_case names among them, are ignored. A span with a field of a wrong type is left out and counted.
 *
 * @throws AppError `VALIDATION_FAILED` for a body that is not JSON, too deep, or not shaped like the request;
 * `PAYLOAD_TOO_LARGE` for more spans or values than `limits` allow.
 *
 * Source: opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding".
 */
export function decodeTracesJson(body: Uint8Array, limits: DecodeLimits): DecodedTraces {
  const reader = new JsonReader(limits);
  const request = asMessage(parseJsonBody(body, limits), 'the request');
  const spans: OtlpSpan[] = [];
  for (const resourceSpans of messagesIn(request, 'resourceSpans')) {
    const resource = reader.attributesIn(messageIn(resourceSpans, 'resource'));
    for (const scopeSpans of messagesIn(resourceSpans, 'scopeSpans'))
      readScopeSpans(reader, scopeSpans, { resource, spans });
  }
  return { spans, rejected: reader.rejections.result() };
}

interface Batch {
  resource: Attributes;
  spans: OtlpSpan[];
}

function readScopeSpans(reader: JsonReader, scopeSpans: JsonObject, batch: Batch): void {
  const scope = readScope(reader, messageIn(scopeSpans, 'scope'));
  for (const [index, message] of messagesIn(scopeSpans, 'spans').entries()) {
    refuseMoreSpans(batch.spans.length + reader.rejections.count, reader.limits);
    const span = draftSpan(batch.resource, scope);
    const problem = readSpan(reader, message, span);
    if (problem !== null) reader.rejections.refuse(`${spanLabel(index, scope.name)}: ${problem}`);
    else if (acceptSpan(span, index, reader.rejections)) batch.spans.push(span);
  }
}

function readScope(reader: JsonReader, scope: JsonObject): Scope {
  return {
    name: reader.textIn(scope, 'name'),
    version: reader.textIn(scope, 'version'),
    attributes: reader.attributesIn(scope),
  };
}

/** @returns what is wrong with the span alone, null when it was read. */
function readSpan(reader: JsonReader, message: JsonObject, span: OtlpSpan): string | null {
  try {
    readSpanFields(reader, message, span);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'VALIDATION_FAILED') return error.message;
    throw error;
  }
}

function readSpanFields(reader: JsonReader, message: JsonObject, span: OtlpSpan): void {
  const status = messageIn(message, 'status');
  span.traceId = idIn(message, 'traceId');
  span.spanId = idIn(message, 'spanId');
  span.parentSpanId = idIn(message, 'parentSpanId') || null;
  span.parentIsRemote = isParentRemote(numberIn(message, 'flags'));
  span.name = reader.textIn(message, 'name');
  span.kind = spanKindOf(numberIn(message, 'kind'));
  span.startMs = parseTimeMs(message.startTimeUnixNano);
  span.endMs = parseTimeMs(message.endTimeUnixNano);
  span.attributes = reader.attributesIn(message);
  span.events = firstMessages(reader, message, 'events').map((event) => readEvent(reader, event));
  span.links = firstMessages(reader, message, 'links').map((link) => readLink(reader, link));
  span.statusCode = statusCodeOf(numberIn(status, 'code'));
  span.statusMessage = reader.textIn(status, 'message');
}

function readEvent(reader: JsonReader, event: JsonObject): SpanEvent {
  return {
    name: reader.textIn(event, 'name'),
    atMs: parseTimeMs(event.timeUnixNano),
    attributes: reader.attributesIn(event),
  };
}

function readLink(reader: JsonReader, link: JsonObject): SpanLink {
  return { traceId: idIn(link, 'traceId'), spanId: idIn(link, 'spanId'), attributes: reader.attributesIn(link) };
}

function firstMessages(reader: JsonReader, span: JsonObject, name: 'events' | 'links'): JsonObject[] {
  const messages = messagesIn(span, name);
  const countMax = name === 'events' ? reader.limits.eventsMax : reader.limits.linksMax;
  if (messages.length <= countMax) return messages;
  reader.rejections.warn(`a span has too many ${name}: the first ${countMax} were kept`);
  return messages.slice(0, countMax);
}
