/**
 * Burn rates over several windows (The Site Reliability Workbook, 2018, chapter 5): how many times faster than would just use up
 * the budget in its period. A short window beside each long one says whether it still goes on.
 */

import type { BudgetSetting, Severity } from '../../settings/settings.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.js';
import { type Pace, spentWithin } from './pace.js';
import type { Period } from './period.js';

export type BurnName = 'fast' | 'slow';

export interface Burn {
  name: BurnName;
  severity: Severity;
  /** Times the even rate, over `longMs`. */
  rate: number;
  longMs: number;
}

interface BurnWindow {
  name: BurnName;
  severity: Severity;
  longMs: number;
  shortMs: number;
  rateMin: number;
}

const FAST = { name: 'fast', severity: 'CRITICAL', longMs: HOUR_MS, shortMs: 5 * MINUTE_MS } as const;
const SLOW = { name: 'slow', severity: 'WARNING', longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS } as const;

/**
 * For a month those of the workbook's pages: 2 % of it in an hour, 5 % in six. Work by day and on weekdays alone burns 4 times the
 * even rate of a month or week, 3 times that of a day, which is no alarm: 5 % of a week in an hour, 40 % in a day; 25 % of a
 * day in an hour, 90 % in six.
 */
const WINDOWS: Readonly<Record<BudgetSetting['per'], readonly BurnWindow[]>> = {
  day: [
    { ...FAST, rateMin: 6 },
    { ...SLOW, rateMin: 3.6 },
  ],
  week: [
    { ...FAST, rateMin: 8.4 },
    { ...SLOW, longMs: DAY_MS, shortMs: 2 * HOUR_MS, rateMin: 2.8 },
  ],
  month: [
    { ...FAST, rateMin: 14.4 },
    { ...SLOW, rateMin: 6 },
  ],
};

/** A window may be reached with the last of the slots that make it up. */
const ROUNDING = 1e-9;

/** Times the rate that would just use up `limit` in the period, over the last `lengthMs`. */
export function burnRate(
  pace: Pace,
  nowMs: number,
  { lengthMs, limit, period }: { lengthMs: number; limit: number; period: Period },
): number {
  const even = (limit / (period.endMs - period.startMs)) * lengthMs;
  return spentWithin(pace, nowMs, lengthMs) / even;
}

/** The windows over which the budget burns too fast, if at that rate `rest` will not last for the period. */
export function findBurns(
  per: BudgetSetting['per'],
  pace: Pace,
  { nowMs, limit, rest, period }: { nowMs: number; limit: number; rest: number; period: Period },
): Burn[] {
  return WINDOWS[per].flatMap(({ name, severity, longMs, shortMs, rateMin }) => {
    const rate = burnRate(pace, nowMs, { lengthMs: longMs, limit, period });
    const isGoingOn = burnRate(pace, nowMs, { lengthMs: shortMs, limit, period }) >= rateMin - ROUNDING;
    const lastsForMs = (rest / (rate * limit)) * (period.endMs - period.startMs);
    const isBurning = rate >= rateMin - ROUNDING && isGoingOn && nowMs + lastsForMs < period.endMs;
    return isBurning ? [{ name, severity, rate, longMs }] : [];
  });
}
