import { duration } from '../wording.js';
import { type FailedDecision, intervalOf, type JudgedStep } from './failed-decision.js';

/** Whether a decision's failure made its caller fail, and what says so. Sentences hold no content. */
export interface Spread {
  /** 0 to 1. */
  confidence: number;
  evidence: string[];
}

/** From here on a failure is taken to have made its caller fail. */
export const SPREAD_CONFIDENCE_MIN = 0.5;
const CONFIDENCE_MAX = 0.99;

/** Within this much, clocks of two hosts may differ. */
const CLOCK_SLACK_MS = 100;
/** Where no steps are known: a caller that ended so soon after has hardly done anything else. */
const SOON_MS = 1_000;
const SOON_SHARE = 0.2;
/** Shorter messages are the same by chance: `error`, `timeout`. */
const QUOTABLE_LENGTH_MIN = 10;

/** What each piece of evidence adds to the confidence, or takes from it. Both failed, one within the other: that is the base. */
const WEIGHTS = {
  base: 0.3,
  handoffFailed: 0.25,
  handoffSucceeded: -0.15,
  nothingElseDone: 0.2,
  wentOn: -0.25,
  quoted: 0.3,
  sameType: 0.1,
  ownFailureAfter: -0.35,
  ownFailureBefore: -0.2,
} as const;

interface Clue {
  weight: number;
  sentence: string;
}

/** What a caller did around its call, by the caller's own clock where its chain shows the call. */
interface Call {
  /** Steps that are the call, or contain it. */
  steps: readonly JudgedStep[];
  startMs: number;
  endMs: number;
}

/** How far the failure of `child` explains that of `parent`, which invoked it. */
export function judgeSpread(child: FailedDecision, parent: FailedDecision): Spread {
  const call = findCall(child, parent);
  const lateMs = call.endMs - intervalOf(parent).endMs;
  if (lateMs > CLOCK_SLACK_MS) {
    const sentence = `${agentOf(parent)} had failed ${duration(lateMs)} before ${agentOf(child)} did.`;
    return { confidence: 0, evidence: [sentence] };
  }
  const quote = quoteClue(child, parent);
  const found: (Clue | null)[] = [
    handoffClue(child, parent, call),
    quote ?? sameTypeClue(child, parent),
    afterwardsClue(child, parent, call),
    ...(quote === null ? ownFailureClues(parent, call) : []),
  ];
  const clues = found.filter((clue) => clue !== null);
  const total = clues.reduce<number>((sum, { weight }) => sum + weight, WEIGHTS.base);
  return {
    confidence: Math.round(Math.min(Math.max(total, 0), CONFIDENCE_MAX) * 100) / 100,
    evidence: clues.map(({ sentence }) => sentence),
  };
}

function agentOf({ row }: FailedDecision): string {
  return row.agentName;
}

function findCall(child: FailedDecision, parent: FailedDecision): Call {
  const { startMs, endMs } = intervalOf(child);
  const linked = parent.steps.find(
    ({ spanId }) => spanId !== null && (spanId === child.spanId || spanId === child.row.parentSpanId),
  );
  const handoff = linked ?? parent.steps.find((step) => step.kind === 'HANDOFF' && isTo(step, child) && overlaps(step));
  const within = handoff ?? { startMs, endMs };
  const steps = parent.steps.filter(
    (step) =>
      step === handoff ||
      ((step.kind === 'HANDOFF' || step.kind === 'TOOL_CALL') &&
        step.startMs <= within.startMs + 1 &&
        step.endMs >= within.endMs - 1),
  );
  return { steps, startMs: within.startMs, endMs: within.endMs };

  function overlaps(step: JudgedStep): boolean {
    return step.startMs <= endMs + CLOCK_SLACK_MS && step.endMs >= startMs - CLOCK_SLACK_MS;
  }
}

function isTo(step: JudgedStep, child: FailedDecision): boolean {
  return step.name === child.row.agentName;
}

