// Written by npm run operations from decision.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Which anomalies: every condition that is given must hold; a list holds when one of its values does. */
export type AnomalyFilter = {
  /** Of an agent of one of these names. */
  agents?: Array<string> | null | undefined;
  /** That concern one of these customer segments. */
  customerSegments?: Array<string> | null | undefined;
  /** Found in this decision. */
  decisionId?: string | null | undefined;
  /** Found at this time or after. */
  from?: string | null | undefined;
  /** Of one of these kinds. */
  kinds?: Array<AnomalyKind> | null | undefined;
  /** About one of these metrics. */
  metrics?: Array<MetricName> | null | undefined;
  /** Of one of these severities. */
  severities?: Array<Severity> | null | undefined;
  /** Found before this time. */
  to?: string | null | undefined;
};

/** What a detector can find wrong. */
export type AnomalyKind =
  /** An agent behaves differently than it used to. */
  | 'BEHAVIOUR_DRIFT'
  /** A failure travelled from one agent to others. */
  | 'CASCADE_FAILURE'
  /** The ledger is not as it was sealed or signed. */
  | 'LEDGER_FAULT'
  /** One agent carries much more of the work than it used to. */
  | 'LOAD_SKEW'
  /** A decision does the same thing over and over. */
  | 'LOOP'
  /** A metric of an agent is out of its usual range for this hour and weekday. */
  | 'METRIC_ANOMALY'
  /** An agent has made no decision for longer than its rhythm explains. */
  | 'SILENT_AGENT'
  /** Tokens or money are spent faster than usual, or than a budget allows. */
  | 'TOKEN_BURN'
  /** A tool fails an agent more often than it used to. */
  | 'TOOL_FAILURE'
  /** An answer says what nothing the agent was given supports. */
  | 'UNGROUNDED_ANSWER'
  /** An agent lags behind the version of its role, or changed without announcing it. */
  | 'VERSION_DRIFT';

/** What a ledger entry seals. */
export type LedgerEntryKind =
  /** An alert: that it fired, resolved, was acknowledged or commented on. */
  | 'ALERT'
  /** What became known of a decision after it was sealed. */
  | 'AMENDMENT'
  /** A decision, when it was complete. */
  | 'DECISION'
  /** That content was asked to be erased, and what came of it. */
  | 'ERASURE'
  /** A report or bundle that was made, with its SHA-256 and who asked for it. */
  | 'EXPORT'
  /** A legal hold that was placed. */
  | 'HOLD'
  /** That the key which signs checkpoints was rotated, or an earlier one revoked, with the reason. */
  | 'LEDGER_KEY'
  /** What retention removed since it was past its time. */
  | 'PRUNE'
  /** A legal hold that was released. */
  | 'RELEASE'
  /** A re-pricing: which decisions cost something else by the prices of today, before and after. */
  | 'REPRICE'
  /** An alert rule that was made, changed or removed, with what it says. */
  | 'RULE'
  /** That the settings were read anew, with the digest of the file. */
  | 'SETTINGS'
  /** A silence that was begun or ended, with its reason. */
  | 'SILENCE';

/** What is measured. */
export type MetricName =
  /** Of each decision whose cost is known, in US dollars: SUM is exact, and null where decisions, or the calls of OTLP metrics, have none that is known. */
  | 'COST'
  /** Decisions, 1 each; none in OTLP metrics, whose calls are no decisions. */
  | 'DECISIONS'
  /** From the start of each decision to its end, in milliseconds. */
  | 'DECISION_LATENCY'
  /** Of each decision, 1 when it failed, else 0: AVG is the rate, SUM the number that failed. Of OTLP metrics, of each call whose metric tells how it ended. */
  | 'ERROR_RATE'
  /** From 0, grounded, to 1, made up, of each decision that could be judged. */
  | 'HALLUCINATION_SCORE'
  /** Of each model call, in milliseconds. */
  | 'INFERENCE_LATENCY'
  /** How long each decision waited before work on it began, in milliseconds, where that is known. */
  | 'QUEUE_TIME'
  /** From a decision’s first model call to its first token, in milliseconds, where that is known. */
  | 'TIME_TO_FIRST_TOKEN'
  /** Tokens of each decision, input and output together: SUM is all of them. Of OTLP metrics, of each call that is in a histogram of tokens: where there are only counters, they have a SUM and nothing else. Percentiles of calls take the longest outputs for the answers to the longest inputs. */
  | 'TOKEN_USAGE'
  /** The same values: AVG is the usage per decision, or per call. */
  | 'TOKEN_USAGE_PER_REQUEST'
  /** Tool calls of each decision: SUM is all of them. */
  | 'TOOL_INVOCATIONS'
  /** Of each tool call, 1 when it succeeded, else 0: AVG is the rate. */
  | 'TOOL_INVOCATION_SUCCESS_RATE';

/** How a decision or a step ended. */
export type Outcome =
  /** It failed. */
  | 'ERROR'
  /** It ended as it should. */
  | 'SUCCESS';

/** How much depends on a decision; sampling follows it. */
export type RiskClass =
  /** Housekeeping of the fleet itself. */
  | 'ADMIN'
  /** Touches people’s rights, money or safety: content is always kept. */
  | 'HIGH_RISK'
  /** Everyday work. */
  | 'ROUTINE';

/** How bad something is. */
export type Severity =
  /** Somebody should look at it now. */
  | 'CRITICAL'
  /** Worth knowing; nobody has to do anything. */
  | 'INFO'
  /** Somebody should look at it during the day. */
  | 'WARNING';

