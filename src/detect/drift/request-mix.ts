import { logChiSquaredTail } from '../significance.js';
import type { Group } from './group.js';

/** Decisions by the slot of their request type. */
export type Mix = readonly number[];

export const NO_MIX: Mix = [];

export interface MixShift {
  /** The natural logarithm of the chance of such a difference when there is none. */
  logChance: number;
  /** The part of the decisions that are of another type than before, 0 to 1 (total variation). */
  moved: number;
}

export function mixOf({ strata }: Group, slots: number): Mix {
  const mix = new Array<number>(slots).fill(0);
  for (const { slot, count } of strata) mix[slot] = count;
  return mix;
}

export function subtractMix(left: Mix, right: Mix): Mix {
  return left.map((count, slot) => Math.max(0, count - (right[slot] ?? 0)));
}

export function sizeOf(mix: Mix): number {
  return mix.reduce((sum, count) => sum + count, 0);
}

/** Pearson's chi-squared test of homogeneity (Philos. Mag. 50, 1900); neither is empty. */
export function compareMixes(before: Mix, after: Mix): MixShift {
  const [total, newer] = [sizeOf(before) + sizeOf(after), sizeOf(after)];
  const older = total - newer;
  let [chiSquared, moved, types] = [0, 0, 0];
  for (const [slot, count] of after.entries()) {
    const both = count + (before[slot] ?? 0);
    if (both === 0) continue;
    const expected = (both * newer) / total;
    chiSquared += ((count - expected) ** 2 * total) / (expected * older);
    moved += Math.abs(count / newer - (before[slot] ?? 0) / older) / 2;
    types += 1;
  }
  return { logChance: types < 2 ? 0 : logChiSquaredTail(chiSquared, types - 1), moved };
}
