/** Loops as findings: of a sighting, and of a whole run. */

import type { Finding } from '../../anomaly/finding.js';
import { type LoopStep, lookAtStep, startRun } from './observe.js';
import { type LoopState, newLoopState } from './state.js';
import type { LoopSighting } from './verdict.js';

export interface JudgedRun {
  /** The surest loop of the run, at its fullest; null when there is none. */
  finding: Finding | null;
  /** For the next run of the same conversation; null when there is nothing to remember. */
  carried: LoopState | null;
}

/** With no more steps than these there is nothing that could repeat itself often enough, nor go on in the next run. */
const CALLS_WITHOUT_LOOP = 1;
const ANSWERS_WITHOUT_LOOP = 2;

/**
 * Judges a run from all its steps, in the order they started; `carried` is what the run before it in the same conversation left,
 * and is not changed.
 */
export function findLoop(steps: readonly LoopStep[], carried: LoopState | null): JudgedRun {
  if (carried === null && isTooShort(steps)) return { finding: null, carried: null };
  const state = carried === null ? newLoopState() : startRun(carried);
  let surest: LoopSighting | null = null;
  for (const [index, step] of steps.entries()) {
    const sighting = lookAtStep(state, step, index);
    if (sighting !== null && sighting.score >= (surest?.score ?? 0)) surest = sighting;
  }
  const next = startRun(state);
  return { finding: surest === null ? null : findingOf(surest), carried: next.tallies.length === 0 ? null : next };
}

function isTooShort(steps: readonly LoopStep[]): boolean {
  let calls = 0;
  let answers = 0;
  for (const { kind } of steps) {
    if (kind === 'TOOL_CALL' || kind === 'RETRIEVAL') calls += 1;
    else if (kind === 'MODEL_CALL') answers += 1;
  }
  return calls <= CALLS_WITHOUT_LOOP && answers <= ANSWERS_WITHOUT_LOOP;
}

export function findingOf(sighting: LoopSighting): Finding {
  const { pattern, severity, score, tool, tools, repetitions, expectedMax, period, firstStep, lastStep, incident } =
    sighting;
  return {
    kind: 'LOOP',
    severity,
    score,
    observed: repetitions,
    expected: expectedMax,
    summary: summaryOf(sighting),
    evidence: {
      pattern,
      tool,
      tools,
      repetitions,
      period,
      firstStep,
      lastStep,
      isFromEarlierRun: firstStep === null,
    },
    incident,
  };
}

function summaryOf({ pattern, tool, tools, repetitions }: LoopSighting): string {
  const name = tool ?? 'the model';
  switch (pattern) {
    case 'side_effect':
      return `${name} was done ${repetitions} times with the same arguments`;
    case 'same_error':
      return `${name} was called ${repetitions} times with the same arguments and failed with the same error`;
    case 'same_call':
      return `${name} was called ${repetitions} times with the same arguments and gave the same answer`;
    case 'near_duplicate':
      return `${name} was called ${repetitions} times with nearly the same arguments and gave the same answer`;
    case 'cycle':
      return `${listOf(tools)} were called in turn ${repetitions} times with the same arguments and the same answers`;
    case 'monologue':
      return `the model said the same words ${repetitions} times in a row and called no tool`;
    case 'same_failure':
      return `${name} failed the same way ${repetitions} times, whatever it was asked`;
    case 'same_answer':
      return `${name} gave the same answer ${repetitions} times, whatever it was asked`;
    case 'stall':
      return `${name} was called ${repetitions} times with the same arguments for the same answer, and little else was new`;
  }
}

const LISTED_TOOLS_MAX = 5;

function listOf(tools: readonly string[]): string {
  if (tools.length === 1) return `calls of ${tools[0]}`;
  if (tools.length > LISTED_TOOLS_MAX) return `${tools.slice(0, LISTED_TOOLS_MAX).join(', ')} and others`;
  return `${tools.slice(0, -1).join(', ')} and ${tools.at(-1)}`;
}
