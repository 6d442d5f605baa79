/** When repetition is a loop, and how sure that is. */

import { compareText } from '../../order.js';
import type { Severity } from '../../settings/settings.js';
import type { Answered } from './answer.js';
import { type Cycle, ROUNDS_MIN, turn } from './cycle.js';
import type { LoopPattern, LoopState, Tally } from './state.js';
import type { ToolNature } from './tool.js';

/** A call that the state has taken in. */
export interface SeenCall {
  tool: string;
  nature: ToolNature;
  step: number;
  answered: Answered;
  tally: Tally;
  /** The answer is that it is not over yet, as before, and the agent has waited. */
  isPolling: boolean;
}

export interface LoopSighting {
  pattern: LoopPattern;
  severity: Exclude<Severity, 'INFO'>;
  /** From 0.5, when it becomes a warning, to 1, when it is critical. */
  score: number;
  /** The tool called last; null for a monologue. */
  tool: string | null;
  /** The tools of a cycle in turn; of other patterns the one. */
  tools: readonly string[];
  /** Calls, full rounds of a cycle, or answers of the model. */
  repetitions: number;
  /** So many would not have been a loop. */
  expectedMax: number;
  /** Calls from one repetition to the next. */
  period: number;
  /** Null when it began in an earlier run of the conversation. */
  firstStep: number | null;
  /** The step at which it was certain. */
  lastStep: number;
  /** Names the loop among those of the agent: by the tools of the first sighting in the run. */
  incident: string;
}

/** A sighting by itself, before it is known whether the run has gone astray already. */
export type Suspected = Omit<LoopSighting, 'incident'>;

/** Three equal calls happen to agents that do well; of four in a row without a word of news only 27 % solve the task. */
const SAME_CALLS_MIN = 4;
/** Without the answers nobody knows whether it is polling. */
const UNKNOWN_ANSWERS_MIN = 8;
/** Polling of something that does not move: it may take long, but not for ever. */
const POLLING_ANSWERS_MIN = 12;
/** A failure, a retry, and a second that should have been something else. */
const SAME_ERRORS_MIN = 3;
const EFFECTS_MIN = 3;
const MONOLOGUE_MIN = 3;
/** One tool that is used on many things may fail alike or find alike for some of them. */
const SAME_FAILURES_MIN = 6;
const SAME_LONG_ANSWERS_MIN = 6;
const SAME_SHORT_ANSWERS_MIN = 10;
/** A second look counts half, a later one whole, and what brings news takes one away. */
const STALENESS_MIN = 4.5;
const STALE_TIMES_MIN = 3;

/** Twice as much as makes a warning leaves no doubt. */
const CRITICAL_FACTOR = 2;

interface Suspicion {
  pattern: LoopPattern;
  amount: number;
  /** The amount that makes a warning. */
  min: number;
  repetitions: number;
  expectedMax: number;
  firstStep: number;
}

/** The most severe of what can be said of a call; of equals the one that says most. */
export function suspectedOf(state: LoopState, seen: SeenCall): Suspected | null {
  const { tool, step, tally, answered, isPolling } = seen;
  // An answer that is not known, or is still to come, ends a round: it could be news.
  const token = answered.key === null || isPolling ? -state.callCount : state.streak.token;
  const cycle = turn(state.cycling, { token, call: tally.exact, tool, step });
  const grave = [...suspicionsOfCall(state, seen), ...suspicionsOfOthers(state, seen, cycle)].filter(
    ({ amount, min }) => amount >= min,
  );
  const worst = grave.find((each) => severityOf(each) === 'CRITICAL') ?? grave[0];
  if (worst === undefined) return null;
  const isCycle = worst.pattern === 'cycle' && cycle !== null;
  return suspected(worst, { tool, tools: isCycle ? cycle.tools : [tool], period: isCycle ? cycle.period : 1, step });
}

/** Of the call by itself: done, failed or answered as before. */
function suspicionsOfCall({ streak }: LoopState, seen: SeenCall): Suspicion[] {
  const { nature, answered, tally } = seen;
  const { firstStep, effects, failures, isExact } = tally;
  const suspicions = [
    repeated(isExact ? 'same_call' : 'near_duplicate', streak.length, streakMin(seen), streak.firstStep),
  ];
  if (answered.isError) suspicions.unshift(repeated('same_error', failures, SAME_ERRORS_MIN, firstStep));
  if (nature === 'EFFECT') suspicions.unshift(repeated('side_effect', effects, EFFECTS_MIN, firstStep));
  return suspicions;
}

/** Of the call among the others of its tool and of the run. */
function suspicionsOfOthers(
  { tools, staleness }: LoopState,
  { nature, answered, tally }: SeenCall,
  cycle: Cycle | null,
): Suspicion[] {
  const suspicions: Suspicion[] = [];
  if (cycle !== null) suspicions.push(repeated('cycle', cycle.rounds, ROUNDS_MIN, cycle.firstStep));
  const { times, firstStep } = tools.at(-1) ?? { times: 0, firstStep: 0 };
  if (answered.isError) suspicions.push(repeated('same_failure', times, SAME_FAILURES_MIN, firstStep));
  else if (nature !== 'EFFECT' && answered.weight !== 'NONE') {
    const min = answered.weight === 'LONG' ? SAME_LONG_ANSWERS_MIN : SAME_SHORT_ANSWERS_MIN;
    suspicions.push(repeated('same_answer', times, min, firstStep));
  }
  if (tally.times >= STALE_TIMES_MIN) {
    suspicions.push({
      pattern: 'stall',
      amount: staleness,
      min: STALENESS_MIN,
      repetitions: tally.times,
      expectedMax: STALE_TIMES_MIN - 1,
      firstStep: tally.firstStep,
    });
  }
  return suspicions;
}

function repeated(pattern: LoopPattern, times: number, min: number, firstStep: number): Suspicion {
  return { pattern, amount: times, min, repetitions: times, expectedMax: min - 1, firstStep };
}

function streakMin({ answered, isPolling }: SeenCall): number {
  if (isPolling) return POLLING_ANSWERS_MIN;
  return answered.key === null ? UNKNOWN_ANSWERS_MIN : SAME_CALLS_MIN;
}

function scoreOf({ amount, min }: Suspicion): number {
  return Math.min(1, amount / (CRITICAL_FACTOR * min));
}

export function monologueOf(
  { times, firstStep }: { times: number; firstStep: number },
  step: number,
): Suspected | null {
  if (times < MONOLOGUE_MIN) return null;
  const suspicion = repeated('monologue', times, MONOLOGUE_MIN, firstStep);
  return suspected(suspicion, { tool: null, tools: [], period: 1, step });
}

/** The same tools in a loop again are the same incident, whatever the pattern and wherever the cycle was entered. */
export function incidentOf({ tools, pattern }: Pick<Suspected, 'tools' | 'pattern'>): string {
  return tools.length === 0 ? pattern : [...tools].sort(compareText).join(', ');
}

function severityOf({ amount, min }: Suspicion): LoopSighting['severity'] {
  return amount >= CRITICAL_FACTOR * min ? 'CRITICAL' : 'WARNING';
}

function suspected(
  suspicion: Suspicion,
  { tool, tools, period, step }: { tool: string | null; tools: readonly string[]; period: number; step: number },
): Suspected {
  const { pattern, repetitions, expectedMax, firstStep } = suspicion;
  return {
    pattern,
    severity: severityOf(suspicion),
    score: scoreOf(suspicion),
    tool,
    tools,
    repetitions,
    expectedMax,
    period,
    firstStep: firstStep < 0 ? null : firstStep,
    lastStep: step,
  };
}
