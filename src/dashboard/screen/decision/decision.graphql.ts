// Written by npm run operations from decision.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type AnomalyFilter = {
  agents?: Array<string> | null | undefined;
  customerSegments?: Array<string> | null | undefined;
  decisionId?: string | null | undefined;
  from?: string | null | undefined;
  kinds?: Array<AnomalyKind> | null | undefined;
  metrics?: Array<MetricName> | null | undefined;
  severities?: Array<Severity> | null | undefined;
  to?: string | null | undefined;
};

export type AnomalyKind =
  | 'BEHAVIOUR_DRIFT'
  | 'CASCADE_FAILURE'
  | 'LEDGER_FAULT'
  | 'LOAD_SKEW'
  | 'LOOP'
  | 'METRIC_ANOMALY'
  | 'SILENT_AGENT'
  | 'TOKEN_BURN'
  | 'TOOL_FAILURE'
  | 'UNGROUNDED_ANSWER'
  | 'VERSION_DRIFT';

export type LedgerEntryKind =
  | 'ACCESS'
  | 'AGENT'
  | 'ALERT'
  | 'AMENDMENT'
  | 'DECISION'
  | 'ERASURE'
  | 'EXPORT'
  | 'HOLD'
  | 'INCIDENT'
  | 'LEDGER_KEY'
  | 'PRUNE'
  | 'READ'
  | 'RELEASE'
  | 'REPRICE'
  | 'RULE'
  | 'SETTINGS'
  | 'SILENCE';

export type MetricName =
  | 'COST'
  | 'DECISIONS'
  | 'DECISION_LATENCY'
  | 'ERROR_RATE'
  | 'HALLUCINATION_SCORE'
  | 'INFERENCE_LATENCY'
  | 'QUEUE_TIME'
  | 'TIME_TO_FIRST_TOKEN'
  | 'TOKEN_USAGE'
  | 'TOKEN_USAGE_PER_REQUEST'
  | 'TOOL_INVOCATIONS'
  | 'TOOL_INVOCATION_SUCCESS_RATE';

export type Outcome =
  | 'ERROR'
  | 'SUCCESS';

export type RiskClass =
  | 'ADMIN'
  | 'HIGH_RISK'
  | 'ROUTINE';

export type Severity =
  | 'CRITICAL'
  | 'INFO'
  | 'WARNING';

export type StepKind =
  | 'GUARDRAIL'
  | 'HANDOFF'
  | 'HUMAN_REVIEW'
  | 'MODEL_CALL'
  | 'OTHER'
  | 'OUTPUT'
  | 'REASONING'
  | 'RETRIEVAL'
  | 'TOOL_CALL';

export type DecisionQueryVariables = Exact<{
  id: string;
  content: boolean;
}>;


export type DecisionQuery = { resumeFrom: { anomalyDetected: string }, decision: { id: string, traceId: string | null, agentVersion: string | null, requestType: string | null, riskClass: RiskClass, customerSegment: string | null, conversationId: string | null, provider: string | null, model: string | null, region: string | null, environment: string | null, startedAt: string, endedAt: string, latencyMs: number, queueMs: number | null, timeToFirstTokenMs: number | null, costUsd: number | null, outcome: Outcome, errorType: string | null, errorMessage?: string | null, hallucinationScore: number | null, toolCalls: number, failedToolCalls: number, sampled: boolean, complete: boolean, input?: string | null, output?: string | null, agent: { name: string }, tokens: UsedFragment, parent: { id: string, agent: { name: string } } | null, anomalies: Array<{ id: string, kind: AnomalyKind, severity: Severity, summary: string, detectedAt: string, evidence: unknown }>, steps: Array<TakenFragment>, ledgerEntry: SealedFragment | null, amendments: Array<{ seq: number, kind: LedgerEntryKind, recordedAt: string }> } | null };

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

export const Decision = "query Decision($id:ID!$content:Boolean!){resumeFrom{anomalyDetected}decision(id:$id){id traceId agent{name}agentVersion requestType riskClass customerSegment conversationId provider model region environment startedAt endedAt latencyMs queueMs timeToFirstTokenMs tokens{...Used}costUsd outcome errorType errorMessage@include(if:$content)hallucinationScore toolCalls failedToolCalls sampled complete input@include(if:$content)output@include(if:$content)parent{id agent{name}}anomalies{id kind severity summary detectedAt evidence}steps{...Taken}ledgerEntry{...Sealed}amendments{seq kind recordedAt}}}fragment Used on TokenUsage{input output cacheRead cacheWrite reasoning total}fragment Taken on Step{index kind name startedAt durationMs model tokens{...Used}costUsd toolName outcome digest arguments@include(if:$content)result@include(if:$content)input@include(if:$content)output@include(if:$content)errorMessage@include(if:$content)}fragment Sealed on LedgerEntry{seq kind recordedAt hash previousHash canonical}" as Operation<DecisionQuery, DecisionQueryVariables>;

export const DecisionTrace = "query DecisionTrace($traceId:String!){trace(traceId:$traceId){startedAt endedAt latencyMs outcome costUsd tokens{total}decisions{id agent{name}parent{id}requestType startedAt latencyMs outcome errorType costUsd}}}" as Operation<DecisionTraceQuery, DecisionTraceQueryVariables>;

export const EntryProof = "query EntryProof($seq:Int!$before:Int!){ledger{publicKey before:entry(seq:$before){hash}inclusionProof(seq:$seq){treeSize leafIndex hashes rootHash checkpoint{note origin signedAt witnessedAt cosignatures{name}}tlogProof}}}" as Operation<EntryProofQuery, EntryProofQueryVariables>;

export const DecisionAnomalies = "subscription DecisionAnomalies($filter:AnomalyFilter$after:ID){anomalyDetected(filter:$filter after:$after){id}}" as Operation<DecisionAnomaliesSubscription, DecisionAnomaliesSubscriptionVariables>;
