/** Which spans saw the same call of a model. */
import { isContainer, isModelCall } from './kind.js';
import type { Span } from './span.js';
import { compareNodes, type SpanNode, type SpanTree } from './tree.js';

/** One call by all who saw it. */
export interface Sighting {
  /** Outermost first. */
  spans: SpanNode[];
}

export interface Sightings {
  readonly sightings: ReadonlySet<Sighting>;
  /** From a span to the one that saw the same call from further out. */
  readonly viewedBy: ReadonlyMap<SpanNode, SpanNode>;
}

type SightingOf = Map<SpanNode, Sighting>;

/**
 * Spans are one call when only containers stand between them (an agent or a tool between makes two calls), when they name
 * the same response, or when two instrumentations made them side by side.
 */
export function findSightings(tree: SpanTree): Sightings {
  const viewedBy = new Map<SpanNode, SpanNode>();
  const sightingOf: SightingOf = new Map();
  const nearest = new Map<SpanNode, SpanNode | null>();
  for (const node of tree) {
    const above = node.parent === null ? null : enclosingNode(node.parent, nearest);
    nearest.set(node, above);
    if (!isModelCall(node.span.kind)) continue;
    const sameCall = above !== null && above.span.kind === node.span.kind ? sightingOf.get(above) : undefined;
    if (sameCall === undefined || above === null) {
      sightingOf.set(node, { spans: [node] });
    } else {
      sameCall.spans.push(node);
      sightingOf.set(node, sameCall);
      viewedBy.set(node, above);
    }
  }
  const nodes = [...sightingOf.keys()].sort(compareNodes);
  joinByResponse(nodes, sightingOf);
  joinTwins(nodes, sightingOf, viewedBy);
  return { sightings: new Set(sightingOf.values()), viewedBy };
}

function enclosingNode(parent: SpanNode, nearest: Map<SpanNode, SpanNode | null>): SpanNode | null {
  return isContainer(parent.span.kind) ? (nearest.get(parent) ?? null) : parent;
}

function joinByResponse(nodes: readonly SpanNode[], sightingOf: SightingOf): void {
  const byResponse = new Map<string, SpanNode>();
  for (const node of nodes) {
    const { responseId, kind } = node.span;
    if (responseId === null) continue;
    const key = `${kind} ${responseId}`;
    const first = byResponse.get(key);
    if (first === undefined) {
      byResponse.set(key, node);
      continue;
    }
    const [into, from] = [sightingOf.get(first), sightingOf.get(node)];
    if (into === undefined || from === undefined || into === from || !isSameResponse(first.span, node.span)) continue;
    for (const moved of from.spans) {
      into.spans.push(moved);
      sightingOf.set(moved, into);
    }
  }
}

/** Some servers answer every request with one constant id: equal ids of calls that differ in time and size prove nothing. */
function isSameResponse(first: Span, second: Span): boolean {
  const [firstUsage, secondUsage] = [first.usage, second.usage];
  if (overlaps(first, second) || firstUsage === null || secondUsage === null) return true;
  return agrees(firstUsage.input, secondUsage.input) && agrees(firstUsage.output, secondUsage.output);
}

function overlaps(first: Span, second: Span): boolean {
  return second.startMs <= first.endMs && first.startMs <= second.endMs;
}

function agrees(first: number | null, second: number | null): boolean {
  return first === null || second === null || first === second;
}

/** Calls with one parent and equal counts: how often each instrumentation saw such a call, and the sightings in order. */
interface LikeCalls {
  countByScope: Map<string, number>;
  sightings: Sighting[];
}

/**
 * Instrumentations that do not hand on their context show one call as siblings, by a framework and by the client library beneath.
 * The n-th of the one and the n-th of the other are one call if they overlap.
 */
function joinTwins(nodes: readonly SpanNode[], sightingOf: SightingOf, viewedBy: Map<SpanNode, SpanNode>): void {
  const alike = new Map<string, LikeCalls>();
  for (const node of nodes) {
    const own = sightingOf.get(node);
    const key = likenessOf(node.span);
    if (own === undefined || own.spans[0] !== node || key === null) continue;
    const like: LikeCalls = alike.get(key) ?? { countByScope: new Map(), sightings: [] };
    alike.set(key, like);
    const { countByScope, sightings } = like;
    const count = countByScope.get(node.span.scope) ?? 0;
    countByScope.set(node.span.scope, count + 1);
    const twin = sightings[count];
    if (twin === undefined) sightings.push(own);
    else if (overlaps(twin.spans[0]?.span ?? node.span, node.span)) joinTwin(twin, own, { sightingOf, viewedBy });
  }
}

function likenessOf({ kind, parentSpanId, usage }: Span): string | null {
  if (parentSpanId === null || usage === null || usage.input === null) return null;
  return `${kind} ${parentSpanId} ${usage.input} ${usage.output}`;
}

/** Who knows the response's identifier stood next to the wire. */
function joinTwin(
  known: Sighting,
  found: Sighting,
  { sightingOf, viewedBy }: { sightingOf: SightingOf; viewedBy: Map<SpanNode, SpanNode> },
): void {
  const isKnownInner = known.spans.some(({ span }) => span.responseId !== null);
  const [outer, inner] = isKnownInner ? [found.spans, known.spans] : [known.spans, found.spans];
  const [lastOuter, firstInner] = [outer.at(-1), inner[0]];
  if (lastOuter !== undefined && firstInner !== undefined) viewedBy.set(firstInner, lastOuter);
  known.spans = [...outer, ...inner];
  for (const moved of found.spans) sightingOf.set(moved, known);
}
