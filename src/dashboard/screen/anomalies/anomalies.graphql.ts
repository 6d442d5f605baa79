// Written by npm run operations from anomalies.graphql: change that.
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

export type AnomaliesQueryVariables = Exact<{
  filter?: AnomalyFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AnomaliesQuery = { resumeFrom: { anomalyDetected: string }, anomalies: { nodes: Array<FoundFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type AnomaliesLiveSubscriptionVariables = Exact<{
  filter?: AnomalyFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AnomaliesLiveSubscription = { anomalyDetected: FoundFragment };

export type FoundFragment = { id: string, kind: AnomalyKind, severity: Severity, customerSegment: string | null, metric: MetricName | null, observed: number | null, expected: number | null, score: number, detectedAt: string, summary: string, evidence: unknown, agent: { name: string } | null };

export type AnomalyBehindQueryVariables = Exact<{
  id: string;
}>;


export type AnomalyBehindQuery = { node:
    | (
      { decision: { id: string, steps: Array<{ index: number, kind: StepKind, name: string, toolName: string | null, durationMs: number, outcome: Outcome }> } | null, decisions: Array<{ id: string, requestType: string | null, outcome: Outcome, errorType: string | null, startedAt: string, latencyMs: number, costUsd: number | null, agent: { name: string } }> }
      & FoundFragment
    )
    | Record<PropertyKey, never>
   | null };

export const Anomalies = "query Anomalies($filter:AnomalyFilter$after:String){resumeFrom{anomalyDetected}anomalies(filter:$filter first:50 after:$after){nodes{...Found}pageInfo{hasNextPage endCursor}}}fragment Found on Anomaly{id kind severity agent{name}customerSegment metric observed expected score detectedAt summary evidence}" as Operation<AnomaliesQuery, AnomaliesQueryVariables>;

export const AnomaliesLive = "subscription AnomaliesLive($filter:AnomalyFilter$after:ID){anomalyDetected(filter:$filter after:$after){...Found}}fragment Found on Anomaly{id kind severity agent{name}customerSegment metric observed expected score detectedAt summary evidence}" as Operation<AnomaliesLiveSubscription, AnomaliesLiveSubscriptionVariables>;

export const AnomalyBehind = "query AnomalyBehind($id:ID!){node(id:$id){...on Anomaly{...Found decision{id steps{index kind name toolName durationMs outcome}}decisions{id agent{name}requestType outcome errorType startedAt latencyMs costUsd}}}}fragment Found on Anomaly{id kind severity agent{name}customerSegment metric observed expected score detectedAt summary evidence}" as Operation<AnomalyBehindQuery, AnomalyBehindQueryVariables>;
