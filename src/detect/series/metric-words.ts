import { duration, percent } from '../../fleet/wording.js';
import type { MetricName } from '../../metric/name.js';

/** How a metric that is followed over time is called, and its values written. */
interface MetricWords {
  name: string;
  format: (value: number) => string;
}

const count = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');
const dollars = (value: number): string => `$${Number(value.toPrecision(3))}`;

export const METRIC_WORDS: Readonly<Record<MetricName, MetricWords>> = {
  DECISIONS: { name: 'decisions within five minutes', format: count },
  ERROR_RATE: { name: 'error rate', format: percent },
  TOKEN_USAGE: { name: 'tokens', format: count },
  TOKEN_USAGE_PER_REQUEST: { name: 'tokens per request', format: count },
  DECISION_LATENCY: { name: 'decision latency (p95)', format: duration },
  INFERENCE_LATENCY: { name: 'inference latency (p95)', format: duration },
  QUEUE_TIME: { name: 'queue time (p95)', format: duration },
  TIME_TO_FIRST_TOKEN: { name: 'time to first token (p95)', format: duration },
  COST: { name: 'cost of a decision', format: dollars },
  HALLUCINATION_SCORE: { name: 'hallucination score', format: count },
  TOOL_INVOCATION_SUCCESS_RATE: { name: 'tool success rate', format: percent },
  TOOL_INVOCATIONS: { name: 'tool calls', format: count },
};
