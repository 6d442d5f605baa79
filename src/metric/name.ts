/** What can be measured of decisions, by the names of the API. */
export const METRIC_NAMES = [
  'DECISIONS',
  'ERROR_RATE',
  'TOKEN_USAGE',
  'TOKEN_USAGE_PER_REQUEST',
  'DECISION_LATENCY',
  'INFERENCE_LATENCY',
  'QUEUE_TIME',
  'TIME_TO_FIRST_TOKEN',
  'COST',
  'HALLUCINATION_SCORE',
  'TOOL_INVOCATION_SUCCESS_RATE',
  'TOOL_INVOCATIONS',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];
