/** One call of a model is often seen by two instrumentations, the framework's and the client library's: one call. */
import assert from 'node:assert';
import { findSightings } from './sighting.js';
import type { SpanFailure, SpanUsage } from './span.js';
import type { SpanNode, SpanTree } from './tree.js';

export interface ModelCall {
  /** The span closest to the application: when the call began and ended for the agent. */
  readonly outer: SpanNode;
  /** Every span of the call; the outermost saw what the application saw. */
  readonly outermostFirst: readonly SpanNode[];
  /** The same spans; the innermost stood next to the wire. */
  readonly innermostFirst: readonly SpanNode[];
  /** What the innermost spans report; null when no span of the call says. */
  readonly usage: SpanUsage | null;
  readonly failure: SpanFailure | null;
}

export type ModelCalls = ReadonlyMap<SpanNode, ModelCall>;

/** Maps each model and embedding span to its call. */
export function findModelCalls(tree: SpanTree): ModelCalls {
  const { sightings, viewedBy } = findSightings(tree);
  const calls = new Map<SpanNode, ModelCall>();
  for (const { spans } of sightings) {
    const call = describeCall(spans, viewedBy);
    for (const node of spans) calls.set(node, call);
  }
  return calls;
}

function describeCall(spans: readonly SpanNode[], viewedBy: ReadonlyMap<SpanNode, SpanNode>): ModelCall {
  const outer = spans[0];
  assert(outer !== undefined, 'a call was seen by a span');
  return {
    outer,
    outermostFirst: spans,
    innermostFirst: spans.toReversed(),
    usage: combineUsage(spans, viewedBy),
    failure: outer.span.failure ?? spans.at(-1)?.span.failure ?? null,
  };
}

/** The innermost reports count: one per response, summed where one span surrounds several (retries, fallbacks). */
function combineUsage(spans: readonly SpanNode[], viewedBy: ReadonlyMap<SpanNode, SpanNode>): SpanUsage | null {
  const outdone = new Set<SpanNode>();
  const reports = new Map<string, SpanUsage>();
  const views: SpanUsage[] = [];
  for (const node of spans.toReversed()) {
    const { usage, responseId, spanId } = node.span;
    const view = viewedBy.get(node);
    if (view !== undefined && (usage !== null || outdone.has(node))) outdone.add(view);
    if (usage === null) continue;
    const response = responseId ?? spanId;
    if (outdone.has(node) || reports.has(response)) views.push(usage);
    else reports.set(response, usage);
  }
  const [only, ...others] = reports.values();
  if (only === undefined) return null;
  return others.length === 0 ? views.reduce(completeUsage, only) : others.reduce(addUsage, only);
}

function completeUsage(known: SpanUsage, other: SpanUsage): SpanUsage {
  return mapUsage((field) => known[field] ?? other[field]);
}

function addUsage(left: SpanUsage, right: SpanUsage): SpanUsage {
  return mapUsage((field) => (left[field] === null ? right[field] : left[field] + (right[field] ?? 0)));
}

function mapUsage(value: (field: keyof SpanUsage) => number | null): SpanUsage {
  return {
    input: value('input'),
    output: value('output'),
    cacheRead: value('cacheRead'),
    cacheWrite: value('cacheWrite'),
    reasoning: value('reasoning'),
  };
}
