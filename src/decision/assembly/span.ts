/** One span after its convention was read: the one shape every convention file produces and everything later reads. */

/**
 * - `agent`: one invocation of an agent, the root of a decision (wrappers such as `ai.generateText` too).
 * - `model`: one call of a language model; `embedding`: one call of an embedding model.
 * - `workflow`: a container above agents; `step`: a chain, task or wrapper inside a decision, neither model nor tool.
 * - `other`: an ordinary span (HTTP, database, queue): kept in the tree, no step of the reasoning chain.
 * - `content`: no span but a log record with what another span lacks (messages, counts), see content.ts.
 * - `request`: no span but a log record of a request to a model whose answer is another record, see log-turn.ts.
 */
export type SpanKind =
  | 'agent'
  | 'model'
  | 'embedding'
  | 'tool'
  | 'retrieval'
  | 'reasoning'
  | 'handoff'
  | 'guardrail'
  | 'human'
  | 'evaluation'
  | 'workflow'
  | 'step'
  | 'other'
  | 'content'
  | 'request';

/**
 * Token counts of one span, null where the wire does not say (unknown is not 0).
 * Normalised: `input` includes cache reads and writes, `output` includes reasoning, whatever the client's convention.
 */
export interface SpanUsage {
  input: number | null;
  output: number | null;
  cacheRead: number | null;
  cacheWrite: number | null;
  reasoning: number | null;
}

export interface SpanFailure {
  /** `error.type`, exception type or status code in words; null when the wire gives only a message. */
  type: string | null;
  message: string | null;
}

/** What is known of a log record beyond what a span could hold. */
export interface LogOrigin {
  /** The trace it was written in; null when it names none. */
  traceId: string | null;
  /** Its place among the records of its request: tells records of one moment apart. */
  sequence: number;
  /** It holds one message of several; otherwise all of them. */
  isPart: boolean;
}

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  parentIsRemote: boolean | null;
  kind: SpanKind;
  /** The convention that classified it: 'genai', 'openinference', 'traceloop', 'vercel', 'plain', … */
  convention: string;
  /** The span's name as sent. */
  name: string;
  /** The instrumentation scope's name. */
  scope: string;
  /** Null for a span that was sent as one; set where it was made of a log record. */
  log: LogOrigin | null;
  /** How the span stands to other processes: `client` called another, `server` was called by another. */
  side: 'client' | 'server' | 'internal';
  /** Milliseconds since the epoch, with a fraction. */
  startMs: number;
  /** Equal to `startMs` when the span has not ended. */
  endMs: number;
  /** False when the exporter sent the span unfinished. */
  ended: boolean;

  /** `service.name`. */
  service: string;
  /** The agent this span names: for kind `agent` the agent invoked, for others the agent that owns the span. Null when it names none. */
  agentName: string | null;
  /** The agent that handed over to this one, by its name, where the two are no parent and child in the trace. Null when none is named. */
  callerName: string | null;
  agentId: string | null;
  agentVersion: string | null;
  /** Workflow the span names; null when none. */
  workflow: string | null;
  conversationId: string | null;
  userId: string | null;
  customerSegment: string | null;
  requestType: string | null;
  riskClass: 'HIGH_RISK' | 'ROUTINE' | 'ADMIN' | null;
  /** Attributes of the span, or else of its resource, that classification rules ask about; null when it has none of them. */
  labels: Readonly<Record<string, string>> | null;
  region: string | null;
  environment: string | null;
  /** `service.version`, used where no agent version is named. */
  serviceVersion: string | null;

  /** Lower-case provider: 'openai', 'anthropic', 'google', …; null when unknown. */
  provider: string | null;
  requestModel: string | null;
  responseModel: string | null;
  responseId: string | null;
  /** Null when the span carries no usage at all. */
  usage: SpanUsage | null;
  /** What the client itself says the call cost, US dollars; null when it says nothing or 0. */
  reportedCostUsd: number | null;
  /** `midwatch.cost_usd`: the user's own figure, which wins over any computed one. */
  ownCostUsd: number | null;
  timeToFirstTokenMs: number | null;
  queueMs: number | null;
  finishReasons: string[];
  /** Of the system prompt and of the tools the span shows, 16 hex digits each; null where it shows none. */
  promptDigest: string | null;
  toolsDigest: string | null;

  toolName: string | null;
  toolCallId: string | null;
  /** Arguments and result as text: JSON as it was sent, re-serialised only where the wire held structure. */
  arguments: string | null;
  result: string | null;
  /** Messages or value in and out, as text: JSON where the wire held messages, plain text where it held text. */
  input: string | null;
  output: string | null;
  /** Evaluation carried by the span, 0 grounded … 1 made up; null when none. */
  hallucinationScore: number | null;

  /** Null when the span did not fail, by any of the ways failures show (status, level, exception event, tool outcome). */
  failure: SpanFailure | null;
}
