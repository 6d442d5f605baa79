/** Whether a decision failed, and what went wrong first. */
import type { Outcome } from '../decision.js';
import type { ModelCall, ModelCalls } from './model-call.js';
import type { Invocation } from './ownership.js';
import type { Span } from './span.js';
import { compareNodes, type SpanNode, type SpanTree } from './tree.js';

/**
 * For each span with a failure at or below it that nothing made up for: the failed span without a failed one below it that
 * ended first.
 */
export type RootCauses = ReadonlyMap<SpanNode, SpanNode>;

export interface Verdict {
  outcome: Outcome;
  errorType: string | null;
  errorMessage: string | null;
}

export function findRootCauses(tree: SpanTree): RootCauses {
  const causes = new Map<SpanNode, SpanNode>();
  const succeeded = lastSuccesses(tree);
  for (const node of tree.toReversed()) {
    const cause = causes.get(node) ?? (node.span.failure === null ? undefined : node);
    if (cause === undefined) continue;
    causes.set(node, cause);
    if (node.parent === null || hasCoped(node) || wasRetried(node, succeeded)) continue;
    causes.set(node.parent, earlierEnd(causes.get(node.parent), cause));
  }
  return causes;
}

/** An agent that answers made up for whatever failed below it. */
function hasCoped({ span }: SpanNode): boolean {
  return span.kind === 'agent' && span.ended && span.failure === null;
}

/** When the same was last done without a failure, by what was done and for whom. */
type Successes = ReadonlyMap<SpanNode, ReadonlyMap<string, number>>;

function lastSuccesses(tree: SpanTree): Successes {
  const successes = new Map<SpanNode, Map<string, number>>();
  for (const { span, parent } of tree) {
    if (parent === null || span.failure !== null || !span.ended) continue;
    const done = successes.get(parent) ?? new Map<string, number>();
    done.set(deedOf(span), Math.max(done.get(deedOf(span)) ?? Number.NEGATIVE_INFINITY, span.startMs));
    successes.set(parent, done);
  }
  return successes;
}

function wasRetried({ span, parent }: SpanNode, succeeded: Successes): boolean {
  const again = parent === null ? undefined : succeeded.get(parent)?.get(deedOf(span));
  return again !== undefined && again >= span.endMs;
}

function deedOf({ kind, name, toolName }: Span): string {
  return `${kind}\0${toolName ?? name}`;
}

/**
 * A decision failed when its root did, or when the last model call did, so that nothing could follow. A failed tool
 * alone is no failure of the decision: agents answer despite them. The reason may lie in another agent's service; what was
 * made up for is none.
 */
export function judge(invocation: Invocation, { calls, causes }: { calls: ModelCalls; causes: RootCauses }): Verdict {
  const lastCall = lastModelCall(invocation, calls);
  const failure = invocation.root.span.failure ?? lastCall?.failure ?? null;
  if (failure === null) return { outcome: 'SUCCESS', errorType: null, errorMessage: null };
  const cause = causeOf(invocation, lastCall, causes)?.span.failure;
  return {
    outcome: 'ERROR',
    errorType: cause?.type ?? failure.type,
    errorMessage: cause?.message ?? failure.message,
  };
}

function causeOf(invocation: Invocation, lastCall: ModelCall | null, causes: RootCauses): SpanNode | undefined {
  let first: SpanNode | undefined;
  for (const top of invocation.tops) {
    const cause = causes.get(top);
    if (cause !== undefined) first = earlierEnd(first, cause);
  }
  return first ?? (lastCall === null ? undefined : causes.get(lastCall.outer));
}

/** A language model's call where there is one: embeddings prepare an answer, they do not give it. */
function lastModelCall(invocation: Invocation, calls: ModelCalls): ModelCall | null {
  let last: ModelCall | null = null;
  for (const node of invocation.members) {
    const call = calls.get(node);
    if (call === undefined || call.outer !== node) continue;
    if (last === null || comparePrecedence(last.outer, node) < 0) last = call;
  }
  return last;
}

function comparePrecedence(left: SpanNode, right: SpanNode): number {
  const isModel = (node: SpanNode) => (node.span.kind === 'model' ? 1 : 0);
  return isModel(left) - isModel(right) || compareNodes(left, right);
}

function earlierEnd(known: SpanNode | undefined, found: SpanNode): SpanNode {
  if (known === undefined) return found;
  const byId = known.span.spanId <= found.span.spanId ? known : found;
  if (known.span.endMs === found.span.endMs) return byId;
  return known.span.endMs < found.span.endMs ? known : found;
}
