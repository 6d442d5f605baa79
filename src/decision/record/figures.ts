import { parseDollars } from '../../cost/dollars.js';
import type { Contribution, Counts, Measure } from '../../metric/figures.js';
import { emptyFigures } from '../../metric/rollup-row.js';
import { type Labels, NO_LABELS, type Slice } from '../../metric/slice.js';
import { Summary } from '../../metric/summary.js';
import { floorTo, MINUTE_MS } from '../../time.js';
import type { Decision } from '../decision.js';
import { costOfShares, type ModelShare, sharesOf, unpricedTokensOf } from './model-shares.js';

/** What the rollups learn from one decision, in a form that goes between threads. */
export interface DecisionFigures {
  startedAtMs: number;
  labels: Labels;
  counts: Counts;
  /** Decimal text; null when unknown. */
  costUsd: string | null;
  values: Partial<Record<Measure, readonly number[]>>;
  /** What of it belongs to other models than the one that answered. */
  shares: readonly ModelShare[];
}

/** The part of a decision that figures are made of, as it comes from spans or back from its row. */
export type Measured = Pick<
  Decision,
  | 'agent'
  | 'agentVersion'
  | 'fingerprint'
  | 'requestType'
  | 'riskClass'
  | 'customerSegment'
  | 'provider'
  | 'model'
  | 'region'
  | 'environment'
  | 'startedAtMs'
  | 'queueMs'
  | 'timeToFirstTokenMs'
  | 'tokens'
  | 'costUsd'
  | 'costSource'
  | 'calls'
  | 'outcome'
  | 'hallucinationScore'
  | 'toolCalls'
  | 'failedToolCalls'
> & { latencyMs: number; sampled: boolean; stepCount: number; byteCount: number };

export function figuresOf(decision: Decision, kept: { sampled: boolean; byteCount: number }): DecisionFigures {
  const latencyMs = decision.endedAtMs - decision.startedAtMs;
  return measure({ ...decision, latencyMs, stepCount: decision.steps.length, ...kept });
}

export function measure(decision: Measured): DecisionFigures {
  const { tokens, costUsd, calls, sampled, stepCount, byteCount } = decision;
  const used = tokens.input + tokens.output;
  const shares = sharesOf(decision);
  // With one model all of them count: a price for it would change them all.
  const unpricedTokens = shares.length === 0 ? used : unpricedTokensOf(calls) || used;
  return {
    startedAtMs: decision.startedAtMs,
    labels: labelsOf(decision),
    counts: {
      decisions: 1,
      errors: decision.outcome === 'ERROR' ? 1 : 0,
      priced: costUsd === null ? 0 : 1,
      unpriced: costUsd === null && used > 0 ? 1 : 0,
      unpriced_tokens: costUsd === null ? unpricedTokens : 0,
      input_tokens: tokens.input,
      output_tokens: tokens.output,
      cache_read_tokens: tokens.cacheRead,
      cache_write_tokens: tokens.cacheWrite,
      reasoning_tokens: tokens.reasoning,
      tool_calls: decision.toolCalls,
      failed_tool_calls: decision.failedToolCalls,
      steps: stepCount,
      bytes: byteCount,
      kept_decisions: sampled ? 1 : 0,
      kept_steps: sampled ? stepCount : 0,
      kept_bytes: sampled ? byteCount : 0,
    },
    costUsd,
    values: {
      latency: [decision.latencyMs],
      inference_latency: calls.flatMap(({ durationMs }) => durationMs ?? []),
      queue_time: present(decision.queueMs),
      time_to_first_token: present(decision.timeToFirstTokenMs),
      token_usage: [used],
      cost: costUsd === null ? [] : [Number(costUsd)],
      hallucination_score: present(decision.hallucinationScore),
      tool_invocations: [decision.toolCalls],
    },
    shares,
  };
}

function labelsOf(decision: Measured): Labels {
  return {
    AGENT: decision.agent,
    MODEL: decision.model ?? '',
    PROVIDER: decision.provider ?? '',
    CUSTOMER_SEGMENT: decision.customerSegment ?? '',
    REGION: decision.region ?? '',
    ENVIRONMENT: decision.environment ?? '',
    REQUEST_TYPE: decision.requestType ?? '',
    AGENT_VERSION: decision.agentVersion ?? '',
    RISK_CLASS: decision.riskClass,
    OUTCOME: decision.outcome,
    FINGERPRINT: decision.fingerprint ?? '',
    CALLER: '',
  };
}

function present(value: number | null): number[] {
  return value === null ? [] : [value];
}

