/** The spans of one trace as a tree, whatever order they came in and whatever is missing. */
import type { Span } from './span.js';

export interface SpanNode {
  readonly span: Span;
  /** Null for the trace's roots and where the parent is not known yet. */
  readonly parent: SpanNode | null;
  readonly depth: number;
  /** Its parent is named but not among the spans. */
  readonly isOrphan: boolean;
}

/** Every span once, parents before their children; siblings in order of start. */
export type SpanTree = readonly SpanNode[];

/** By start, then parents before children, then span id: one order whatever the spans' order of arrival. */
export function compareNodes(left: SpanNode, right: SpanNode): number {
  return left.span.startMs - right.span.startMs || left.depth - right.depth || compareIds(left.span, right.span);
}

/** The first value the spans give, asked in their order; null when none has one. */
export function firstValue<T>(nodes: Iterable<SpanNode>, read: (span: Span) => T | null): T | null {
  for (const { span } of nodes) {
    const value = read(span);
    if (value !== null) return value;
  }
  return null;
}

/** Linear but for the sort. Span ids must be unique; parents that form a circle are cut at their earliest span. */
export function buildTree(spans: readonly Span[]): SpanTree {
  const ordered = [...spans].sort((left, right) => left.startMs - right.startMs || compareIds(left, right));
  const known = new Set(ordered.map((span) => span.spanId));
  const childrenOf = new Map<string, Span[]>();
  const tops: Span[] = [];
  for (const span of ordered) {
    if (span.parentSpanId === null || !known.has(span.parentSpanId)) tops.push(span);
    else addTo(childrenOf, span.parentSpanId, span);
  }

  const tree: SpanNode[] = [];
  const placed = new Set<string>();
  for (const top of tops) placeBelow(top, childrenOf, { tree, placed });
  if (tree.length < ordered.length) {
    for (const span of ordered) if (!placed.has(span.spanId)) placeBelow(span, childrenOf, { tree, placed });
  }
  return tree;
}

function placeBelow(top: Span, childrenOf: Map<string, Span[]>, into: { tree: SpanNode[]; placed: Set<string> }): void {
  const pending: SpanNode[] = [{ span: top, parent: null, depth: 0, isOrphan: top.parentSpanId !== null }];
  into.placed.add(top.spanId);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    into.tree.push(node);
    const children = childrenOf.get(node.span.spanId) ?? [];
    for (const span of children.toReversed()) {
      if (into.placed.has(span.spanId)) continue;
      into.placed.add(span.spanId);
      pending.push({ span, parent: node, depth: node.depth + 1, isOrphan: false });
    }
  }
}

function compareIds(left: Span, right: Span): number {
  return left.spanId < right.spanId ? -1 : left.spanId > right.spanId ? 1 : 0;
}

function addTo(groups: Map<string, Span[]>, key: string, span: Span): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [span]);
  else group.push(span);
}
