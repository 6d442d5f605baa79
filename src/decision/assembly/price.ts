/** What a decision cost. Pure: the prices are asked of the caller's `priceOf`. */
import type { PriceOf } from '../../cost/rates.js';
import { priceModelCall, sumCalls } from '../call-price.js';
import type { Decision, ModelCall, Step } from '../decision.js';
import type { AssembledDecision } from './assemble.js';
import { type CallCost, NO_FIGURES, type WrapperUsage } from './call-cost.js';

/**
 * The decision with its calls and with `costUsd` on it, on them and on its steps, added exactly. A call costs what the user
 * says, else its tokens by the model's price, else what the client reports; the decision costs what the user says, else
 * the sum of its calls, null when a part of it is unknown.
 */
export function priceDecision(assembled: AssembledDecision, priceOf: PriceOf): Decision {
  const { decision, stepCosts, wrapperUsage, ownCostUsd } = assembled;
  const calls: ModelCall[] = [];
  const steps = decision.steps.map((step, index) => {
    const unpriced = callOfStep(step, stepCosts[index] ?? NO_FIGURES);
    if (unpriced === null) return step;
    const call = priceModelCall(unpriced, priceOf);
    calls.push(call);
    return call.costUsd === null ? step : { ...step, costUsd: call.costUsd };
  });
  for (const usage of wrapperUsage) calls.push(priceModelCall(callOfWrapper(usage), priceOf));
  return {
    ...decision,
    steps,
    calls,
    costUsd: ownCostUsd ?? sumCalls(calls),
    costSource: ownCostUsd === null ? null : 'OWN',
  };
}

/** Null for most steps: they are no calls and cost nothing. */
function callOfStep(step: Step, cost: CallCost): ModelCall | null {
  const { kind, provider, model, tokens, startedAtMs, durationMs } = step;
  const isModelCall = kind === 'MODEL_CALL';
  if (!isModelCall && tokens === null && cost.own === null && cost.reported === null) return null;
  return { provider, model, tokens, startedAtMs, durationMs: isModelCall ? durationMs : null, ...ofCost(cost) };
}

function callOfWrapper({ provider, model, tokens, atMs, ...cost }: WrapperUsage): ModelCall {
  return { provider, model, tokens, startedAtMs: atMs, durationMs: null, ...ofCost(cost) };
}

function ofCost({
  own,
  reported,
  requestModel,
}: CallCost): Pick<ModelCall, 'requestModel' | 'costUsd' | 'costSource' | 'reportedUsd'> {
  return { requestModel, costUsd: own, costSource: own === null ? null : 'OWN', reportedUsd: reported };
}
