import type { BudgetSetting } from '../../settings/settings.js';
import { HOUR_MS } from '../../time.js';
import { type BurnName, burnRate } from './burn-rate.js';
import { forecastFrom, recentRate, type Spending } from './forecast.js';
import { type Period, periodAt } from './period.js';
import { startRhythm } from './rhythm.js';

/** What is remembered of one budget; JSON of at most about 10 kB. */
export interface BudgetState extends Spending {
  /** Start of the period that `spent` is of; milliseconds since the epoch. */
  periodMs: number;
  /** Exact, as decimal text. */
  spent: string;
  /** The highest share of the limit that was said; 0 before the first. */
  warnedAt: number;
  /** The burn rates that were said. */
  burned: readonly BurnName[];
}

export interface BudgetStatus {
  name: string;
  unit: BudgetSetting['unit'];
  /** Decimal text, as `spent`. */
  limit: string;
  spent: string;
  /** Shares of the limit at which it is said. */
  warnAt: readonly number[];
  /** Of the limit; above 1 when more was spent. */
  share: number;
  /** In the mean of the last day, in the unit per hour. */
  rate: number;
  /** The last hour, as times the rate that would just use up the budget. */
  burnRate: number;
  period: Period;
  /** When it will be used up; null when not within the period, or when it already is. */
  forecastAtMs: number | null;
  /** The share of the limit that will be spent by the end of the period. */
  forecastShare: number;
}

/** How the budget stands at a moment, in the period of that moment. */
export function budgetStatus(budget: BudgetSetting, state: BudgetState | null, nowMs: number): BudgetStatus {
  const period = periodAt(budget.per, nowMs);
  const { name, unit, limit, warnAt } = budget;
  const spent = state?.periodMs === period.startMs ? state.spent : '0';
  const [limitFigure, spentFigure] = [Number(limit), Number(spent)];
  const spending = state ?? startPeriod(null, period, nowMs);
  const rest = Math.max(0, limitFigure - spentFigure);
  const forecast = forecastFrom(spending, nowMs, { rest, endMs: period.endMs });
  return {
    name,
    unit,
    limit,
    spent,
    warnAt,
    share: spentFigure / limitFigure,
    rate: recentRate(spending, nowMs),
    burnRate: burnRate(spending.pace, nowMs, { lengthMs: HOUR_MS, limit: limitFigure, period }),
    period,
    forecastAtMs: rest === 0 ? null : forecast.atMs,
    forecastShare: (spentFigure + forecast.amount) / limitFigure,
  };
}

/** What is known of the spending goes on, what was said does not. */
export function startPeriod(state: BudgetState | null, period: Period, atMs: number): BudgetState {
  const spending = state ?? { firstAtMs: atMs, pace: [], rhythm: startRhythm(atMs) };
  const { firstAtMs, pace, rhythm } = spending;
  return { firstAtMs, pace, rhythm, periodMs: period.startMs, spent: '0', warnedAt: 0, burned: [] };
}
