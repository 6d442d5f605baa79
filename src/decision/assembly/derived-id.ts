/** Identifiers for what was sent without any: the same facts give the same identifiers, so that what comes again is known. */
import { hash } from 'node:crypto';

/** How every derived trace id begins ("midw"): no client's own trace is taken for one. */
const TRACE_PREFIX = '6d696477';
const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

/** How the derived trace ids look, for SQL's LIKE. */
export const DERIVED_TRACE_PATTERN = `${TRACE_PREFIX}%`;
/** The same as a range, which an index on trace ids holds; its end is excluded. */
export const DERIVED_TRACES = { from: TRACE_PREFIX, until: (Number.parseInt(TRACE_PREFIX, 16) + 1).toString(16) };

/** 32 hex digits. */
export function deriveTraceId(...facts: readonly string[]): string {
  return TRACE_PREFIX + digest(facts).slice(0, TRACE_DIGITS - TRACE_PREFIX.length);
}

/** 16 hex digits. */
export function deriveSpanId(...facts: readonly string[]): string {
  return digest(facts).slice(0, SPAN_DIGITS);
}

/** Where an evaluator's verdict that names a response alone waits for it. */
export function verdictTraceId(responseId: string): string {
  return deriveTraceId('response', responseId);
}

export function isDerivedTraceId(traceId: string): boolean {
  return traceId.startsWith(TRACE_PREFIX);
}

function digest(facts: readonly string[]): string {
  return hash('sha256', JSON.stringify(facts));
}
