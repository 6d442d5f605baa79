import type { DecodedTraces, OtlpSpan, SpanEvent, SpanLink } from '../telemetry.js';
import { type EnvelopeNames, type Origin, readJsonEnvelope } from './envelope.js';
import { parseJsonBody } from './json-body.js';
import { idIn, type JsonObject, JsonReader, messageIn, messagesIn, numberIn, problemIn } from './json-reader.js';
import type { DecodeLimits } from './limits.js';
import { spanLabel } from './rejections.js';
import { acceptSpan, draftSpan, isParentRemote, refuseMoreSpans, spanKindOf, statusCodeOf } from './span.js';
import { parseTimeMs } from './time.js';

const NAMES: EnvelopeNames = ['resourceSpans', 'scopeSpans', 'spans'];

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
  const spans: OtlpSpan[] = [];
  const readItem = (item: JsonObject, { resource, scope }: Origin, index: number) => {
    refuseMoreSpans(spans.length + reader.rejections.count, limits);
    const span = draftSpan(resource, scope);
    const problem = problemIn(() => readSpanFields(reader, item, span));
    if (problem !== null) reader.rejections.refuse(`${spanLabel(index, scope.name)}: ${problem}`);
    else if (acceptSpan(span, index, reader.rejections)) spans.push(span);
  };
  readJsonEnvelope(reader, parseJsonBody(body, limits), { names: NAMES, readItem });
  return { spans, rejected: reader.rejections.result() };
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
