/**
 * A coding agent's turn as log records tell it: the prompt, then requests, answers and tools one after another, and no end.
 * Records name their turn, or their session alone; then the last prompt before them was theirs.
 */
import { compareText } from '../../order.js';
import { isRemark } from './content.js';
import type { Span } from './span.js';

/** The spans with those of log records put in their place; the others are the very same objects. */
export function placeTurns(spans: readonly Span[]): readonly Span[] {
  const told = spans.filter(isTold);
  if (told.length === 0) return spans;
  const placed = new Map<Span, Span>(told.map((span) => [span, { ...span }]));
  const ordered = [...placed.values()].sort(compareTold);
  placeByTime(ordered);
  pairRequests(ordered);
  endTurns(ordered);
  return spans.map((span) => placed.get(span) ?? span);
}

/** Whether the span stands for a record of its own turn. */
function isTold(span: Span): boolean {
  return span.log !== null && !isRemark(span);
}

/** In the order the records were written: a record is written when what it tells of is over. */
function compareTold(left: Span, right: Span): number {
  return left.endMs - right.endMs || sequenceOf(left) - sequenceOf(right) || compareText(left.spanId, right.spanId);
}

function sequenceOf({ log }: Span): number {
  return log?.sequence ?? 0;
}

function placeByTime(ordered: readonly Span[]): void {
  const known = new Set(ordered.map(({ spanId }) => spanId));
  const prompts = new Map<string, string>();
  for (const span of ordered) {
    if (span.kind === 'agent') prompts.set(span.service, span.spanId);
    else if (span.parentSpanId === null || !known.has(span.parentSpanId))
      span.parentSpanId = prompts.get(span.service) ?? span.parentSpanId;
  }
}

/** A call whose record says neither how long it took nor what was asked: the request before it does. */
function pairRequests(ordered: readonly Span[]): void {
  const latest = new Map<string | null, Span>();
  for (const span of ordered) {
    if (span.kind === 'request') latest.set(span.parentSpanId, span);
    if (span.kind !== 'model') continue;
    const request = latest.get(span.parentSpanId);
    latest.delete(span.parentSpanId);
    if (request === undefined) continue;
    if (span.startMs === span.endMs) span.startMs = Math.min(request.startMs, span.endMs);
    span.input ??= request.input;
  }
}

/** A turn is over when the next prompt of its trace comes; the last one stays open. */
function endTurns(ordered: readonly Span[]): void {
  const ends = new Map<string, number>();
  for (const { parentSpanId, endMs } of ordered) if (parentSpanId !== null) ends.set(parentSpanId, endMs);
  const open = new Map<string, Span>();
  for (const span of ordered) {
    if (span.kind !== 'agent') continue;
    const before = open.get(span.service);
    if (before !== undefined) before.ended = true;
    open.set(span.service, span);
  }
  for (const span of ordered) {
    if (span.kind === 'agent' && span.ended) span.endMs = Math.max(span.startMs, ends.get(span.spanId) ?? 0);
  }
}
