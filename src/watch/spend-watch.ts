import { hash } from 'node:crypto';
import type { Sighting } from '../anomaly/anomaly.js';
import type { Decision } from '../decision/decision.js';
import { periodAt } from '../detect/budget/period.js';
import { spendOf } from '../detect/budget/spend.js';
import { type BudgetState, type BudgetStatus, budgetStatus } from '../detect/budget/status.js';
import { bookSpend } from '../detect/budget/watch-budget.js';
import type { BudgetSetting } from '../settings/settings.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOf } from './sighting.js';

const BUDGETS_MAX = 10_000;

/** Books what decisions cost against the budgets they come out of. */
export class SpendWatch {
  readonly #states: Shelf<BudgetState>;
  readonly #budgets: () => readonly BudgetSetting[];

  constructor(memory: Pick<Memory, 'shelf'>, budgets: () => readonly BudgetSetting[]) {
    this.#states = memory.shelf('budget', { max: BUDGETS_MAX });
    this.#budgets = budgets;
  }

  /** Takes each decision once. Of a period that is over by `nowMs` nothing is said: nobody can spend less in it any more. */
  observe(fleet: string, decision: Decision, nowMs: number): Sighting[] {
    const sightings: Sighting[] = [];
    for (const budget of this.#budgets()) {
      const spend = spendOf(budget, fleet, decision);
      if (spend === null) continue;
      const subject = subjectOf(budget);
      const { state, findings } = bookSpend(budget, this.#states.get(fleet, subject), {
        ...spend,
        // By a clock that is ahead the period would be over for everybody else's decisions.
        atMs: Math.min(spend.atMs, nowMs),
      });
      this.#states.set(fleet, subject, state);
      if (periodAt(budget.per, spend.atMs).endMs <= nowMs) continue;
      const metric = budget.unit === 'USD' ? 'COST' : 'TOKEN_USAGE';
      sightings.push(...findings.map((finding) => sightingOf({ agent: null, finding, metric }, nowMs)));
    }
    return sightings;
  }

  /** How the fleet's budgets stand. */
  statuses(fleet: string, nowMs: number): BudgetStatus[] {
    return this.#budgets()
      .filter((budget) => budget.fleet === null || budget.fleet === fleet)
      .map((budget) => budgetStatus(budget, this.#states.get(fleet, subjectOf(budget)), nowMs));
  }
}

const SUBJECTS = new WeakMap<BudgetSetting, string>();

/**
 * What is counted: with another limit the same money is spent, with other agents it is not. A hash, since patterns can be
 * many, made once for each reading of the settings.
 */
function subjectOf(budget: BudgetSetting): string {
  const known = SUBJECTS.get(budget);
  if (known !== undefined) return known;
  const { name, agents, customerSegments, models, unit, per } = budget;
  const subject = hash('sha256', JSON.stringify([name, unit, per, agents, customerSegments, models]), 'hex');
  SUBJECTS.set(budget, subject);
  return subject;
}
