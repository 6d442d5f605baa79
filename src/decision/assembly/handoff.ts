/** Where one agent's chain passes on to another's. */
import type { Verdict } from './failure.js';
import type { Invocation } from './ownership.js';
import type { Handoff } from './step.js';
import type { SpanNode } from './tree.js';

/** What is shown of a child in its parent's chain. */
interface Child {
  agent: string;
  verdict: Verdict;
}

export function findHandoffs(children: ReadonlyMap<Invocation, Child>): Map<Invocation, Handoff[]> {
  const byNode = new Map<SpanNode, { parent: Invocation; handoff: Handoff }>();
  for (const [child, { agent, verdict }] of children) {
    if (child.parent === null) continue;
    const node = nodeOf(child, child.parent);
    const failed = verdict.outcome === 'ERROR' ? { type: verdict.errorType, message: verdict.errorMessage } : null;
    // A caller that tried twice made one handoff; its last try says how it went.
    byNode.set(node, { parent: child.parent, handoff: { node, agent, failure: node.span.failure ?? failed } });
  }
  const handoffs = new Map<Invocation, Handoff[]>();
  for (const { parent, handoff } of byNode.values()) {
    const known = handoffs.get(parent);
    if (known === undefined) handoffs.set(parent, [handoff]);
    else known.push(handoff);
  }
  return handoffs;
}

/** The span that shows the handoff: the caller's view of the child, or, for a child that only names its caller, the caller's last handoff. */
function nodeOf(child: Invocation, parent: Invocation): SpanNode {
  if (!child.isCalledByName) return child.callerSpans[0] ?? child.root;
  const { startMs } = child.root.span;
  const before = ({ span }: SpanNode) => span.kind === 'handoff' && span.startMs <= startMs;
  return parent.members.findLast(before) ?? child.root;
}