function handoffClue(child: FailedDecision, parent: FailedDecision, { steps }: Call): Clue | null {
  if (steps.length === 0) return null;
  if (steps.some(({ outcome }) => outcome === 'ERROR')) {
    return {
      weight: WEIGHTS.handoffFailed,
      sentence: `${agentOf(parent)}’s step that called ${agentOf(child)} failed too.`,
    };
  }
  return {
    weight: WEIGHTS.handoffSucceeded,
    sentence: `${agentOf(parent)}’s step that called ${agentOf(child)} counts as a success all the same.`,
  };
}

function quoteClue(child: FailedDecision, parent: FailedDecision): Clue | null {
  const quoted = [child.errorMessage, ...failedSteps(child).map(({ errorMessage }) => errorMessage)];
  const quotes = (text: string | null) => {
    const own = text?.toLowerCase() ?? '';
    return quoted.some(
      (message) => message !== null && message.length >= QUOTABLE_LENGTH_MIN && own.includes(message.toLowerCase()),
    );
  };
  if (!quotes(parent.errorMessage)) return null;
  return { weight: WEIGHTS.quoted, sentence: `${agentOf(parent)}’s error quotes that of ${agentOf(child)}.` };
}

function sameTypeClue(child: FailedDecision, parent: FailedDecision): Clue | null {
  const { errorType } = child.row;
  if (errorType === null || errorType !== parent.row.errorType) return null;
  return { weight: WEIGHTS.sameType, sentence: `Both failed with the type ${errorType}.` };
}

/** An agent that fails because of another fails at once; one that copes goes on working. */
function afterwardsClue(child: FailedDecision, parent: FailedDecision, call: Call): Clue | null {
  const restMs = intervalOf(parent).endMs - call.endMs;
  const names = { parent: agentOf(parent), child: agentOf(child) };
  const after = `${names.parent} ended ${duration(restMs)} after ${names.child} had failed`;
  if (parent.steps.length === 0) {
    if (restMs > Math.max(SOON_MS, parent.row.latencyMs * SOON_SHARE)) return null;
    return { weight: WEIGHTS.nothingElseDone, sentence: `${after}; its steps are not known.` };
  }
  const done = parent.steps.filter((step) => step.outcome === 'SUCCESS' && isWork(step) && isAfter(step, call));
  if (done.length === 0) return { weight: WEIGHTS.nothingElseDone, sentence: `${after}, and did nothing in between.` };
  const steps = done.length === 1 ? 'one more step' : `${done.length} more steps`;
  return { weight: WEIGHTS.wentOn, sentence: `${names.parent} took ${steps} after ${names.child} had failed.` };
}

/** The caller may have broken on something of its own. */
function ownFailureClues(parent: FailedDecision, call: Call): Clue[] {
  const own = failedSteps(parent).filter((step) => isWork(step) && !call.steps.includes(step));
  const later = own.findLast((step) => isAfter(step, call));
  const earlier = own.find((step) => step.endMs <= call.startMs + 1);
  const clues: Clue[] = [];
  if (later !== undefined) {
    clues.push({
      weight: WEIGHTS.ownFailureAfter,
      sentence: `${agentOf(parent)}’s own step ${later.name} failed afterwards.`,
    });
  }
  if (earlier !== undefined && call.steps.every(({ outcome }) => outcome === 'SUCCESS')) {
    clues.push({
      weight: WEIGHTS.ownFailureBefore,
      sentence: `${agentOf(parent)}’s own step ${earlier.name} had failed before.`,
    });
  }
  return clues;
}

export function failedSteps({ steps }: FailedDecision): JudgedStep[] {
  return steps.filter(({ outcome }) => outcome === 'ERROR');
}

const WORK = new Set(['MODEL_CALL', 'TOOL_CALL', 'RETRIEVAL', 'HANDOFF']);

function isWork({ kind }: JudgedStep): boolean {
  return WORK.has(kind);
}

function isAfter(step: JudgedStep, call: Call): boolean {
  return !call.steps.includes(step) && step.startMs >= call.endMs - 1;
}
