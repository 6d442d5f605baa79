import type { Slice } from './slice.js';
import type { Summary } from './summary.js';

/** What is counted and added up, by the names of the rollups' columns. */
export const COUNTERS = [
  'decisions',
  'errors',
  'priced',
  'unpriced',
  'unpriced_tokens',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'tool_calls',
  'failed_tool_calls',
  'steps',
  'bytes',
  'kept_decisions',
  'kept_steps',
  'kept_bytes',
] as const;
export type Counter = (typeof COUNTERS)[number];
/** What is summed exactly. */
export type Total = Counter | 'cost_usd';
export const TOTALS: readonly Total[] = [...COUNTERS, 'cost_usd'];
/**
 * `priced`: decisions whose cost is known, one for each model whose cost it is; `unpriced`: decisions that used tokens whose
 * cost is unknown, one for each model whose cost it is; `unpriced_tokens`: what they used of it. `bytes`: of content and
 * steps, kept or not. Of OTLP metrics, which know no decisions, `steps` are the calls whose outcome is told, and `errors`
 * those among them that failed.
 */
export type Counts = Record<Counter, number>;

/** What is measured, one value a decision (`inference_latency`, and all of OTLP metrics: one a model call), by the names of the rollups' columns. */
export const MEASURES = [
  'latency',
  'inference_latency',
  'queue_time',
  'time_to_first_token',
  'token_usage',
  'cost',
  'hallucination_score',
  'tool_invocations',
] as const;
export type Measure = (typeof MEASURES)[number];

/** Figures of one slice over some span of time. They add up: over time, over slices, and with negative counts back out. */
export interface Figures {
  counts: Counts;
  /** Picodollars, exact. */
  costPicodollars: bigint;
  /** A measure nothing has is absent. */
  summaries: Partial<Record<Measure, Summary>>;
}

/** Figures on their way into the rollups: those of one slice in one minute. */
export interface Contribution extends Figures {
  slice: Slice;
  /** Start of the minute, milliseconds since the epoch. */
  minuteMs: number;
}
