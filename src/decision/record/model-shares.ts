import { parseDollars, sumKnownDollars } from '../../cost/dollars.js';
import type { TokenUsage } from '../../cost/token-usage.js';
import { groupRows } from '../../db/group.js';
import type { Decision, ModelCall } from '../decision.js';

/** What a decision used of a model other than the one that answered. */
export interface ModelShare {
  provider: string;
  model: string;
  tokens: TokenUsage;
  /** Of its tokens those whose cost is unknown, when the decision's cost is. */
  unpricedTokens: number;
  /** Decimal text; null when unknown, or when the user stated what the decision cost as a whole. */
  costUsd: string | null;
  /** Milliseconds, one a call that has a duration. */
  inferenceLatencies: readonly number[];
}

export type SharedDecision = Pick<Decision, 'provider' | 'model' | 'tokens' | 'costUsd' | 'costSource' | 'calls'>;

const TOKEN_KINDS = ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const;

/**
 * What belongs to other models than the one that answered, by provider and model; the rest of the decision is the answering
 * model's. Empty for nearly all decisions, and for those whose calls used more than the decision states as a whole.
 * `share-sql.ts` says the same in SQL.
 */
export function sharesOf(decision: SharedDecision): ModelShare[] {
  const { tokens, calls } = decision;
  const others = calls.filter((call) => isOther(call, decision));
  if (others.length === 0) return [];
  const isWithin = TOKEN_KINDS.every((kind) => sumOf(others, kind) <= tokens[kind]);
  return isWithin ? [...groupRows(others, nameOf).values()].map((group) => shareOf(group, decision)) : [];
}

/** What names no model, or no provider, is taken for the answering one’s. */
function isOther(call: ModelCall, { provider, model }: SharedDecision): boolean {
  if (call.model === null) return false;
  return call.model !== model || (call.provider !== null && call.provider !== (provider ?? ''));
}

function nameOf({ provider, model }: ModelCall): string {
  return `${provider ?? ''}\0${model ?? ''}`;
}

function shareOf(calls: readonly ModelCall[], { costUsd, costSource }: SharedDecision): ModelShare {
  const { provider, model } = calls[0] as ModelCall;
  const tokens = Object.fromEntries(TOKEN_KINDS.map((kind) => [kind, sumOf(calls, kind)])) as unknown as TokenUsage;
  const isSummed = costUsd !== null && costSource !== 'OWN';
  return {
    provider: provider ?? '',
    model: model ?? '',
    tokens,
    unpricedTokens: costUsd === null ? unpricedTokensOf(calls) : 0,
    costUsd: isSummed ? sumKnownDollars(calls.map((call) => call.costUsd)) : null,
    inferenceLatencies: calls.flatMap(({ durationMs }) => durationMs ?? []),
  };
}

/** Tokens of calls whose cost is unknown. */
export function unpricedTokensOf(calls: readonly ModelCall[]): number {
  const unpriced = calls.filter(({ costUsd }) => costUsd === null);
  return sumOf(unpriced, 'input') + sumOf(unpriced, 'output');
}

function sumOf(calls: readonly ModelCall[], kind: (typeof TOKEN_KINDS)[number]): number {
  return calls.reduce((sum, { tokens }) => sum + (tokens?.[kind] ?? 0), 0);
}

/** Picodollars. */
export function costOfShares(shares: readonly ModelShare[]): bigint {
  return shares.reduce((sum, { costUsd }) => sum + (costUsd === null ? 0n : parseDollars(costUsd)), 0n);
}
