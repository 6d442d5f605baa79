import { sumKnownDollars } from '../../cost/dollars.js';
import type { Decision } from '../../decision/decision.js';
import { holdsFor } from '../../settings/pattern.js';
import type { BudgetSetting } from '../../settings/settings.js';

/** What was spent, when: like all figures, it counts when the decision started. */
export interface Spend {
  atMs: number;
  /** Decimal text in the budget's unit, above 0. */
  amount: string;
}

/** What a decision of the fleet takes out of the budget; null when nothing, or when it is not known what it cost. */
export function spendOf(budget: BudgetSetting, fleet: string, decision: Decision): Spend | null {
  const { agent, customerSegment, startedAtMs } = decision;
  if (budget.fleet !== null && budget.fleet !== fleet) return null;
  if (!holdsFor(budget.agents, agent) || !holdsFor(budget.customerSegments, customerSegment)) return null;
  const amount = amountOf(budget, decision);
  return amount === null || Number(amount) <= 0 ? null : { atMs: startedAtMs, amount };
}

/** Where only some models count, the calls that they answered; of a decision without known calls, all of it. */
function amountOf({ unit, models }: BudgetSetting, { calls, tokens, costUsd, model }: Decision): string | null {
  if (models === null || calls.length === 0) {
    if (!holdsFor(models, model)) return null;
    return unit === 'USD' ? costUsd : String(tokens.input + tokens.output);
  }
  const counted = calls.filter((call) => holdsFor(models, call.model ?? call.requestModel));
  if (unit === 'USD') return sumKnownDollars(counted.map((call) => call.costUsd));
  return String(counted.reduce((sum, call) => sum + (call.tokens?.input ?? 0) + (call.tokens?.output ?? 0), 0));
}
