/** What a decision cost. Pure: the prices are asked of the caller's `priceOf`. */
import { formatDollars, parseDollars } from '../../cost/dollars.js';
import { type PriceOf, priceCall } from '../../cost/rates.js';
import type { Decision, Step, TokenUsage } from '../decision.js';
import type { AssembledDecision } from './assemble.js';
import { type CallCost, NO_FIGURES } from './call-cost.js';

interface Call extends CallCost {
  provider: string | null;
  model: string | null;
  tokens: TokenUsage | null;
  atMs: number;
}

/**
 * The decision with `costUsd` on it and on its steps, added exactly. A call costs what the user says, else its tokens
 * by the model's price, else what the client reports; the decision costs what the user says, else the sum of its
 * calls. A sum with a part unknown would be wrong, so it is null, as it is when nothing has a price.
 */
export function priceDecision(assembled: AssembledDecision, priceOf: PriceOf): Decision {
  const { decision, stepCosts, wrapperUsage, ownCostUsd } = assembled;
  const stepCalls = decision.steps.map((step, index) => callOf(step, stepCosts[index] ?? NO_FIGURES));
  const calls = [...stepCalls, ...wrapperUsage];
  const costs = calls.map((call) => costOfCall(call, priceOf));
  const steps = decision.steps.map((step, index) => withCost(step, costs[index] ?? null));
  const isPartUnknown = calls.some(({ tokens }, index) => costs[index] === null && hasTokens(tokens));
  return { ...decision, steps, costUsd: ownCostUsd ?? (isPartUnknown ? null : formatCost(sumCosts(costs))) };
}

function callOf({ provider, model, tokens, startedAtMs }: Step, { own, reported, requestModel }: CallCost): Call {
  return { own, reported, requestModel, provider, model, tokens, atMs: startedAtMs };
}

/** Most steps are no calls and cost nothing: those stay as they are. */
function withCost(step: Step, cost: bigint | null): Step {
  return cost === null ? step : { ...step, costUsd: formatDollars(cost) };
}

function costOfCall(call: Call, priceOf: PriceOf): bigint | null {
  if (call.own !== null) return parseDollars(call.own);
  const computed = computeCost(call, priceOf);
  if (computed !== null || call.reported === null) return computed;
  const reported = parseDollars(call.reported);
  // Clients report 0 for models they have no price for.
  return reported > 0n ? reported : null;
}

function computeCost({ provider, model, requestModel, tokens, atMs }: Call, priceOf: PriceOf): bigint | null {
  if (tokens === null) return null;
  for (const name of new Set([model, requestModel])) {
    const rates = name === null ? null : priceOf(provider, name, atMs);
    if (rates !== null) return priceCall(rates, tokens);
  }
  return null;
}

function hasTokens(tokens: TokenUsage | null): boolean {
  return tokens !== null && tokens.input + tokens.output > 0;
}

function sumCosts(costs: readonly (bigint | null)[]): bigint | null {
  let sum: bigint | null = null;
  for (const cost of costs) if (cost !== null) sum = (sum ?? 0n) + cost;
  return sum;
}

function formatCost(cost: bigint | null): string | null {
  return cost === null ? null : formatDollars(cost);
}
