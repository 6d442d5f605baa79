/** What a price changes of decisions that were recorded before. Pure: the prices are asked of the caller's `priceOf`. */
import { sumDollars } from '../../cost/dollars.js';
import type { PriceOf } from '../../cost/rates.js';
import type { Contribution } from '../../metric/figures.js';
import { emptyFigures } from '../../metric/rollup-row.js';
import { matchesPattern } from '../../settings/pattern.js';
import { priceModelCall, sumCalls } from '../call-price.js';
import type { ModelCall } from '../decision.js';
import { callContributionOf, contributionsOf, type DecisionFigures } from '../record/figures.js';
import { figuresOfRow, MEASURED_COLUMNS, type MeasuredRow } from '../record/measured-row.js';

/** A decision as far as its cost depends on it. */
export interface PricedRow extends MeasuredRow {
  id: string;
  /** `2026-11-24`. */
  sealed_on: string;
}

/** What a SELECT names to read a `PricedRow` from the table alias `d`. */
export const PRICED_SELECTION = ['id', 'sealed_on::text', ...MEASURED_COLUMNS]
  .map((column) => `d.${column}`)
  .join(', ');

export interface CostChange {
  row: PricedRow;
  /** As they are from now on. */
  calls: ModelCall[];
  /** Decimal text; null when unknown. */
  costUsd: string | null;
}

/** By which prices, and for which models: a pattern, null for all. */
export interface Pricing {
  priceOf: PriceOf;
  model: string | null;
}

/** The decisions of which a call costs something else than is recorded; those whose cost the user stated must not be given. */
export function findChanges(rows: readonly PricedRow[], pricing: Pricing): CostChange[] {
  return rows.flatMap((row) => findChange(row, pricing) ?? []);
}

function findChange(row: PricedRow, { priceOf, model }: Pricing): CostChange | null {
  const calls = row.calls.map((call) => (isOf(call, model) ? priceModelCall(call, priceOf) : call));
  const isAsBefore = row.calls.every(
    ({ costUsd, costSource }, index) => costUsd === calls[index]?.costUsd && costSource === calls[index]?.costSource,
  );
  return isAsBefore ? null : { row, calls, costUsd: sumCalls(calls) };
}

function isOf({ model, requestModel }: ModelCall, pattern: string | null): boolean {
  return pattern === null || [model, requestModel].some((name) => name !== null && matchesPattern(pattern, name));
}

/** What changes add to the fleet's figures; `callers`: the agents that invoked decisions, by the decision's id. */
export function contributionsOfChanges(
  changes: readonly CostChange[],
  callers: ReadonlyMap<string, string>,
): Contribution[] {
  return changes.flatMap(({ row, calls, costUsd }) => {
    const before = figuresOfRow(row);
    const after = figuresOfRow({ ...row, calls, cost_usd: costUsd });
    const caller = callers.get(row.id) ?? null;
    return [...costsOf(before, caller, -1), ...costsOf(after, caller, 1)];
  });
}

function costsOf(figures: DecisionFigures, caller: string | null, sign: 1 | -1): Contribution[] {
  const own = contributionsOf(figures, sign);
  return [...own, ...(caller === null ? [] : [callContributionOf(figures, caller, sign)])].map(onlyCost);
}

function onlyCost({ slice, minuteMs, counts, costPicodollars, summaries }: Contribution): Contribution {
  const { priced, unpriced, unpriced_tokens: unpricedTokens } = counts;
  const { cost } = summaries;
  return {
    slice,
    minuteMs,
    counts: { ...emptyFigures().counts, priced, unpriced, unpriced_tokens: unpricedTokens },
    costPicodollars,
    summaries: cost === undefined ? {} : { cost },
  };
}

/** Decisions with a change and what they cost, as far as that is known, before it and after it: decimal text. */
export interface RepriceTally {
  decisions: number;
  costUsdBefore: string;
  costUsdAfter: string;
  /** Of which the cost is not known. */
  unpricedBefore: number;
  unpricedAfter: number;
}

export const NO_CHANGES: RepriceTally = {
  decisions: 0,
  costUsdBefore: '0',
  costUsdAfter: '0',
  unpricedBefore: 0,
  unpricedAfter: 0,
};

export function tallyOf(changes: readonly CostChange[]): RepriceTally {
  return changes
    .map(({ row, costUsd }) => ({
      decisions: 1,
      costUsdBefore: row.cost_usd ?? '0',
      costUsdAfter: costUsd ?? '0',
      unpricedBefore: row.cost_usd === null ? 1 : 0,
      unpricedAfter: costUsd === null ? 1 : 0,
    }))
    .reduce(addTallies, NO_CHANGES);
}

export function addTallies(left: RepriceTally, right: RepriceTally): RepriceTally {
  return {
    decisions: left.decisions + right.decisions,
    costUsdBefore: sumDollars([left.costUsdBefore, right.costUsdBefore]),
    costUsdAfter: sumDollars([left.costUsdAfter, right.costUsdAfter]),
    unpricedBefore: left.unpricedBefore + right.unpricedBefore,
    unpricedAfter: left.unpricedAfter + right.unpricedAfter,
  };
}
