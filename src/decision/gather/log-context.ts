import { isDerivedTraceId } from '../assembly/derived-id.js';
import type { Span } from '../assembly/span.js';
import { keyOf, type Trace } from './trace.js';

/** Sessions and responses that are remembered; the oldest are forgotten first. */
const REMEMBERED_MAX = 50_000;

/** A turn that log records tell, as far as it is known. */
export interface LogTurn {
  fleet: string;
  /** Traces its records were written in. */
  traceIds: string[];
  conversationIds: string[];
  startMs: number;
  endMs: number;
}

/**
 * What spans told of the sessions and responses that log records name. An agent that sends both is counted once: its
 * spans tell of its turns, and its log records only complete them.
 */
export class LogContext {
  readonly #sessions = new Set<string>();
  /** From a response to the trace it was given in. */
  readonly #responses = new Map<string, string>();
  /** Verdicts that came before the response they are on: from it to the trace they wait in. */
  readonly #awaited = new Map<string, string>();

  /** Learns from a span; returns the trace in which verdicts on it have been waiting, null when there is none. */
  learn(fleet: string, { log, conversationId, responseId, usage, service, traceId }: Span): string | null {
    if (log !== null) return null;
    if (usage !== null && conversationId !== null) {
      this.#sessions.add(sessionKey(fleet, service, conversationId));
      forgetOldest(this.#sessions);
    }
    if (responseId === null) return null;
    const key = keyOf(fleet, responseId);
    this.#responses.set(key, traceId);
    forgetOldest(this.#responses);
    const waiting = this.#awaited.get(key) ?? null;
    this.#awaited.delete(key);
    return waiting;
  }

  /** The trace a span belongs to: for a verdict that names its response alone, the one that response was given in. */
  traceIdOf(fleet: string, { log, kind, responseId, traceId }: Span): string {
    if (log === null || kind !== 'evaluation' || responseId === null || !isDerivedTraceId(traceId)) return traceId;
    const key = keyOf(fleet, responseId);
    const known = this.#responses.get(key);
    if (known !== undefined) return known;
    this.#awaited.set(key, traceId);
    forgetOldest(this.#awaited);
    return traceId;
  }

  /** Whether spans with token counts told of a session that this trace's records name. */
  knowsSessionOf({ fleet, spans }: Trace): boolean {
    return spans.some(
      ({ conversationId, service }) =>
        conversationId !== null && this.#sessions.has(sessionKey(fleet, service, conversationId)),
    );
  }
}

/** The turn that log records tell in a trace; null for every other trace. */
export function logTurnOf({ fleet, traceId, spans }: Trace): LogTurn | null {
  if (!isDerivedTraceId(traceId)) return null;
  const told = spans.filter(({ kind }) => kind !== 'evaluation');
  if (told.length === 0) return null;
  return {
    fleet,
    traceIds: [...new Set(told.flatMap(({ log }) => log?.traceId ?? []))],
    conversationIds: [...new Set(told.flatMap(({ conversationId }) => conversationId ?? []))],
    startMs: Math.min(...told.map(({ startMs }) => startMs)),
    endMs: Math.max(...told.map(({ endMs }) => endMs)),
  };
}

function sessionKey(fleet: string, service: string, conversationId: string): string {
  return `${fleet}\n${service}\n${conversationId}`;
}

function forgetOldest(known: Set<string> | Map<string, string>): void {
  if (known.size <= REMEMBERED_MAX) return;
  for (const key of known.keys()) {
    known.delete(key);
    return;
  }
}
