/**
 * How far an agent's groups of decisions differ anyhow: work and latency have their hours, and what was told once as a drift and
 * came back is none. The variance between groups is estimated from squared differences less what chance makes of them
 * (DerSimonian and Laird, Control. Clin. Trials 7, 1986), and fades.
 */

import { FIGURE_NAMES } from './behaviour.js';
import type { Separation } from './separation.js';

export interface Wander {
  /** Of each figure, squared hundredths of the usual deviation. Tools have none: which are told apart may change. */
  squares: readonly number[];
  /** Of how many groups. */
  count: number;
}

export const NO_WANDER: Wander = { squares: FIGURE_NAMES.map(() => 0), count: 0 };

/** So many groups that differ by chance alone are believed in before any was seen. */
const PRIOR = 5;
const KEPT = 0.95;
/** A single drift is not to hide every later one: a difference counts at most as seven tenths of a deviation. */
const SQUARE_MAX = 70 ** 2;

export function learnWander({ squares, count }: Wander, { shift, standardErrors }: Separation): Wander {
  return {
    squares: squares.map((square, index) => {
      const excess = (shift[index] ?? 0) ** 2 - (standardErrors[index] ?? 0) ** 2;
      return Math.round(square * KEPT + Math.min(excess, SQUARE_MAX));
    }),
    count: count * KEPT + 1,
  };
}

/** The variance between groups, of each figure. */
export function wanderOf({ squares, count }: Wander): number[] {
  return squares.map((square) => Math.max(0, square / (PRIOR + count)));
}
