import { AppError } from '../../errors.js';
import { EMPTY_ATTRIBUTES, type OtlpSpan, type OtlpSpanKind, type Scope } from '../telemetry.js';
import type { DecodeLimits } from './limits.js';
import { type Rejections, spanLabel } from './rejections.js';
import { BEYOND_TIME_MS } from './time.js';

/** What an identifier in OTLP/JSON becomes that is no hexadecimal or base64 text at all. */
export const UNREADABLE_ID = 'unreadable';

export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;
const ZEROS = /^0+$/;

const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** A span before its first field is read: what OTLP means by a field that is absent. */
export function draftSpan(resource: OtlpSpan['resource'], scope: Scope): OtlpSpan {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: null,
    parentIsRemote: null,
    name: '',
    kind: 0,
    startMs: 0,
    endMs: 0,
    attributes: EMPTY_ATTRIBUTES,
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: '',
    resource,
    scope,
  };
}

/** `Span.flags` (trace.proto): bit 8 says that bit 9 has a meaning, bit 9 that the parent is remote. */
export function isParentRemote(flags: number): boolean | null {
  return (flags & HAS_IS_REMOTE) === 0 ? null : (flags & IS_REMOTE) !== 0;
}

/** A kind from a later OTLP is unspecified. */
export function spanKindOf(kind: number): OtlpSpanKind {
  return kind === 1 || kind === 2 || kind === 3 || kind === 4 || kind === 5 ? kind : 0;
}

/** A status code from a later OTLP is unset. */
export function statusCodeOf(code: number): OtlpSpan['statusCode'] {
  return code === 1 || code === 2 ? code : 0;
}

/**
 * Decides whether a decoded span is kept, and brings it into the shape that OtlpSpan promises: a root has no parent, a
 * span does not end before it starts, links have valid ids. `index` is the span's place in its scope.
 *
 * Source: OpenTelemetry protocol, trace.proto: ids of a wrong length or all zero are invalid.
 */
export function acceptSpan(span: OtlpSpan, index: number, rejections: Rejections): boolean {
  const problem = spanProblem(span);
  if (problem !== null) {
    rejections.refuse(`${spanLabel(index, span.scope.name)}: ${problem}`);
    return false;
  }
  if (span.parentSpanId !== null && isZero(span.parentSpanId)) span.parentSpanId = null;
  if (span.endMs !== 0 && span.endMs < span.startMs) {
    span.endMs = span.startMs;
    rejections.warn(`${spanLabel(index, span.scope.name)}: ends before it starts, its end was set to its start`);
  }
  if (span.links.length > 0) dropBadLinks(span, index, rejections);
  return true;
}

/** Called before one more span is read. @throws AppError `PAYLOAD_TOO_LARGE` when the request has no room for it. */
export function refuseMoreSpans(count: number, limits: DecodeLimits): void {
  if (count < limits.spansMax) return;
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `The request holds more than ${limits.spansMax} spans: send fewer at a time.`,
  );
}

function spanProblem(span: OtlpSpan): string | null {
  return (
    idProblem('trace_id', span.traceId, TRACE_ID_BYTES) ??
    idProblem('span_id', span.spanId, SPAN_ID_BYTES) ??
    parentProblem(span.parentSpanId) ??
    timeProblem('start_time_unix_nano', span.startMs) ??
    timeProblem('end_time_unix_nano', span.endMs) ??
    (span.startMs === 0 ? 'start_time_unix_nano is 0 or absent' : null) ??
    eventProblem(span)
  );
}

/** What is wrong with an identifier in hex digits, null when nothing is. */
export function idProblem(name: string, id: string, sizeBytes: number): string | null {
  if (id === UNREADABLE_ID) return `${name} is not hexadecimal`;
  if (id.length !== sizeBytes * 2) return `${name} has ${id.length / 2} bytes, ${sizeBytes} expected`;
  return isZero(id) ? `${name} is all zero` : null;
}

function parentProblem(id: string | null): string | null {
  return id === null || isZero(id) ? null : idProblem('parent_span_id', id, SPAN_ID_BYTES);
}

/** What is wrong with a time in milliseconds, null when nothing is. */
export function timeProblem(name: string, timeMs: number): string | null {
  if (timeMs === BEYOND_TIME_MS) return `${name} is beyond the year 2262`;
  return Number.isNaN(timeMs) ? `${name} is not a whole number of nanoseconds` : null;
}

function eventProblem(span: OtlpSpan): string | null {
  for (const [index, event] of span.events.entries()) {
    const problem = timeProblem(`time_unix_nano of event ${index}`, event.atMs);
    if (problem !== null) return problem;
  }
  return null;
}

function dropBadLinks(span: OtlpSpan, index: number, rejections: Rejections): void {
  const links = span.links.filter((link) => {
    const problem =
      idProblem('trace_id', link.traceId, TRACE_ID_BYTES) ?? idProblem('span_id', link.spanId, SPAN_ID_BYTES);
    if (problem === null) return true;
    rejections.warn(`${spanLabel(index, span.scope.name)}: a link was left out, its ${problem}`);
    return false;
  });
  span.links = links;
}

/** Whether an identifier in hex digits is all zero, which stands for none. */
export function isZero(id: string): boolean {
  return id.charCodeAt(0) === 48 && ZEROS.test(id);
}
