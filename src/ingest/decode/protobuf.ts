import { type DecodedTraces, EMPTY_ATTRIBUTES, type OtlpSpan, type SpanEvent, type SpanLink } from '../telemetry.js';
import { readEnvelope } from './envelope.js';
import type { DecodeLimits } from './limits.js';
import { OtlpReader } from './otlp-reader.js';
import { acceptSpan, draftSpan, isParentRemote, refuseMoreSpans, spanKindOf, statusCodeOf } from './span.js';

/**
 * Decodes an `ExportTraceServiceRequest` in protobuf. Spans that are wrong by themselves are left out and counted in
 * `rejected`; unknown fields are skipped.
 *
 * @throws AppError `VALIDATION_FAILED` for bytes that are no such message, naming the byte offset and what was expected
 * there; `PAYLOAD_TOO_LARGE` for more spans or values than `limits` allow.
 *
 * Source: opentelemetry-proto, collector/trace/v1/trace_service.proto and trace/v1/trace.proto.
 */
export function decodeTracesProtobuf(body: Uint8Array, limits: DecodeLimits): DecodedTraces {
  const reader = new OtlpReader(body, limits);
  const spans: OtlpSpan[] = [];
  readEnvelope(reader, ({ resource, scope }, index) => {
    refuseMoreSpans(spans.length + reader.rejections.count, limits);
    const span = draftSpan(resource, scope);
    readSpan(reader, span);
    if (acceptSpan(span, index, reader.rejections)) spans.push(span);
  });
  return { spans, rejected: reader.rejections.result() };
}

function readSpan(reader: OtlpReader, span: OtlpSpan): void {
  const outerEnd = reader.enter();
  while (reader.hasMore()) readSpanField(reader, span);
  reader.leave(outerEnd);
}

function readSpanField(reader: OtlpReader, span: OtlpSpan): void {
  const tag = reader.readTag();
  switch (tag) {
    case 10:
      span.traceId = reader.readHex();
      break;
    case 18:
      span.spanId = reader.readHex();
      break;
    case 34:
      span.parentSpanId = reader.readHex() || null;
      break;
    case 42:
      span.name = reader.readText();
      break;
    case 48:
      span.kind = spanKindOf(reader.readInt32());
      break;
    case 57:
      span.startMs = reader.readTimeMs();
      break;
    case 65:
      span.endMs = reader.readTimeMs();
      break;
    case 74:
      span.attributes = reader.withAttribute(span.attributes);
      break;
    case 90:
      if (span.events.length < reader.limits.eventsMax) span.events.push(readEvent(reader));
      else skipSurplus(reader, tag, `events: the first ${reader.limits.eventsMax}`);
      break;
    case 106:
      if (span.links.length < reader.limits.linksMax) span.links.push(readLink(reader));
      else skipSurplus(reader, tag, `links: the first ${reader.limits.linksMax}`);
      break;
    case 122:
      readStatus(reader, span);
      break;
    case 133:
      span.parentIsRemote = isParentRemote(reader.readFixed32());
      break;
    default:
      reader.skip(tag);
  }
}

function readEvent(reader: OtlpReader): SpanEvent {
  const outerEnd = reader.enter();
  const event: SpanEvent = { name: '', atMs: 0, attributes: EMPTY_ATTRIBUTES };
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 9) event.atMs = reader.readTimeMs();
    else if (tag === 18) event.name = reader.readText();
    else if (tag === 26) event.attributes = reader.withAttribute(event.attributes);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return event;
}

function readLink(reader: OtlpReader): SpanLink {
  const outerEnd = reader.enter();
  const link: SpanLink = { traceId: '', spanId: '', attributes: EMPTY_ATTRIBUTES };
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 10) link.traceId = reader.readHex();
    else if (tag === 18) link.spanId = reader.readHex();
    else if (tag === 34) link.attributes = reader.withAttribute(link.attributes);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return link;
}

function readStatus(reader: OtlpReader, span: OtlpSpan): void {
  const outerEnd = reader.enter();
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 18) span.statusMessage = reader.readText();
    else if (tag === 24) span.statusCode = statusCodeOf(reader.readInt32());
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

function skipSurplus(reader: OtlpReader, tag: number, kept: string): void {
  reader.rejections.warn(`a span has too many ${kept} were kept`);
  reader.skip(tag);
}
