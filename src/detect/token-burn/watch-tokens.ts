/** What an agent uses against its own usual, without any budget. */

import type { Finding } from '../../anomaly/finding.js';
import { countHour, type HourlyTokens, NO_HOURS } from './hourly.js';
import { findRunaway, KNOWN_MIN, type TokenUse } from './runaway.js';
import { addTokens, NO_TOKENS, type TokenHistogram } from './usual-tokens.js';

/** What is remembered of one agent; JSON of at most about 10 kB. */
export interface TokenState {
  /** By request type, the first seven; all others, and those without one, are together under ''. */
  types: readonly (readonly [requestType: string, usual: TokenHistogram])[];
  hours: HourlyTokens;
}

export interface TimedTokenUse extends TokenUse {
  /** When the decision ended. */
  atMs: number;
}

const TYPES_MAX = 7;
const TYPE_LENGTH_MAX = 60;

export function newTokenState(): TokenState {
  return { types: [['', NO_TOKENS]], hours: NO_HOURS };
}

/** Whether enough is known of such requests to judge one by. */
export function isUsualKnown(state: TokenState, requestType: string | null): boolean {
  return usualOf(state, requestType).weight >= KNOWN_MIN;
}

/** The finding of a decision that is still going on, by what it has used so far. Learns nothing. */
export function judgeTokens(state: TokenState, use: TokenUse): Finding | null {
  return findRunaway(usualOf(state, use.requestType), use);
}

/** Takes a decision that has ended. It is not among those that it is held against. */
export function observeTokens(state: TokenState, use: TimedTokenUse): { state: TokenState; findings: Finding[] } {
  const runaway = judgeTokens(state, use);
  const { hours, finding } = countHour(state.hours, use.atMs, use.tokens);
  const name = slotOf(state, use.requestType);
  const isKnown = state.types.some(([each]) => each === name);
  const types = isKnown
    ? state.types.map(([each, usual]) => [each, each === name ? addTokens(usual, use.tokens) : usual] as const)
    : [...state.types, [name, addTokens(NO_TOKENS, use.tokens)] as const];
  return { state: { types, hours }, findings: [runaway, finding].filter((each) => each !== null) };
}

function usualOf(state: TokenState, requestType: string | null): TokenHistogram {
  const name = slotOf(state, requestType);
  return state.types.find(([each]) => each === name)?.[1] ?? NO_TOKENS;
}

function slotOf({ types }: TokenState, requestType: string | null): string {
  const name = (requestType ?? '').slice(0, TYPE_LENGTH_MAX);
  const isApart = types.length <= TYPES_MAX || types.some(([each]) => each === name);
  return isApart ? name : '';
}
