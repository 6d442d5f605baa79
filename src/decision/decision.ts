/** A decision and its reasoning chain, complete but not yet sealed: what the assembler and `recordDecisions` both produce. */

import type { TokenUsage } from '../cost/token-usage.js';

export const STEP_KINDS = [
  'MODEL_CALL',
  'TOOL_CALL',
  'RETRIEVAL',
  'REASONING',
  'HANDOFF',
  'GUARDRAIL',
  'HUMAN_REVIEW',
  'OUTPUT',
  'OTHER',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const RISK_CLASSES = ['HIGH_RISK', 'ROUTINE', 'ADMIN'] as const;
export type RiskClass = (typeof RISK_CLASSES)[number];

export const OUTCOMES = ['SUCCESS', 'ERROR'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Step {
  kind: StepKind;
  name: string;
  /** Milliseconds since the epoch, with a fraction. */
  startedAtMs: number;
  durationMs: number;
  provider: string | null;
  model: string | null;
  /** Null when the step used no tokens or none are known. */
  tokens: TokenUsage | null;
  /** Decimal US dollars as text; null when unknown. */
  costUsd: string | null;
  toolName: string | null;
  arguments: string | null;
  result: string | null;
  input: string | null;
  output: string | null;
  outcome: Outcome;
  errorMessage: string | null;
  /** The span it came from; null for steps of `recordDecisions`. */
  spanId: string | null;
}

/**
 * - `OWN`: what the user says it cost. `PRICE`: its tokens by the price list. `REPORTED`: what the client says.
 */
export type CostSource = 'OWN' | 'PRICE' | 'REPORTED';

/** One call of a model, or another step that cost something: kept whether the decision's steps are or not. */
export interface ModelCall {
  provider: string | null;
  model: string | null;
  /** The model asked for: its price stands in when the model that answered has none. */
  requestModel: string | null;
  startedAtMs: number;
  /** Of a model's answer; null for other steps and where only a wrapper around calls is known. */
  durationMs: number | null;
  /** Null when none are known. */
  tokens: TokenUsage | null;
  /** Decimal US dollars as text; null when unknown. */
  costUsd: string | null;
  /** Where `costUsd` is from; null when it is unknown. */
  costSource: CostSource | null;
  /** What the client says it cost, whether that counts or not; decimal text. */
  reportedUsd: string | null;
}

export interface Decision {
  /** The client's own id, or `<traceId>-<spanId of the root>`. */
  id: string;
  traceId: string | null;
  /** The root span; null for `recordDecisions`. */
  spanId: string | null;
  /** The span that called the root, in whatever process; links a child decision to its parent when both are known. */
  parentSpanId: string | null;
  /** The decision that invoked this one; null when there is none or it is not known yet. */
  parentId: string | null;
  agent: string;
  agentVersion: string | null;
  /** Of the system prompt and the tools, 16 hex digits: tells an unannounced change; null when neither is known. */
  fingerprint: string | null;
  requestType: string | null;
  riskClass: RiskClass;
  customerSegment: string | null;
  conversationId: string | null;
  userId: string | null;
  provider: string | null;
  model: string | null;
  region: string | null;
  environment: string | null;
  startedAtMs: number;
  endedAtMs: number;
  queueMs: number | null;
  timeToFirstTokenMs: number | null;
  tokens: TokenUsage;
  /** Decimal US dollars as text; null when unknown. */
  costUsd: string | null;
  /** Where `costUsd` as a whole is from: `OWN` when the user states the decision's cost; null: the sum of its calls. */
  costSource: 'OWN' | null;
  calls: ModelCall[];
  outcome: Outcome;
  errorType: string | null;
  errorMessage: string | null;
  /** What was told of it by whoever evaluated it: from 0, grounded, to 1, made up. */
  hallucinationScore: number | null;
  /** The same by the judgement made here, which counts where nothing was told. */
  groundingScore: number | null;
  toolCalls: number;
  failedToolCalls: number;
  /** False when it was settled by time: a span that should have come did not. */
  complete: boolean;
  input: string | null;
  output: string | null;
  /** In the order they started. */
  steps: Step[];
}
