import type { Trials } from '../detect/series/rate.js';
import type { Figures, Measure } from '../metric/figures.js';
import type { MetricName } from '../metric/name.js';

/** Fewer decisions in a bin have no percentile or mean to speak of. */
const DECISIONS_MIN = 5;

/** A series of values; null where a bin has none. */
export interface ValueSeries {
  metric: MetricName;
  measure: (figures: Figures) => number | null;
}

/** A series of shares: how many of how many. */
export interface RateSeries {
  metric: MetricName;
  trialsOf: (figures: Figures) => Trials;
}

export const VALUE_SERIES: readonly ValueSeries[] = [
  { metric: 'DECISIONS', measure: ({ counts }) => counts.decisions },
  { metric: 'DECISION_LATENCY', measure: percentile('latency') },
  { metric: 'INFERENCE_LATENCY', measure: percentile('inference_latency') },
  { metric: 'TIME_TO_FIRST_TOKEN', measure: percentile('time_to_first_token') },
  { metric: 'QUEUE_TIME', measure: percentile('queue_time') },
  { metric: 'TOKEN_USAGE_PER_REQUEST', measure: mean('token_usage') },
  { metric: 'COST', measure: mean('cost') },
  { metric: 'HALLUCINATION_SCORE', measure: mean('hallucination_score') },
];

export const RATE_SERIES: readonly RateSeries[] = [
  { metric: 'ERROR_RATE', trialsOf: ({ counts }) => ({ events: counts.errors, trials: counts.decisions }) },
  {
    metric: 'TOOL_INVOCATION_SUCCESS_RATE',
    trialsOf: ({ counts }) => ({ events: counts.tool_calls - counts.failed_tool_calls, trials: counts.tool_calls }),
  },
];

export const SERIES_MEASURES: readonly Measure[] = [
  'latency',
  'inference_latency',
  'time_to_first_token',
  'queue_time',
  'token_usage',
  'cost',
  'hallucination_score',
];

function percentile(measure: Measure): ValueSeries['measure'] {
  return ({ summaries }) => {
    const summary = summaries[measure];
    return summary === undefined || summary.count < DECISIONS_MIN ? null : summary.quantile(0.95);
  };
}

function mean(measure: Measure): ValueSeries['measure'] {
  return ({ summaries }) => {
    const summary = summaries[measure];
    return summary === undefined || summary.count < DECISIONS_MIN ? null : summary.avg;
  };
}
