/** What the loop detector remembers of a run and of the runs before it in the same conversation: hashes and counts, no content. */

import type { Severity } from '../../settings/settings.js';
import { type Cycling, newCycling } from './cycle.js';

const PATTERNS = [
  'side_effect',
  'same_error',
  'same_call',
  'near_duplicate',
  'cycle',
  'monologue',
  'same_failure',
  'same_answer',
  'stall',
] as const;
export type LoopPattern = (typeof PATTERNS)[number];

export interface Tally {
  /** The tool and what it was asked first, and whether it was asked so ever since. */
  exact: number;
  isExact: boolean;
  /** The tool and what it was asked, loosely. */
  loose: number;
  answer: number | null;
  /** How often it came with this answer, since it last came with another. */
  times: number;
  /** How often it failed the same way with nothing new in between. */
  failures: number;
  /** How often it was done. */
  effects: number;
  firstStep: number;
  /** How much news there was when it came last. */
  newsCount: number;
  startedAtMs: number;
  endedAtMs: number;
}

export interface ToolStreak {
  tool: string;
  kind: number | null;
  times: number;
  firstStep: number;
}

/** A call with a long text among its arguments, to know the same text reworded. */
export interface Wording {
  tool: string;
  fields: number;
  words: readonly number[];
  loose: number;
}

/** What the model said last, without calling a tool since. */
export interface Monologue {
  hash: number;
  prompt: number | null;
  times: number;
  firstStep: number;
  endedAtMs: number;
}

export interface LoopState {
  callCount: number;
  /** Calls that brought something that was not there before. */
  newsCount: number;
  /** What has piled up of calls that brought nothing. */
  staleness: number;
  /** The same call with the same answer, one directly after the other. */
  streak: { token: number; length: number; firstStep: number };
  /** The least recently called first. */
  tallies: Tally[];
  tools: ToolStreak[];
  wordings: Wording[];
  cycling: Cycling;
  monologue: Monologue | null;
  /** Of the first loop of the run, which all that follow are part of: a run goes astray once. */
  incident: string | null;
  /** How severe it was when it was last said. */
  said: Severity | null;
}

/** Of calls, tools and wordings that are kept apart: a run that has more of them is not going in circles. */
export const TALLIES_MAX = 128;
export const TOOLS_MAX = 32;
export const WORDINGS_MAX = 8;

export function newLoopState(): LoopState {
  return {
    callCount: 0,
    newsCount: 0,
    staleness: 0,
    streak: { token: 0, length: 0, firstStep: 0 },
    tallies: [],
    tools: [],
    wordings: [],
    cycling: newCycling(),
    monologue: null,
    incident: null,
    said: null,
  };
}
