/** Calls that come round in the same order with the same answers: A B A B A B, and longer. */

/** Longer rounds show by how little they bring (see stall in verdict.ts) before they have come round three times. */
const PERIOD_MAX = 32;
/** Once may be chance, twice a second look; three full rounds are a cycle. */
export const ROUNDS_MIN = 3;

interface Turn {
  /** Of the call and its answer. */
  token: number;
  call: number;
  tool: string;
  step: number;
}

export interface Cycling {
  /** The last turns, the newest at the end; at most PERIOD_MAX. */
  turns: Turn[];
  /** By period less one: how many turns in a row equalled the turn so far before, and the first step of that. */
  matches: { length: number; firstStep: number }[];
}

export interface Cycle {
  period: number;
  /** Full rounds, the first included. */
  rounds: number;
  firstStep: number;
  tools: string[];
}

export function newCycling(): Cycling {
  return { turns: [], matches: Array.from({ length: PERIOD_MAX }, () => ({ length: 0, firstStep: 0 })) };
}

/** The same turns and matches, all of them at the given step. */
export function continueCycling({ turns, matches }: Cycling, step: number): Cycling {
  return {
    turns: turns.map((each) => ({ ...each, step })),
    matches: matches.map(({ length }) => ({ length, firstStep: step })),
  };
}

/** Takes in the turn and says the shortest period of at least two that has now come round often enough. */
export function turn(cycling: Cycling, next: Turn): Cycle | null {
  const { turns, matches } = cycling;
  for (const [index, match] of matches.entries()) {
    const before = turns[turns.length - 1 - index];
    if (before === undefined || before.token !== next.token) match.length = 0;
    else {
      if (match.length === 0) match.firstStep = before.step;
      match.length += 1;
    }
  }
  turns.push(next);
  if (turns.length > PERIOD_MAX) turns.shift();
  const index = matches.findIndex(({ length }, at) => length >= (ROUNDS_MIN - 1) * (at + 1));
  return index < 1 ? null : cycleOf(cycling, index + 1);
}

/** An answer that changes to and fro is news each time; only different calls make a cycle. */
function cycleOf({ turns, matches }: Cycling, period: number): Cycle | null {
  const round = turns.slice(-period);
  if (new Set(round.map(({ call }) => call)).size < 2) return null;
  const { length, firstStep } = matches[period - 1] ?? { length: 0, firstStep: 0 };
  return {
    period,
    rounds: Math.floor(length / period) + 1,
    firstStep,
    tools: [...new Set(round.map(({ tool }) => tool))],
  };
}
