import { groupRows } from '../../db/group.js';
import { compareText } from '../../order.js';
import { type KeyAssignments, KeyScopes } from './key-scope.js';
import { modelFamily } from './model-family.js';
import { compareDay, type ReconciliationRow } from './reconcile-day.js';
import type { BilledUsage } from './store.js';
import { addFigures, NO_FIGURES, type SeenUsage, type UsageFigures } from './usage.js';

export interface Reconciliation {
  /** By day, provider, model and keys. */
  rows: ReconciliationRow[];
  /** Of the days of which the provider has said something. */
  billed: UsageFigures;
  seen: UsageFigures;
  difference: UsageFigures;
  unmonitoredPicodollars: bigint;
}

export interface ReconcileOptions {
  billed: readonly BilledUsage[];
  seen: readonly SeenUsage[];
  /** By provider; one that is missing has no key assigned. */
  assignments: ReadonlyMap<string, KeyAssignments>;
}

/**
 * Puts what providers say beside what we saw. Only providers that have said something in the range are compared. Each of
 * our figures is compared once, where the provider states that figure most finely: nothing is spread over models or keys
 * that the provider does not tell apart. Models are matched by family, as `modelFamily` names it.
 */
export function reconcile({ billed, seen, assignments }: ReconcileOptions): Reconciliation {
  const reported = new Set(billed.map(({ provider }) => provider));
  const ours = attribute(seen, billed).filter(({ provider }) => reported.has(provider));
  const result: Reconciliation = {
    rows: [],
    billed: NO_FIGURES,
    seen: NO_FIGURES,
    difference: NO_FIGURES,
    unmonitoredPicodollars: 0n,
  };
  for (const provider of [...reported].sort()) {
    const ofProvider = ours.filter((usage) => usage.provider === provider);
    const scopes = new KeyScopes(assignments.get(provider) ?? {}, new Set(ofProvider.map(({ agent }) => agent)));
    const seenByDay = groupRows(ofProvider, ({ day }) => day);
    const billedByDay = groupRows(
      billed.filter((usage) => usage.provider === provider),
      ({ day }) => day,
    );
    for (const day of new Set([...billedByDay.keys(), ...seenByDay.keys()])) {
      const compared = compareDay({ billed: billedByDay.get(day) ?? [], seen: seenByDay.get(day) ?? [], scopes });
      result.rows.push(...compared.rows.map((row) => ({ day, provider, ...row })));
      if (!billedByDay.has(day)) continue;
      result.billed = addFigures(result.billed, compared.billed);
      result.seen = addFigures(result.seen, compared.seen);
      result.difference = addFigures(result.difference, compared.difference);
      result.unmonitoredPicodollars += compared.unmonitoredPicodollars;
    }
  }
  result.rows.sort((left, right) => compareText(left.day, right.day) || compareText(left.provider, right.provider));
  return result;
}

/** A decision that does not name its provider counts with the one that bills its model, if that is one alone. */
function attribute(seen: readonly SeenUsage[], billed: readonly BilledUsage[]): SeenUsage[] {
  const billers = new Map<string, Set<string>>();
  for (const { provider, model } of billed) {
    const family = modelFamily(model);
    billers.set(family, (billers.get(family) ?? new Set()).add(provider));
  }
  return seen.map((usage) => {
    const candidates = usage.provider === '' ? [...(billers.get(modelFamily(usage.model)) ?? [])] : [];
    const [only, ...others] = candidates;
    return only === undefined || others.length > 0 ? usage : { ...usage, provider: only };
  });
}
