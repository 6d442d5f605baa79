import type { ModelCall } from '../decision.js';
import { type DecisionFigures, type Measured, measure } from './figures.js';

/** A decision's row as its figures are read back from it, to be taken out of the rollups or added again. */
export interface MeasuredRow {
  agent: string;
  agent_version: string | null;
  fingerprint: string | null;
  request_type: string | null;
  risk_class: Measured['riskClass'];
  customer_segment: string | null;
  provider: string | null;
  model: string | null;
  region: string | null;
  environment: string | null;
  started_at: Date;
  latency_ms: number;
  queue_ms: number | null;
  time_to_first_token_ms: number | null;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  cost_usd: string | null;
  cost_source: Measured['costSource'];
  calls: ModelCall[];
  outcome: Measured['outcome'];
  hallucination_score: number | null;
  tool_calls: number;
  failed_tool_calls: number;
  sampled: boolean;
  step_count: number;
  byte_count: number;
}

export const MEASURED_COLUMNS = [
  'agent',
  'agent_version',
  'fingerprint',
  'request_type',
  'risk_class',
  'customer_segment',
  'provider',
  'model',
  'region',
  'environment',
  'started_at',
  'latency_ms',
  'queue_ms',
  'time_to_first_token_ms',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost_usd',
  'cost_source',
  'calls',
  'outcome',
  'hallucination_score',
  'tool_calls',
  'failed_tool_calls',
  'sampled',
  'step_count',
  'byte_count',
] as const satisfies readonly (keyof MeasuredRow)[];

/** The inverse of writing the row: the figures it was counted with. */
export function figuresOfRow(row: MeasuredRow): DecisionFigures {
  return measure({
    agent: row.agent,
    agentVersion: row.agent_version,
    fingerprint: row.fingerprint,
    requestType: row.request_type,
    riskClass: row.risk_class,
    customerSegment: row.customer_segment,
    provider: row.provider,
    model: row.model,
    region: row.region,
    environment: row.environment,
    startedAtMs: row.started_at.getTime(),
    latencyMs: row.latency_ms,
    queueMs: row.queue_ms,
    timeToFirstTokenMs: row.time_to_first_token_ms,
    tokens: {
      input: row.input_tokens,
      output: row.output_tokens,
      cacheRead: row.cache_read_tokens,
      cacheWrite: row.cache_write_tokens,
      reasoning: row.reasoning_tokens,
    },
    costUsd: row.cost_usd,
    costSource: row.cost_source,
    calls: row.calls,
    outcome: row.outcome,
    hallucinationScore: row.hallucination_score,
    toolCalls: row.tool_calls,
    failedToolCalls: row.failed_tool_calls,
    sampled: row.sampled,
    stepCount: row.step_count,
    byteCount: row.byte_count,
  });
}
