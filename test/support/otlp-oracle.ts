import type protobuf from 'protobufjs';
import type { Attributes, AttributeValue, OtlpSpan, Scope, SpanEvent, SpanLink } from '../../src/ingest/telemetry.js';
import { otlpRoot } from './otlp-schema.js';

/** What protobufjs makes of the messages; absent scalars come from the prototype as their defaults. */
export interface Uint64 {
  low: number;
  high: number;
  unsigned: boolean;
  toNumber(): number;
  toString(): string;
}
export interface AnyValueMessage {
  value?: string;
  stringValue: string;
  boolValue: boolean;
  intValue: Uint64;
  doubleValue: number;
  arrayValue: { values: AnyValueMessage[] };
  kvlistValue: { values: KeyValueMessage[] };
  bytesValue: Uint8Array;
}
export interface KeyValueMessage {
  key: string;
  value: AnyValueMessage | null;
}
interface EventMessage {
  timeUnixNano: Uint64;
  name: string;
  attributes: KeyValueMessage[];
}
interface LinkMessage {
  traceId: Uint8Array;
  spanId: Uint8Array;
  attributes: KeyValueMessage[];
}
interface SpanMessage extends LinkMessage {
  parentSpanId: Uint8Array;
  name: string;
  kind: number;
  startTimeUnixNano: Uint64;
  endTimeUnixNano: Uint64;
  events: EventMessage[];
  links: LinkMessage[];
  status: { code: number; message: string } | null;
  flags: number;
}
interface ScopeSpansMessage {
  scope: { name: string; version: string; attributes: KeyValueMessage[] } | null;
  spans: SpanMessage[];
}
export interface TracesMessage {
  resourceSpans: { resource: { attributes: KeyValueMessage[] } | null; scopeSpans: ScopeSpansMessage[] }[];
}

const request: protobuf.Type = otlpRoot().lookupType('ExportTraceServiceRequest');

/** Decodes with protobufjs and maps to the product's types: the yardstick for content and for speed. Refuses no span. */
export function decodeTracesByProtobufjs(body: Uint8Array): OtlpSpan[] {
  const message = request.decode(body) as unknown as TracesMessage;
  const spans: OtlpSpan[] = [];
  for (const resourceSpans of message.resourceSpans) {
    const resource = attributesOf(resourceSpans.resource?.attributes ?? []);
    for (const scopeSpans of resourceSpans.scopeSpans) {
      const scope: Scope = {
        name: clean(scopeSpans.scope?.name ?? ''),
        version: clean(scopeSpans.scope?.version ?? ''),
        attributes: attributesOf(scopeSpans.scope?.attributes ?? []),
      };
      for (const span of scopeSpans.spans) spans.push(spanOf(span, resource, scope));
    }
  }
  return spans;
}

function spanOf(span: SpanMessage, resource: Attributes, scope: Scope): OtlpSpan {
  const parent = hex(span.parentSpanId);
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: parent === '' || parent === '0000000000000000' ? null : parent,
    parentIsRemote: (span.flags & 256) === 0 ? null : (span.flags & 512) !== 0,
    name: clean(span.name),
    kind: (span.kind >= 0 && span.kind <= 5 ? span.kind : 0) as OtlpSpan['kind'],
    startMs: milliseconds(span.startTimeUnixNano),
    endMs: milliseconds(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    events: span.events.map(eventOf),
    links: span.links.map(linkOf),
    statusCode: (span.status?.code === 1 || span.status?.code === 2 ? span.status.code : 0) as OtlpSpan['statusCode'],
    statusMessage: clean(span.status?.message ?? ''),
    resource,
    scope,
  };
}

function eventOf(event: EventMessage): SpanEvent {
  return {
    name: clean(event.name),
    atMs: milliseconds(event.timeUnixNano),
    attributes: attributesOf(event.attributes),
  };
}

function linkOf(link: LinkMessage): SpanLink {
  return { traceId: hex(link.traceId), spanId: hex(link.spanId), attributes: attributesOf(link.attributes) };
}

export function attributesOf(pairs: KeyValueMessage[]): Attributes {
  const attributes: Attributes = new Map();
  for (const pair of pairs) attributes.set(clean(pair.key), pair.value === null ? null : anyValueOf(pair.value));
  return attributes;
}

export function anyValueOf(any: AnyValueMessage): AttributeValue {
  switch (any.value) {
    case 'stringValue':
      return clean(any.stringValue);
    case 'intValue': {
      const number = any.intValue.toNumber();
      return Number.isSafeInteger(number) ? number : BigInt(any.intValue.toString());
    }
    case 'boolValue':
      return any.boolValue;
    case 'doubleValue':
      return any.doubleValue;
    case 'arrayValue':
      return any.arrayValue.values.map(anyValueOf);
    case 'kvlistValue':
      return attributesOf(any.kvlistValue.values);
    case 'bytesValue':
      return new Uint8Array(any.bytesValue);
    default:
      return null;
  }
}

export function milliseconds(nanoseconds: Uint64): number {
  const rest = (nanoseconds.high >>> 0) * 967_296 + (nanoseconds.low >>> 0);
  const restMs = Math.floor(rest / 1e6);
  return (nanoseconds.high >>> 0) * 4_294 + restMs + (rest - restMs * 1e6) / 1e6;
}

export function hex(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export function clean(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\u2400') : text;
}
