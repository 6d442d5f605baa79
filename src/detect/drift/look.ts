/** What there is to be seen in an agent's history: the likeliest moment at which its behaviour or its requests changed. */

import { FIGURE_NAMES } from './behaviour.js';
import { isShare } from './frame.js';
import { type Group, mergeGroups } from './group.js';
import { allOf, type History, type Split } from './history.js';
import { compareMixes, type Mix, type MixShift, mixOf, sizeOf, subtractMix } from './request-mix.js';
import { type Products, type Separation, scatterWithin, separate, sumProducts } from './separation.js';
import { type Wander, wanderOf } from './wander.js';

/** A difference that is beyond chance. */
export interface Drift extends Split {
  separation: Separation;
}

export interface RequestDrift {
  /** Of all decisions before, those of earlier shifts included. */
  former: Mix;
  before: Mix;
  after: Mix;
  sinceMs: number;
  shift: MixShift;
}

export const BEFORE_MIN = 100;
const AFTER_MIN = 30;
/**
 * A chance of one in 8,000 at a look. Streams drawn at random from the runs of ../shared/data/agent_metrics have one false alarm in a
 * million decisions by it: neighbouring looks see much the same.
 */
const LOG_CHANCE_MAX = -9;
/**
 * In hundredths of the usual deviation, of figures and of shares, two in a hundred: with enough decisions the least difference is
 * certain, and a word more in every answer is no drift.
 */
const FIGURE_SHIFT_MIN = 25;
const SHARE_SHIFT_MIN = 6;
/** Work comes in waves, so that what is asked for differs by far more than by chance: only a large shift is told. */
const MIX_LOG_CHANCE_MAX = -25;
const MIX_MOVED_MIN = 0.25;

/** The likeliest of the splits of the history at which the agent began to behave differently, or null. */
export function findDrift(
  history: History,
  splits: readonly Split[],
  { dimension, wander }: { dimension: number; wander: Wander },
): Drift | null {
  const all = allOf(history);
  if (all.count < BEFORE_MIN + AFTER_MIN) return null;
  const scatter = scatterWithin(all, history.products, dimension);
  const variances = wanderOf(wander);
  const drifts = splits.flatMap((split): Drift[] => {
    const separation = split.before.count < BEFORE_MIN ? null : separate(scatter, split, variances);
    return separation === null || !isTangible(separation) ? [] : [{ ...split, separation }];
  });
  const isSure = drifts.some(
    ({ after, separation }) => after.count >= AFTER_MIN && separation.logChance <= LOG_CHANCE_MAX,
  );
  // When it is certain, the moment may have been later than what made it certain.
  return isSure ? drifts.reduce(likelier) : null;
}

function likelier(left: Drift, right: Drift): Drift {
  return right.separation.logChance < left.separation.logChance ? right : left;
}

/** The decisions of a new version against everything before. */
export function findVersionDrift(
  history: History,
  version: { group: Group; products: Products },
  { dimension, wander }: { dimension: number; wander: Wander },
): Drift | null {
  const split = { before: allOf(history), after: version.group };
  const products = sumProducts(history.products, version.products);
  const scatter = scatterWithin(mergeGroups(split.before, split.after), products, dimension);
  const separation = separate(scatter, split, wanderOf(wander));
  const isSure = separation !== null && separation.logChance <= LOG_CHANCE_MAX;
  return isSure && isTangible(separation) ? { ...split, separation } : null;
}

function isTangible({ shift }: Separation): boolean {
  return shift.some((each, index) => {
    const figure = FIGURE_NAMES[index];
    return Math.abs(each) >= (figure === undefined || isShare(figure) ? SHARE_SHIFT_MIN : FIGURE_SHIFT_MIN);
  });
}

/** When a block has joined what has long been so, without a drift: how it differs from that. Null when none has. */
export function separateOldest(before: History, after: History, dimension: number): Separation | null {
  const [block] = before.blocks;
  if (block === undefined || after.older.count <= before.older.count || before.older.count < BEFORE_MIN) return null;
  const scatter = scatterWithin(allOf(after), after.products, dimension);
  return separate(scatter, { before: before.older, after: block }, []);
}

/** The likeliest of the splits at which other things began to be asked for; `slots`: of request types. */
export function findRequestDrift(splits: readonly Split[], { formerMix }: History, slots: number): RequestDrift | null {
  let best: RequestDrift | null = null;
  for (const split of splits) {
    const after = mixOf(split.after, slots);
    const former = mixOf(split.before, slots);
    const before = subtractMix(former, formerMix);
    if (sizeOf(before) < BEFORE_MIN || split.after.count < AFTER_MIN) continue;
    const shift = compareMixes(before, after);
    if (shift.moved < MIX_MOVED_MIN || shift.logChance > (best?.shift.logChance ?? MIX_LOG_CHANCE_MAX)) continue;
    best = { former, before, after, sinceMs: split.after.sinceMs, shift };
  }
  return best;
}