/** What a step of a reasoning chain is. */
export type StepKind =
  /** A check of what went in or came out. */
  | 'GUARDRAIL'
  /** Work given to another agent. */
  | 'HANDOFF'
  /** A person was asked. */
  | 'HUMAN_REVIEW'
  /** A call of a model. */
  | 'MODEL_CALL'
  /** Anything else. */
  | 'OTHER'
  /** The answer. */
  | 'OUTPUT'
  /** Thought the model made visible. */
  | 'REASONING'
  /** A search in documents or memory. */
  | 'RETRIEVAL'
  /** A call of a tool. */
  | 'TOOL_CALL';

export type DecisionQueryVariables = Exact<{
  id: string;
  content: boolean;
}>;


export type DecisionQuery = { decision: { id: string, traceId: string | null, agentVersion: string | null, requestType: string | null, riskClass: RiskClass, customerSegment: string | null, conversationId: string | null, provider: string | null, model: string | null, region: string | null, environment: string | null, startedAt: string, endedAt: string, latencyMs: number, queueMs: number | null, timeToFirstTokenMs: number | null, costUsd: number | null, outcome: Outcome, errorType: string | null, errorMessage?: string | null, hallucinationScore: number | null, toolCalls: number, failedToolCalls: number, sampled: boolean, complete: boolean, input?: string | null, output?: string | null, agent: { name: string }, tokens: UsedFragment, parent: { id: string, agent: { name: string } } | null, anomalies: Array<{ id: string, kind: AnomalyKind, severity: Severity, summary: string, detectedAt: string, evidence: unknown }>, steps: Array<TakenFragment>, ledgerEntry: SealedFragment | null, amendments: Array<{ seq: number, kind: LedgerEntryKind, recordedAt: string }> } | null };

export type UsedFragment = { input: number, output: number, cacheRead: number, cacheWrite: number, reasoning: number, total: number };

export type TakenFragment = { index: number, kind: StepKind, name: string, startedAt: string, durationMs: number, model: string | null, costUsd: number | null, toolName: string | null, outcome: Outcome, digest: string, arguments?: string | null, result?: string | null, input?: string | null, output?: string | null, errorMessage?: string | null, tokens: UsedFragment | null };

export type SealedFragment = { seq: number, kind: LedgerEntryKind, recordedAt: string, hash: string, previousHash: string, canonical: string };

export type DecisionTraceQueryVariables = Exact<{
  traceId: string;
}>;


export type DecisionTraceQuery = { trace: { startedAt: string, endedAt: string, latencyMs: number, outcome: Outcome, costUsd: number | null, tokens: { total: number }, decisions: Array<{ id: string, requestType: string | null, startedAt: string, latencyMs: number, outcome: Outcome, errorType: string | null, costUsd: number | null, agent: { name: string }, parent: { id: string } | null }> } | null };

export type EntryProofQueryVariables = Exact<{
  seq: number;
  before: number;
}>;


export type EntryProofQuery = { ledger: { publicKey: string, before: { hash: string } | null, inclusionProof: { treeSize: number, leafIndex: number, hashes: Array<string>, rootHash: string, tlogProof: string | null, checkpoint: { note: string, origin: string, signedAt: string, witnessedAt: string | null, cosignatures: Array<{ name: string }> } | null } } };

export type DecisionAnomaliesSubscriptionVariables = Exact<{
  filter?: AnomalyFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type DecisionAnomaliesSubscription = { anomalyDetected: { id: string } };

export const Decision = "query Decision($id:ID!$content:Boolean!){decision(id:$id){id traceId agent{name}agentVersion requestType riskClass customerSegment conversationId provider model region environment startedAt endedAt latencyMs queueMs timeToFirstTokenMs tokens{...Used}costUsd outcome errorType errorMessage@include(if:$content)hallucinationScore toolCalls failedToolCalls sampled complete input@include(if:$content)output@include(if:$content)parent{id agent{name}}anomalies{id kind severity summary detectedAt evidence}steps{...Taken}ledgerEntry{...Sealed}amendments{seq kind recordedAt}}}fragment Used on TokenUsage{input output cacheRead cacheWrite reasoning total}fragment Taken on Step{index kind name startedAt durationMs model tokens{...Used}costUsd toolName outcome digest arguments@include(if:$content)result@include(if:$content)input@include(if:$content)output@include(if:$content)errorMessage@include(if:$content)}fragment Sealed on LedgerEntry{seq kind recordedAt hash previousHash canonical}" as Operation<DecisionQuery, DecisionQueryVariables>;

export const DecisionTrace = "query DecisionTrace($traceId:String!){trace(traceId:$traceId){startedAt endedAt latencyMs outcome costUsd tokens{total}decisions{id agent{name}parent{id}requestType startedAt latencyMs outcome errorType costUsd}}}" as Operation<DecisionTraceQuery, DecisionTraceQueryVariables>;

export const EntryProof = "query EntryProof($seq:Int!$before:Int!){ledger{publicKey before:entry(seq:$before){hash}inclusionProof(seq:$seq){treeSize leafIndex hashes rootHash checkpoint{note origin signedAt witnessedAt cosignatures{name}}tlogProof}}}" as Operation<EntryProofQuery, EntryProofQueryVariables>;

export const DecisionAnomalies = "subscription DecisionAnomalies($filter:AnomalyFilter$after:ID){anomalyDetected(filter:$filter after:$after){id}}" as Operation<DecisionAnomaliesSubscription, DecisionAnomaliesSubscriptionVariables>;
