import type { Outcome, RiskClass, StepKind } from './decision.js';

/** A sealed decision as it is read, without its content. */
export interface DecisionRow {
  id: string;
  /** Where the ledger has it. */
  seq: number;
  /** The day (UTC, `2026-11-24`) whose partition its rows lie in. */
  sealedOn: string;
  traceId: string | null;
  parentSpanId: string | null;
  parentId: string | null;
  agentName: string;
  agentVersion: string | null;
  requestType: string | null;
  riskClass: RiskClass;
  customerSegment: string | null;
  conversationId: string | null;
  provider: string | null;
  model: string | null;
  region: string | null;
  environment: string | null;
  startedAt: Date;
  endedAt: Date;
  latencyMs: number;
  queueMs: number | null;
  timeToFirstTokenMs: number | null;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  /** Decimal text; null when unknown. */
  costUsd: string | null;
  outcome: Outcome;
  errorType: string | null;
  hallucinationScore: number | null;
  toolCalls: number;
  failedToolCalls: number;
  sampled: boolean;
  complete: boolean;
}

/** What only readers of content may see, read on its own so that lists stay light. */
export interface DecisionContent {
  input: string | null;
  output: string | null;
  /** Quotes what it failed on, so it is content too. */
  errorMessage: string | null;
}

export interface StepRow {
  decisionId: string;
  sealedOn: string;
  index: number;
  kind: StepKind;
  name: string;
  startedAt: Date;
  durationMs: number;
  provider: string | null;
  model: string | null;
  /** Null when the step used no tokens or none are known; the other counts then are too. */
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  reasoningTokens: number | null;
  costUsd: number | null;
  toolName: string | null;
  outcome: Outcome;
  /** 64 lower-case hex digits. */
  digest: string;
  /** Whether its content was erased. */
  isErased: boolean;
}

export interface StepContent {
  arguments: string | null;
  result: string | null;
  input: string | null;
  output: string | null;
  errorMessage: string | null;
}

const DECISION_PROPERTIES: Record<keyof DecisionRow, string> = {
  id: 'd.id',
  seq: 'd.seq',
  sealedOn: 'd.sealed_on::text',
  traceId: 'd.trace_id',
  parentSpanId: 'd.parent_span_id',
  parentId: 'd.parent_id',
  agentName: 'd.agent',
  agentVersion: 'd.agent_version',
  requestType: 'd.request_type',
  riskClass: 'd.risk_class',
  customerSegment: 'd.customer_segment',
  conversationId: 'd.conversation_id',
  provider: 'd.provider',
  model: 'd.model',
  region: 'd.region',
  environment: 'd.environment',
  startedAt: 'd.started_at',
  endedAt: 'd.ended_at',
  latencyMs: 'd.latency_ms',
  queueMs: 'd.queue_ms',
  timeToFirstTokenMs: 'd.time_to_first_token_ms',
  inputTokens: 'd.input_tokens',
  outputTokens: 'd.output_tokens',
  cacheReadTokens: 'd.cache_read_tokens',
  cacheWriteTokens: 'd.cache_write_tokens',
  reasoningTokens: 'd.reasoning_tokens',
  costUsd: 'd.cost_usd::text',
  outcome: 'd.outcome',
  errorType: 'd.error_type',
  hallucinationScore: 'd.hallucination_score',
  toolCalls: 'd.tool_calls',
  failedToolCalls: 'd.failed_tool_calls',
  sampled: 'd.sampled',
  complete: 'd.complete',
};

const STEP_PROPERTIES: Record<keyof StepRow, string> = {
  decisionId: 's.decision_id',
  sealedOn: 's.sealed_on::text',
  index: 's.index',
  kind: 's.kind',
  name: 's.name',
  startedAt: 's.started_at',
  durationMs: 's.duration_ms',
  provider: 's.provider',
  model: 's.model',
  inputTokens: 's.input_tokens',
  outputTokens: 's.output_tokens',
  cacheReadTokens: 's.cache_read_tokens',
  cacheWriteTokens: 's.cache_write_tokens',
  reasoningTokens: 's.reasoning_tokens',
  costUsd: 's.cost_usd::float8',
  toolName: 's.tool_name',
  outcome: 's.outcome',
  digest: "encode(s.digest, 'hex')",
  // A step is there with its salt or not at all: only erasing takes the salt away.
  isErased: 's.salt IS NULL',
};

/** What a SELECT names to read a `DecisionRow` from the table alias `d`. */
export const DECISION_SELECTION = selection(DECISION_PROPERTIES);
/** What a SELECT names to read a `StepRow` from the table alias `s`. */
export const STEP_SELECTION = selection(STEP_PROPERTIES);

function selection(properties: Record<string, string>): string {
  return Object.entries(properties)
    .map(([property, column]) => `${column} AS "${property}"`)
    .join(', ');
}
