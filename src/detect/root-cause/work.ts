/** A piece of work and the pieces it consists of, whoever did them: a span, a decision, a step. */
export interface Work {
  /** The agent or the service that did it. */
  doer: string;
  /** What was done, by a name that is the same every time. */
  operation: string;
  /** Milliseconds since some moment, the same for all of one tree. */
  startMs: number;
  durationMs: number;
  isFailed: boolean;
  parts: readonly Work[];
}

/** What one piece of work shows about who did it. */
export interface WorkFact {
  work: Work;
  /** Whom it called; empty when the work was its own. */
  callees: readonly string[];
  /** Milliseconds that no part accounts for: its own time, or what lies between caller and callee. */
  restMs: number;
  /** It failed and nothing below it did. */
  isOwnFailure: boolean;
  /** It took the work over from another or handed some on: what fails here may have failed because of the other side. */
  isBoundary: boolean;
}

/** The facts of a tree, the deepest first. */
export function factsOf(root: Work): WorkFact[] {
  const facts: WorkFact[] = [];
  visit(root, null, facts);
  return facts;
}

/** Whether the work or anything below it failed. */
function visit(work: Work, caller: Work | null, facts: WorkFact[]): boolean {
  let hasFailedPart = false;
  for (const part of work.parts) hasFailedPart = visit(part, work, facts) || hasFailedPart;
  const callees = work.parts.filter(({ doer }) => doer !== work.doer).map(({ doer }) => doer);
  facts.push({
    work,
    callees,
    restMs: work.durationMs - coveredMs(work.parts),
    isOwnFailure: work.isFailed && !hasFailedPart,
    isBoundary: caller?.doer !== work.doer || callees.length > 0,
  });
  return work.isFailed || hasFailedPart;
}

/** The time in which at least one of them ran. */
function coveredMs(parts: readonly Work[]): number {
  const ordered = [...parts].sort((left, right) => left.startMs - right.startMs);
  let covered = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, durationMs } of ordered) {
    covered += Math.max(0, startMs + durationMs - Math.max(startMs, untilMs));
    untilMs = Math.max(untilMs, startMs + durationMs);
  }
  return covered;
}
