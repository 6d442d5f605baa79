/** What log records say of spans: messages, counts and verdicts that the spans themselves lack. */
import { compareText } from '../../order.js';
import { isModelCall } from './kind.js';
import type { Span, SpanUsage } from './span.js';

/**
 * Completes spans by the log records that name them, by tool call, by response or by span: a span's own value always
 * stands. Records of spans that are not here change nothing.
 */
export function joinContents(spans: readonly Span[]): readonly Span[] {
  const remarks = spans.filter(isRemark);
  if (remarks.length === 0) return spans;
  const index = indexTargets(spans);
  const contents = new Map<Span, Span[]>();
  const joined = new Map<Span, Span>();
  for (const remark of remarks.sort(compareRemarks)) {
    const target = targetOf(remark, index);
    joined.set(remark, markOf(remark, target));
    if (remark.kind !== 'content' || target === undefined) continue;
    const known = contents.get(target);
    if (known === undefined) contents.set(target, [remark]);
    else known.push(remark);
  }
  for (const [target, said] of contents) joined.set(target, complete(target, said));
  return spans.map((span) => joined.get(span) ?? span);
}

/** What stays of the record itself: that the decision was made of it too. What it counts is its target's. */
function markOf(remark: Span, target: Span | undefined): Span {
  return { ...remark, parentSpanId: target?.spanId ?? remark.parentSpanId, usage: null, reportedCostUsd: null };
}

/** Whether the span stands for something said of another span. */
export function isRemark({ log, kind }: Span): boolean {
  return log !== null && (kind === 'content' || kind === 'evaluation');
}

function compareRemarks(left: Span, right: Span): number {
  const sequence = (left.log?.sequence ?? 0) - (right.log?.sequence ?? 0);
  return left.startMs - right.startMs || sequence || compareText(left.spanId, right.spanId);
}

interface TargetIndex {
  bySpan: ReadonlyMap<string, Span>;
  byResponse: ReadonlyMap<string, Span>;
  byToolCall: ReadonlyMap<string, Span>;
}

/** Of several spans of one response or tool call, the one that began first; the same whatever order they came in. */
function indexTargets(spans: readonly Span[]): TargetIndex {
  const [bySpan, byResponse, byToolCall] = [new Map(), new Map(), new Map()] as [
    Map<string, Span>,
    Map<string, Span>,
    Map<string, Span>,
  ];
  const targets = spans.filter((span) => !isRemark(span));
  for (const span of targets.sort(
    (left, right) => left.startMs - right.startMs || compareText(left.spanId, right.spanId),
  )) {
    bySpan.set(span.spanId, span);
    const { responseId, toolCallId, kind } = span;
    if (responseId !== null && !byResponse.has(responseId)) byResponse.set(responseId, span);
    if (toolCallId !== null && kind === 'tool' && !byToolCall.has(toolCallId)) byToolCall.set(toolCallId, span);
  }
  return { bySpan, byResponse, byToolCall };
}

/** A verdict is on the span it was written in; messages and counts on the call or the tool they name, wherever written. */
function targetOf(remark: Span, index: TargetIndex): Span | undefined {
  const { toolCallId, responseId, parentSpanId, kind, usage } = remark;
  const bySpan = parentSpanId === null ? undefined : index.bySpan.get(parentSpanId);
  const byToolCall = toolCallId === null ? undefined : index.byToolCall.get(toolCallId);
  const byResponse = responseId === null ? undefined : index.byResponse.get(responseId);
  if (kind === 'evaluation') return bySpan ?? byResponse;
  return byToolCall ?? byResponse ?? (usage === null ? bySpan : callAround(bySpan, index));
}

/** Counts written in a span within a call are the call's, or else the agent's. */
function callAround(written: Span | undefined, { bySpan }: TargetIndex): Span | undefined {
  const passed = new Set<Span>();
  for (let span = written; span !== undefined && !passed.has(span); span = bySpan.get(span.parentSpanId ?? '')) {
    if (isModelCall(span.kind) || span.kind === 'agent') return span;
    passed.add(span);
  }
  return written;
}

function complete(target: Span, contents: readonly Span[]): Span {
  const completed: Span = { ...target };
  if (target.kind === 'tool') {
    for (const { arguments: sent, result } of contents) {
      completed.arguments ??= sent;
      completed.result ??= result;
    }
    return completed;
  }
  completed.input ??= messagesOf(contents, (span) => span.input);
  completed.output ??= messagesOf(contents, (span) => span.output);
  completed.promptDigest ??= firstOf(contents, (span) => span.promptDigest);
  completed.toolsDigest ??= firstOf(contents, (span) => span.toolsDigest);
  if (isModelCall(target.kind) || target.kind === 'agent') completeCounts(completed, contents);
  return completed;
}

/** An agent whose calls are no spans has what all its records count; where calls report, theirs is what counts. */
function completeCounts(call: Span, contents: readonly Span[]): void {
  const reports = contents.filter(({ usage }) => usage !== null);
  const counted = call.kind === 'agent' ? reports : reports.slice(0, 1);
  call.usage ??= counted.reduce<SpanUsage | null>(addUsage, null);
  call.reportedCostUsd ??= counted.reduce<number | null>((sum, span) => add(sum, span.reportedCostUsd), null);
  if (call.requestModel === null && call.responseModel === null) {
    call.requestModel = firstOf(contents, (span) => span.requestModel);
    call.responseModel = firstOf(contents, (span) => span.responseModel);
  }
  call.responseId ??= firstOf(contents, (span) => span.responseId);
  call.provider ??= firstOf(contents, (span) => span.provider);
}

function addUsage(sum: SpanUsage | null, { usage }: Span): SpanUsage | null {
  if (sum === null || usage === null) return sum ?? usage;
  return {
    input: add(sum.input, usage.input),
    output: add(sum.output, usage.output),
    cacheRead: add(sum.cacheRead, usage.cacheRead),
    cacheWrite: add(sum.cacheWrite, usage.cacheWrite),
    reasoning: add(sum.reasoning, usage.reasoning),
  };
}

function add(left: number | null, right: number | null): number | null {
  return left === null || right === null ? (left ?? right) : left + right;
}

/** All messages of one record where there is such a record, else the records' single messages in their order. */
function messagesOf(contents: readonly Span[], read: (span: Span) => string | null): string | null {
  const whole = firstOf(contents, (span) => (span.log?.isPart ? null : read(span)));
  if (whole !== null) return whole;
  const parts = contents.flatMap((span) => read(span) ?? []);
  // Each is a JSON array of messages, written by ourselves.
  return parts.length === 0 ? null : `[${parts.map((part) => part.slice(1, -1)).join(',')}]`;
}

function firstOf<T>(contents: readonly Span[], read: (span: Span) => T | null): T | null {
  for (const content of contents) {
    const value = read(content);
    if (value !== null) return value;
  }
  return null;
}
