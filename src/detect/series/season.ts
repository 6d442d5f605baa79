import { DAY_MS, MINUTE_MS } from '../../time.js';
import type { Band } from './verdict.js';

const SLOT_MS = 30 * MINUTE_MS;
const SLOTS = DAY_MS / SLOT_MS;
/** Every weekday once, so that a quiet Sunday is expected of a series that has lived through one. */
const DAYS = 7;

export interface SeasonState {
  /** By slot: the day it was last seen, counted from the epoch. */
  days: (number | null)[];
  /** By slot and weekday: the least and greatest value of the last such day. */
  lows: (number | null)[];
  highs: (number | null)[];
}

/** What a series did at the same time of day, on the last day of each weekday. */
export class Season {
  readonly #days: Float64Array;
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;

  constructor(state?: SeasonState) {
    this.#days = restore(SLOTS, state?.days);
    this.#lows = restore(SLOTS * DAYS, state?.lows);
    this.#highs = restore(SLOTS * DAYS, state?.highs);
  }

  /** The least and greatest value of other days at this time of day; null when there are none. */
  usualAt(atMs: number): Band | null {
    const { slot, day } = placeOf(atMs);
    const today = this.#days[slot] === day ? weekdayOf(day) : -1;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let weekday = 0; weekday < DAYS; weekday += 1) {
      if (weekday === today) continue;
      // Comparisons with NaN, where nothing was seen, are false.
      const cellLow = this.#lows[slot * DAYS + weekday] ?? Number.NaN;
      const cellHigh = this.#highs[slot * DAYS + weekday] ?? Number.NaN;
      if (cellLow < low) low = cellLow;
      if (cellHigh > high) high = cellHigh;
    }
    return high >= low ? { low, high } : null;
  }

  learn(atMs: number, value: number): void {
    const { slot, day } = placeOf(atMs);
    const cell = slot * DAYS + weekdayOf(day);
    const isNewDay = this.#days[slot] !== day;
    this.#days[slot] = day;
    this.#lows[cell] = isNewDay ? value : Math.min(value, this.#lows[cell] ?? value);
    this.#highs[cell] = isNewDay ? value : Math.max(value, this.#highs[cell] ?? value);
  }

  toJSON(): SeasonState {
    return { days: store(this.#days), lows: store(this.#lows), highs: store(this.#highs) };
  }
}

function placeOf(atMs: number): { slot: number; day: number } {
  const day = Math.floor(atMs / DAY_MS);
  return { slot: Math.floor((atMs - day * DAY_MS) / SLOT_MS), day };
}

function weekdayOf(day: number): number {
  return ((day % DAYS) + DAYS) % DAYS;
}

function restore(size: number, values: readonly (number | null)[] | undefined): Float64Array {
  return Float64Array.from({ length: size }, (_, index) => values?.[index] ?? Number.NaN);
}

function store(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
}
