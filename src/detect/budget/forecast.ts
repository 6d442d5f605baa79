import { DAY_MS, floorTo, HOUR_MS } from '../../time.js';
import { type Pace, spentWithin } from './pace.js';
import { isRhythmKnown, type Rhythm, usualAt, usualOfDay } from './rhythm.js';

export interface Forecast {
  /** When the rest is used up; null when not within the period. */
  atMs: number | null;
  /** What will have been spent from now to the end of the period, in the budget's unit. */
  amount: number;
}

/** What is known of the spending. */
export interface Spending {
  firstAtMs: number;
  pace: Pace;
  rhythm: Rhythm;
}

/** The last day may differ from the usual by so much before the hours of the day mean nothing for it. */
const LEVEL_MAX = 4;

/**
 * When `rest` is used up at the pace of the last day, spread over the hours of the day as usual, once two days are known; else
 * evenly.
 */
export function forecastFrom(
  spending: Spending,
  nowMs: number,
  { rest, endMs }: { rest: number; endMs: number },
): Forecast {
  const rateAt = hourlyRate(spending, nowMs);
  let amount = 0;
  let atMs: number | null = null;
  for (let fromMs = nowMs; fromMs < endMs; fromMs = floorTo(fromMs, HOUR_MS) + HOUR_MS) {
    const toMs = Math.min(floorTo(fromMs, HOUR_MS) + HOUR_MS, endMs);
    const spent = (rateAt(fromMs) * (toMs - fromMs)) / HOUR_MS;
    if (atMs === null && spent > 0 && amount + spent >= rest) {
      atMs = Math.round(fromMs + ((rest - amount) / spent) * (toMs - fromMs));
    }
    amount += spent;
  }
  return { atMs, amount };
}

/** The mean of the last day, or of what there is of it, per hour. */
export function recentRate({ firstAtMs, pace }: Spending, nowMs: number): number {
  const lengthMs = Math.min(Math.max(nowMs - firstAtMs, HOUR_MS), DAY_MS);
  return spentWithin(pace, nowMs, lengthMs) / (lengthMs / HOUR_MS);
}

function hourlyRate(spending: Spending, nowMs: number): (atMs: number) => number {
  const even = recentRate(spending, nowMs);
  const { rhythm, pace } = spending;
  const usual = usualOfDay(rhythm);
  const level = usual > 0 ? spentWithin(pace, nowMs, DAY_MS) / usual : Number.POSITIVE_INFINITY;
  if (!isRhythmKnown(rhythm) || level > LEVEL_MAX) return () => even;
  return (atMs) => usualAt(rhythm, atMs) * level;
}
