/** One call of a model is often seen by two instrumentations, the framework's and the client library's: one call. */
import assert from 'node:assert';
import { isContainer, isModelCall } from './kind.js';
import type { Span, SpanFailure, SpanUsage } from './span.js';
import { compareNodes, type SpanNode, type SpanTree } from './tree.js';

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

interface Sighting {
  spans: SpanNode[];
}

/**
 * Maps each model and embedding span to its call. Spans are one call when only containers stand between them (an agent
 * or a tool between makes two calls), or when they name the same response.
 */
export function findModelCalls(tree: SpanTree): ModelCalls {
  const viewedBy = new Map<SpanNode, SpanNode>();
  const sightings = new Map<SpanNode, Sighting>();
  const nearest = new Map<SpanNode, SpanNode | null>();
  for (const node of tree) {
    const above = node.parent === null ? null : enclosingNode(node.parent, nearest);
    nearest.set(node, above);
    if (!isModelCall(node.span.kind)) continue;
    const sameCall = above !== null && above.span.kind === node.span.kind ? sightings.get(above) : undefined;
    if (sameCall === undefined || above === null) {
      sightings.set(node, { spans: [node] });
    } else {
      sameCall.spans.push(node);
      sightings.set(node, sameCall);
      viewedBy.set(node, above);
    }
  }
  joinByResponse(sightings);

  const calls = new Map<SpanNode, ModelCall>();
  for (const sighting of new Set(sightings.values())) {
    const call = describeCall(sighting.spans, viewedBy);
    for (const node of sighting.spans) calls.set(node, call);
  }
  return calls;
}

function enclosingNode(parent: SpanNode, nearest: Map<SpanNode, SpanNode | null>): SpanNode | null {
  return isContainer(parent.span.kind) ? (nearest.get(parent) ?? null) : parent;
}

function joinByResponse(sightings: Map<SpanNode, Sighting>): void {
  const byResponse = new Map<string, SpanNode>();
  for (const node of [...sightings.keys()].sort(compareNodes)) {
    const { responseId, kind } = node.span;
    if (responseId === null) continue;
    const key = `${kind} ${responseId}`;
    const first = byResponse.get(key);
    if (first === undefined) {
      byResponse.set(key, node);
      continue;
    }
    const [into, from] = [sightings.get(first), sightings.get(node)];
    if (into === undefined || from === undefined || into === from || !isSameResponse(first.span, node.span)) continue;
    for (const moved of from.spans) {
      into.spans.push(moved);
      sightings.set(moved, into);
    }
  }
}

/** Some servers answer every request with one constant id: equal ids of calls that differ in time and size prove nothing. */
function isSameResponse(first: Span, second: Span): boolean {
  const overlap = second.startMs <= first.endMs && first.startMs <= second.endMs;
  const [firstUsage, secondUsage] = [first.usage, second.usage];
  if (overlap || firstUsage === null || secondUsage === null) return true;
  return agrees(firstUsage.input, secondUsage.input) && agrees(firstUsage.output, secondUsage.output);
}

function agrees(first: number | null, second: number | null): boolean {
  return first === null || second === null || first === second;
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
