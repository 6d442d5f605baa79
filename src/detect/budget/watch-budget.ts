/** A budget as it is spent: what is left, when it will be gone, and each warning once in a period. */

import type { Finding } from '../../anomaly/finding.js';
import { dollarsAsNumber, parseDollars, sumDollars } from '../../cost/dollars.js';
import type { BudgetSetting } from '../../settings/settings.js';
import { findingOfBurn, findingOfTier } from './budget-finding.js';
import { type Burn, findBurns } from './burn-rate.js';
import { addToPace } from './pace.js';
import { periodAt } from './period.js';
import { addToRhythm } from './rhythm.js';
import type { Spend } from './spend.js';
import { type BudgetState, budgetStatus, startPeriod } from './status.js';

/**
 * Takes what was spent out of the budget; `null` is a budget of which nothing was spent yet. What belongs to a period that is over
 * changes nothing.
 */
export function bookSpend(
  budget: BudgetSetting,
  state: BudgetState | null,
  spend: Spend,
): { state: BudgetState; findings: Finding[] } {
  const period = periodAt(budget.per, spend.atMs);
  if (state !== null && period.startMs < state.periodMs) return { state, findings: [] };
  const before = state?.periodMs === period.startMs ? state : startPeriod(state, period, spend.atMs);
  const amount = dollarsAsNumber(parseDollars(spend.amount));
  const booked: BudgetState = {
    ...before,
    spent: sumDollars([before.spent, spend.amount]),
    pace: addToPace(before.pace, spend.atMs, amount),
    rhythm: addToRhythm(before.rhythm, spend.atMs, amount),
  };
  return warn(budget, booked, Math.max(spend.atMs, booked.pace.at(-1)?.[0] ?? spend.atMs));
}

function warn(budget: BudgetSetting, state: BudgetState, nowMs: number): { state: BudgetState; findings: Finding[] } {
  const reached = budget.warnAt.findLast((tier) => isReached(state.spent, budget.limit, tier)) ?? 0;
  const burns = newBurns(budget, state, nowMs);
  if (reached <= state.warnedAt && burns.length === 0) return { state, findings: [] };
  const status = budgetStatus(budget, state, nowMs);
  const tiers = reached > state.warnedAt ? [findingOfTier(status, reached)] : [];
  return {
    state: {
      ...state,
      warnedAt: Math.max(reached, state.warnedAt),
      burned: [...state.burned, ...burns.map(({ name }) => name)],
    },
    findings: [...tiers, ...burns.map((burn) => findingOfBurn(status, burn))],
  };
}

function newBurns(budget: BudgetSetting, state: BudgetState, nowMs: number): Burn[] {
  const [limit, period] = [Number(budget.limit), periodAt(budget.per, nowMs)];
  const rest = limit - Number(state.spent);
  // Of a budget that is used up there is nothing left to burn.
  if (rest <= 0) return [];
  const burns = findBurns(budget.per, state.pace, { nowMs, limit, rest, period });
  return burns.filter(({ name }) => !state.burned.includes(name));
}

const SHARE_DIGITS = 1e9;

/** Exact to the last digit of the amounts. */
function isReached(spent: string, limit: string, share: number): boolean {
  return parseDollars(spent) * BigInt(SHARE_DIGITS) >= parseDollars(limit) * BigInt(Math.round(share * SHARE_DIGITS));
}
