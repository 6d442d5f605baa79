/** A decision and its reasoning chain, complete but not yet sealed: what the assembler and `recordDecisions` both produce. */

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

/** `input` includes cache reads and writes, `output` includes reasoning; total = input + output. Unknown counts are 0. */
export interface TokenUsage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  reasoning: number;
}

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
  outcome: Outcome;
  errorType: string | null;
  errorMessage: string | null;
  hallucinationScore: number | null;
  toolCalls: number;
  failedToolCalls: number;
  /** False when it was settled by time: a span that should have come did not. */
  complete: boolean;
  input: string | null;
  output: string | null;
  /** In the order they started. */
  steps: Step[];
}
