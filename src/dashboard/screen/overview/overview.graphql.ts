// Written by npm run operations from overview.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type AgentFilter = {
  environments?: Array<string> | null | undefined;
  models?: Array<string> | null | undefined;
  names?: Array<string> | null | undefined;
  regions?: Array<string> | null | undefined;
  versions?: Array<string> | null | undefined;
};

export type AgentStatus =
  | 'DEGRADED'
  | 'FAILING'
  | 'HEALTHY'
  | 'SILENT';

export type AlertFilter = {
  agents?: Array<string> | null | undefined;
  customerSegments?: Array<string> | null | undefined;
  from?: string | null | undefined;
  isAcknowledged?: boolean | null | undefined;
  kinds?: Array<AnomalyKind> | null | undefined;
  rules?: Array<string> | null | undefined;
  severities?: Array<Severity> | null | undefined;
  states?: Array<AlertState> | null | undefined;
  to?: string | null | undefined;
};

export type AlertState =
  | 'FIRING'
  | 'INACTIVE'
  | 'PENDING'
  | 'RESOLVED';

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

export type DecisionFilter = {
  agentVersions?: Array<string> | null | undefined;
  agents?: Array<string> | null | undefined;
  conversationId?: string | null | undefined;
  costUsdAtLeast?: number | null | undefined;
  customerSegments?: Array<string> | null | undefined;
  environments?: Array<string> | null | undefined;
  from?: string | null | undefined;
  latencyMsAtLeast?: number | null | undefined;
  models?: Array<string> | null | undefined;
  outcomes?: Array<Outcome> | null | undefined;
  providers?: Array<string> | null | undefined;
  regions?: Array<string> | null | undefined;
  requestTypes?: Array<string> | null | undefined;
  riskClasses?: Array<RiskClass> | null | undefined;
  text?: string | null | undefined;
  to?: string | null | undefined;
  tokensAtLeast?: number | null | undefined;
  traceId?: string | null | undefined;
};

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

export type OverviewQueryVariables = Exact<{
  from: string;
  to: string;
  before: string;
  stepMs: number;
  filter?: DecisionFilter | null | undefined;
  agents?: AgentFilter | null | undefined;
  anomalies?: AnomalyFilter | null | undefined;
  alerts?: AlertFilter | null | undefined;
}>;


export type OverviewQuery = { resumeFrom: { decisionRecorded: string, anomalyDetected: string, alertChanged: string }, agents: { nodes: Array<{ name: string, status: AgentStatus, statusReason: string, lastSeenAt: string }>, pageInfo: { hasNextPage: boolean } }, alerts: { nodes: Array<FiringFragment> }, anomalies: { nodes: Array<FoundFragment> }, latest: { nodes: Array<{ id: string }> }, outcomes: Array<CourseFragment>, outcomesBefore: Array<WholeFragment>, p95: Array<CourseFragment>, p50: Array<CourseFragment>, p95Before: Array<WholeFragment>, cost: Array<CourseFragment>, costBefore: Array<CourseFragment>, tokens: Array<CourseFragment>, tokensBefore: Array<WholeFragment>, agentDecisions: Array<WholeFragment>, agentErrors: Array<WholeFragment>, agentP95: Array<WholeFragment>, agentCost: Array<WholeFragment> };

export type FoundFragment = { id: string, kind: AnomalyKind, severity: Severity, summary: string, detectedAt: string, customerSegment: string | null, agent: { name: string } | null, decision: { id: string } | null };

export type FiringFragment = { id: string, ruleName: string, condition: string, severity: Severity, state: AlertState, summary: string, firedAt: string | null, startedAt: string, acknowledgedBy: string | null, agent: { name: string } | null, decisions: Array<{ id: string }> };

export type WholeFragment = { value: number | null, labels: Array<{ value: string, isFolded: boolean }> };

export type CourseFragment = { value: number | null, labels: Array<{ value: string, isFolded: boolean }>, points: Array<{ at: string, value: number | null }> };

export type OverviewAnomaliesSubscriptionVariables = Exact<{
  filter?: AnomalyFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type OverviewAnomaliesSubscription = { anomalyDetected: FoundFragment };

export type OverviewAlertsSubscriptionVariables = Exact<{
  filter?: AlertFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type OverviewAlertsSubscription = { alertChanged: { id: string, changeId: string } };

export type OverviewDecisionsSubscriptionVariables = Exact<{
  filter?: DecisionFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type OverviewDecisionsSubscription = { decisionRecorded: { id: string } };

export const Overview = "query Overview($from:DateTime!$to:DateTime!$before:DateTime!$stepMs:Int!$filter:DecisionFilter$agents:AgentFilter$anomalies:AnomalyFilter$alerts:AlertFilter){resumeFrom{decisionRecorded anomalyDetected alertChanged}agents(first:100 filter:$agents){nodes{name status statusReason lastSeenAt}pageInfo{hasNextPage}}alerts(first:20 filter:$alerts){nodes{...Firing}}anomalies(first:20 filter:$anomalies){nodes{...Found}}latest:decisions(first:1){nodes{id}}outcomes:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to stepMs:$stepMs groupBy:[OUTCOME]filter:$filter}){...Course}outcomesBefore:metrics(query:{metric:DECISIONS statistic:COUNT from:$before to:$from groupBy:[OUTCOME]filter:$filter}){...Whole}p95:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}p50:metrics(query:{metric:DECISION_LATENCY statistic:P50 from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}p95Before:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$before to:$from filter:$filter}){...Whole}cost:metrics(query:{metric:COST statistic:SUM from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}costBefore:metrics(query:{metric:COST statistic:SUM from:$before to:$from stepMs:$stepMs filter:$filter}){...Course}tokens:metrics(query:{metric:TOKEN_USAGE statistic:SUM from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}tokensBefore:metrics(query:{metric:TOKEN_USAGE statistic:SUM from:$before to:$from filter:$filter}){...Whole}agentDecisions:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}agentErrors:metrics(query:{metric:ERROR_RATE statistic:AVG from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}agentP95:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}agentCost:metrics(query:{metric:COST statistic:SUM from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}}fragment Firing on Alert{id ruleName condition severity state summary firedAt startedAt acknowledgedBy agent{name}decisions{id}}fragment Found on Anomaly{id kind severity summary detectedAt customerSegment agent{name}decision{id}}fragment Course on MetricSeries{labels{value isFolded}value points{at value}}fragment Whole on MetricSeries{labels{value isFolded}value}" as Operation<OverviewQuery, OverviewQueryVariables>;

export const OverviewAnomalies = "subscription OverviewAnomalies($filter:AnomalyFilter$after:ID){anomalyDetected(filter:$filter after:$after){...Found}}fragment Found on Anomaly{id kind severity summary detectedAt customerSegment agent{name}decision{id}}" as Operation<OverviewAnomaliesSubscription, OverviewAnomaliesSubscriptionVariables>;

export const OverviewAlerts = "subscription OverviewAlerts($filter:AlertFilter$after:ID){alertChanged(filter:$filter after:$after){id changeId}}" as Operation<OverviewAlertsSubscription, OverviewAlertsSubscriptionVariables>;

export const OverviewDecisions = "subscription OverviewDecisions($filter:DecisionFilter$after:ID){decisionRecorded(filter:$filter after:$after){id}}" as Operation<OverviewDecisionsSubscription, OverviewDecisionsSubscriptionVariables>;
