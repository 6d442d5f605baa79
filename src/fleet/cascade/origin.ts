import { duration } from '../wording.js';
import type { FailedDecision, JudgedStep } from './failed-decision.js';
import { intervalOf } from './failed-decision.js';
import { failedSteps } from './spread.js';

/** Where a cascade began. */
export interface Origin {
  decision: FailedDecision;
  /** The step it failed on; null when none of its steps did, or none is known. */
  step: JudgedStep | null;
  evidence: string;
}

/**
 * The step a decision broke on: the one its error quotes, the earliest of several; else the last that failed, since nothing
 * could make up for it.
 */
export function findOrigin(decision: FailedDecision): Origin {
  const agent = decision.row.agentName;
  const failed = failedSteps(decision);
  const quoted = failed.find(({ errorMessage }) => errorMessage !== null && quotes(decision, errorMessage));
  const step = quoted ?? failed.at(-1) ?? null;
  if (step === null) {
    const type = decision.row.errorType === null ? '' : ` with the type ${decision.row.errorType}`;
    return { decision, step, evidence: `${agent} failed${type}, and none of its steps did.` };
  }
  const kind = step.kind.toLowerCase().replaceAll('_', ' ');
  const restMs = intervalOf(decision).endMs - step.endMs;
  const because = step === quoted ? ', whose error is the decision’s' : '';
  const evidence = `${agent} broke on its ${kind} ${step.name}${because}, ${duration(restMs)} before it ended.`;
  return { decision, step, evidence };
}

function quotes({ errorMessage }: FailedDecision, quoted: string): boolean {
  return errorMessage?.toLowerCase().includes(quoted.toLowerCase()) ?? false;
}
