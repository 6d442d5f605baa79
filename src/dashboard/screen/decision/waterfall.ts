/** A decision of a trace, as it is drawn: how deep it lies, and when it ran. */
export interface Line {
  id: string;
  agent: string;
  depth: number;
  /** Milliseconds from the beginning of the trace. */
  offsetMs: number;
  latencyMs: number;
  isFailed: boolean;
  /** Whether it failed and nothing that it invoked did: here a failure began. */
  isOrigin: boolean;
  errorType: string | null;
  costUsd: number | null;
}

export interface Traced {
  id: string;
  agent: { name: string };
  parent: { id: string } | null;
  startedAt: string;
  latencyMs: number;
  outcome: 'SUCCESS' | 'ERROR';
  errorType: string | null;
  costUsd: number | null;
}

/** The decisions of a trace as a tree, each under the one that invoked it, in order of start. */
export function linesOf(decisions: readonly Traced[]): Line[] {
  const known = new Set(decisions.map(({ id }) => id));
  const childrenOf = new Map<string | null, Traced[]>();
  for (const decision of decisions) {
    const parent = decision.parent !== null && known.has(decision.parent.id) ? decision.parent.id : null;
    const siblings = childrenOf.get(parent) ?? [];
    siblings.push(decision);
    childrenOf.set(parent, siblings);
  }
  const beganMs = Math.min(...decisions.map(({ startedAt }) => Date.parse(startedAt)));
  const lines: Line[] = [];
  // A stack of our own: how deep agents call each other is theirs to say.
  const open = [...(childrenOf.get(null) ?? [])].reverse().map((decision) => ({ decision, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { decision, depth } = next;
    const children = childrenOf.get(decision.id) ?? [];
    const isFailed = decision.outcome === 'ERROR';
    lines.push({
      id: decision.id,
      agent: decision.agent.name,
      depth,
      offsetMs: Date.parse(decision.startedAt) - beganMs,
      latencyMs: decision.latencyMs,
      isFailed,
      isOrigin: isFailed && children.every(({ outcome }) => outcome === 'SUCCESS'),
      errorType: decision.errorType,
      costUsd: decision.costUsd,
    });
    for (const child of [...children].reverse()) open.push({ decision: child, depth: depth + 1 });
  }
  return lines;
}