/**
 * The decision's figures for its minute, or with `sign` −1 what takes them back out: tokens, dollars and inference latencies
 * with the model they belong to, everything else with the one that answered.
 */
export function contributionsOf(figures: DecisionFigures, sign: 1 | -1): Contribution[] {
  const whole = wholeContribution(figures, sign);
  const others = figures.shares.map((share) => shareContribution(whole, share, sign));
  const answered = others.length === 0 ? whole : withoutShares(whole, figures, sign);
  return [answered, ...others, { ...whole, slice: overviewSlice(figures) }];
}

function overviewSlice({ labels: { AGENT, REQUEST_TYPE, REGION } }: DecisionFigures): Slice {
  return { source: 'OVERVIEW', labels: { ...NO_LABELS, AGENT, REQUEST_TYPE, REGION } };
}

function wholeContribution(figures: DecisionFigures, sign: 1 | -1): Contribution {
  return {
    slice: { source: 'DECISIONS', labels: figures.labels },
    minuteMs: floorTo(figures.startedAtMs, MINUTE_MS),
    counts: signedCounts(figures.counts, sign),
    costPicodollars: figures.costUsd === null ? 0n : parseDollars(figures.costUsd) * BigInt(sign),
    summaries: summariesOf(figures.values, sign),
  };
}

function shareContribution({ slice, minuteMs }: Contribution, share: ModelShare, sign: 1 | -1): Contribution {
  const labels = { ...slice.labels, PROVIDER: share.provider, MODEL: share.model };
  return {
    slice: { source: 'DECISIONS', labels },
    minuteMs,
    counts: { ...emptyFigures().counts, ...signedCounts(countsOfShare(share), sign) },
    costPicodollars: costOfShares([share]) * BigInt(sign),
    summaries: summariesOf({ inference_latency: share.inferenceLatencies }, sign),
  };
}

/** What is left for the model that answered. */
function withoutShares(whole: Contribution, { values, shares }: DecisionFigures, sign: 1 | -1): Contribution {
  const counts = { ...whole.counts };
  for (const share of shares) {
    const taken = Object.entries(countsOfShare(share)) as [keyof Counts, number][];
    for (const [name, count] of taken) if (name !== 'priced' && name !== 'unpriced') counts[name] -= sign * count;
  }
  // A decision counts as unpriced with the models that have no price, which need not be the one that answered.
  if (counts.unpriced_tokens === 0) counts.unpriced = 0;
  const own = [...(values.inference_latency ?? [])];
  for (const latency of shares.flatMap(({ inferenceLatencies }) => inferenceLatencies)) {
    own.splice(own.indexOf(latency), 1);
  }
  const { inference_latency: _ofAll, ...others } = whole.summaries;
  return {
    ...whole,
    counts,
    costPicodollars: whole.costPicodollars - costOfShares(shares) * BigInt(sign),
    summaries: { ...others, ...summariesOf({ inference_latency: own }, sign) },
  };
}

function countsOfShare({ tokens, unpricedTokens, costUsd }: ModelShare) {
  return {
    priced: costUsd === null ? 0 : 1,
    unpriced: unpricedTokens > 0 ? 1 : 0,
    unpriced_tokens: unpricedTokens,
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    cache_read_tokens: tokens.cacheRead,
    cache_write_tokens: tokens.cacheWrite,
    reasoning_tokens: tokens.reasoning,
  } satisfies Partial<Counts>;
}

function signedCounts<Signed extends Partial<Counts>>(counts: Signed, sign: 1 | -1): Signed {
  if (sign > 0) return { ...counts };
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, -count || 0])) as Signed;
}

function summariesOf(values: DecisionFigures['values'], sign: 1 | -1): Contribution['summaries'] {
  const summaries: Contribution['summaries'] = {};
  for (const [name, measured] of Object.entries(values) as [Measure, readonly number[]][]) {
    if (measured.length > 0) summaries[name] = signed(Summary.of(measured), sign);
  }
  return summaries;
}

/** The same decision once more as a call that another agent made. */
export function callContributionOf(figures: DecisionFigures, caller: string, sign: 1 | -1): Contribution {
  const contribution = wholeContribution(figures, sign);
  const { latency, cost } = contribution.summaries;
  return {
    ...contribution,
    slice: { source: 'CALLS', labels: { ...NO_LABELS, AGENT: figures.labels.AGENT, CALLER: caller } },
    summaries: { ...(latency ? { latency } : {}), ...(cost ? { cost } : {}) },
  };
}

function signed(summary: Summary, sign: 1 | -1): Summary {
  return sign < 0 ? summary.negated() : summary;
}
