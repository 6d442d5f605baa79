import { dollarsAsNumber } from '../../cost/dollars.js';
import type { Counts, Figures, Measure, Total } from '../../metric/figures.js';
import type { MetricName } from '../../metric/name.js';

export const STATISTICS = ['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'P50', 'P90', 'P95', 'P99'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** The measure each metric's values come from; those of counters have none. */
const MEASURE_OF: Readonly<Partial<Record<MetricName, Measure>>> = {
  TOKEN_USAGE: 'token_usage',
  TOKEN_USAGE_PER_REQUEST: 'token_usage',
  DECISION_LATENCY: 'latency',
  INFERENCE_LATENCY: 'inference_latency',
  QUEUE_TIME: 'queue_time',
  TIME_TO_FIRST_TOKEN: 'time_to_first_token',
  COST: 'cost',
  HALLUCINATION_SCORE: 'hallucination_score',
  TOOL_INVOCATIONS: 'tool_invocations',
};

/** The totals that metrics are made from. */
const TOTALS_OF: Readonly<Partial<Record<MetricName, readonly Total[]>>> = {
  DECISIONS: ['decisions'],
  ERROR_RATE: ['decisions', 'steps', 'errors'],
  TOKEN_USAGE: ['input_tokens', 'output_tokens'],
  TOKEN_USAGE_PER_REQUEST: ['input_tokens', 'output_tokens'],
  COST: ['cost_usd', 'priced', 'unpriced', 'input_tokens', 'output_tokens', 'steps'],
  TOOL_INVOCATION_SUCCESS_RATE: ['tool_calls', 'failed_tool_calls'],
};

/** What of the figures the statistic is made from, and what tells that there are any. */
export function figuresFor(metric: MetricName, statistic: Statistic): { measures: Measure[]; totals: Total[] } {
  const totals = TOTALS_OF[metric] ?? [];
  const measure = MEASURE_OF[metric];
  const isExact = statistic === 'SUM' && totals.length > 0;
  return {
    measures: measure === undefined || isExact ? [] : [measure],
    totals: [...new Set<Total>(['decisions', ...totals])],
  };
}

const SHARES = { P50: 0.5, P90: 0.9, P95: 0.95, P99: 0.99 } as const;

/**
 * A statistic of a metric's values: one value a decision, for INFERENCE_LATENCY and for all of OTLP metrics one a model
 * call, for TOOL_INVOCATION_SUCCESS_RATE one a tool call. DECISIONS counts 1 each; the rates are 1 for what they count and 0 for the
 * rest, so that their AVG is the rate. Counts and sums of nothing are 0, everything else of nothing is null, and so is what
 * decisions or calls of which no cost is known cost together.
 */
export function statisticOf(figures: Figures, metric: MetricName, statistic: Statistic): number | null {
  const { counts } = figures;
  if (metric === 'DECISIONS') return ofFlags({ total: counts.decisions, ones: counts.decisions }, statistic);
  if (metric === 'ERROR_RATE') return ofFlags({ total: judgedOf(counts), ones: counts.errors }, statistic);
  if (metric === 'TOOL_INVOCATION_SUCCESS_RATE') {
    return ofFlags({ total: counts.tool_calls, ones: counts.tool_calls - counts.failed_tool_calls }, statistic);
  }
  if (statistic === 'SUM' && metric === 'COST') return costOf(figures);
  if (statistic === 'SUM' && (metric === 'TOKEN_USAGE' || metric === 'TOKEN_USAGE_PER_REQUEST')) {
    return counts.input_tokens + counts.output_tokens;
  }
  return ofMeasure(figures, MEASURE_OF[metric] as Measure, statistic);
}

/** What may have failed: decisions; of OTLP metrics, which have none, the calls whose outcome is told. */
function judgedOf({ decisions, steps }: Counts): number {
  return decisions > 0 ? decisions : steps;
}

/** Exact; null when something was used and the cost of nothing is known. */
function costOf({ counts, costPicodollars }: Figures): number | null {
  const { decisions, unpriced, steps, input_tokens: input, output_tokens: output } = counts;
  const isUsed = decisions > 0 || unpriced > 0 || steps > 0 || input + output > 0;
  return isUsed && costPicodollars === 0n && counts.priced === 0 ? null : dollarsAsNumber(costPicodollars);
}

function ofMeasure({ summaries }: Figures, measure: Measure, statistic: Statistic): number | null {
  const summary = summaries[measure];
  if (statistic === 'COUNT') return summary?.count ?? 0;
  if (statistic === 'SUM') return summary?.sum ?? 0;
  if (summary === undefined) return null;
  if (statistic === 'AVG') return summary.avg;
  if (statistic === 'MIN') return summary.min;
  if (statistic === 'MAX') return summary.max;
  return isWhole(measure) ? summary.wholeQuantile(SHARES[statistic]) : summary.quantile(SHARES[statistic]);
}

function isWhole(measure: Measure): boolean {
  return measure === 'token_usage' || measure === 'tool_invocations';
}

/** Statistics of `total` values of which `ones` are 1 and the others 0. */
function ofFlags({ total, ones }: { total: number; ones: number }, statistic: Statistic): number | null {
  if (statistic === 'COUNT') return total;
  if (statistic === 'SUM') return ones;
  if (total === 0) return null;
  if (statistic === 'AVG') return ones / total;
  if (statistic === 'MIN') return ones === total ? 1 : 0;
  if (statistic === 'MAX') return ones > 0 ? 1 : 0;
  const rank = SHARES[statistic] * (total - 1);
  const flagAt = (place: number) => (place >= total - ones ? 1 : 0);
  const low = flagAt(Math.floor(rank));
  return low + (flagAt(Math.ceil(rank)) - low) * (rank - Math.floor(rank));
}
