/**
 * What a decoded OTLP request holds, whatever its encoding: the wire's own shape, before any convention is read into it.
 *
 * Times are milliseconds since the Unix epoch with a fraction (a double keeps a quarter of a microsecond at today's dates).
 * Attributes are Maps, so that hostile keys such as `__proto__` stay data.
 */
export type AttributeValue =
  | string
  | number
  /** An int64 beyond ±(2^53−1). */
  | bigint
  | boolean
  | null
  | Uint8Array
  | AttributeValue[]
  | Attributes;

export type Attributes = Map<string, AttributeValue>;

export const EMPTY_ATTRIBUTES: Attributes = new Map();

export interface SpanEvent {
  name: string;
  atMs: number;
  attributes: Attributes;
}

export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

/** OTLP `SpanKind`, by number: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
export type OtlpSpanKind = 0 | 1 | 2 | 3 | 4 | 5;

export interface Scope {
  name: string;
  version: string;
  attributes: Attributes;
}

export interface OtlpSpan {
  /** 32 lower-case hex digits, never all zero. */
  traceId: string;
  /** 16 lower-case hex digits, never all zero. */
  spanId: string;
  /** null for a root span. */
  parentSpanId: string | null;
  /** Whether the parent is in another process (OTLP `flags`, bits 8 and 9); null when the exporter did not say. */
  parentIsRemote: boolean | null;
  name: string;
  kind: OtlpSpanKind;
  startMs: number;
  /** 0 when the exporter sent a span that has not ended. */
  endMs: number;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  /** 0 unset, 1 ok, 2 error. */
  statusCode: 0 | 1 | 2;
  statusMessage: string;
  /** Shared by all spans of one ResourceSpans: never changed after decoding. */
  resource: Attributes;
  /** Shared by all spans of one ScopeSpans: never changed after decoding. */
  scope: Scope;
}

export interface OtlpLogRecord {
  /** 32 lower-case hex digits; null when it was written outside of any trace. */
  traceId: string | null;
  /** 16 lower-case hex digits; null when it was written outside of any span. */
  spanId: string | null;
  /** When it happened; 0 when the exporter did not say. */
  timeMs: number;
  /** When it was seen by what exports it; 0 when the exporter did not say. */
  observedMs: number;
  /** OTLP `SeverityNumber`: 1–4 trace … 21–24 fatal, 0 unspecified. */
  severity: number;
  severityText: string;
  /** Empty when the record has none: older clients put it into the attribute `event.name`. */
  eventName: string;
  body: AttributeValue;
  attributes: Attributes;
  /** Shared by all records of one ResourceLogs: never changed after decoding. */
  resource: Attributes;
  /** Shared by all records of one ScopeLogs: never changed after decoding. */
  scope: Scope;
}

/** Items of a request that were refused, and why: the `partial_success` of the answer. */
export interface Rejection {
  count: number;
  /** Distinct reasons in words, at most a handful, each naming what was wrong and where. */
  reasons: string[];
}

export interface DecodedTraces {
  spans: OtlpSpan[];
  rejected: Rejection;
}

export interface DecodedLogs {
  records: OtlpLogRecord[];
  rejected: Rejection;
}
