import type { Outcome, StepKind } from '../../decision/decision.js';
import type { DecisionRow } from '../../decision/row.js';

/** A step as far as failures are judged by it. */
export interface JudgedStep {
  index: number;
  kind: StepKind;
  name: string;
  startMs: number;
  endMs: number;
  outcome: Outcome;
  errorMessage: string | null;
  spanId: string | null;
}

/** A decision that failed, with its chain; without one where its content is not kept. */
export interface FailedDecision {
  row: DecisionRow;
  spanId: string | null;
  errorMessage: string | null;
  steps: readonly JudgedStep[];
}

export function intervalOf({ row }: FailedDecision): { startMs: number; endMs: number } {
  return { startMs: row.startedAt.getTime(), endMs: row.endedAt.getTime() };
}
