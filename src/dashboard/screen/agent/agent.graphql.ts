// Written by npm run operations from agent.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
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

export type VersionChangeKind =
  | 'MODEL'
  | 'PROMPT_OR_TOOLS'
  | 'VERSION';

export type AgentScreenQueryVariables = Exact<{
  name: string;
  from: string;
  to: string;
  before: string;
  stepMs: number;
  filter?: DecisionFilter | null | undefined;
  anomalies?: AnomalyFilter | null | undefined;
  alerts?: AlertFilter | null | undefined;
}>;


export type AgentScreenQuery = { resumeFrom: { decisionRecorded: string }, agent: { name: string, status: AgentStatus, statusReason: string, version: string | null, region: string | null, environment: string | null, models: Array<string>, firstSeenAt: string, lastSeenAt: string, decisions: { nodes: Array<RecentFragment> } } | null, alerts: { nodes: Array<{ id: string, ruleName: string, condition: string, severity: Severity, summary: string, startedAt: string }> }, anomalies: { nodes: Array<{ id: string, kind: AnomalyKind, severity: Severity, summary: string, detectedAt: string, decision: { id: string } | null }> }, outcomes: Array<AgentCourseFragment>, outcomesBefore: Array<AgentCourseFragment>, p95: Array<AgentCourseFragment>, p50: Array<AgentCourseFragment>, p95Before: Array<AgentCourseFragment>, cost: Array<AgentCourseFragment>, costBefore: Array<AgentCourseFragment>, tools: Array<AgentCourseFragment>, toolsBefore: Array<AgentCourseFragment>, madeUp: Array<AgentCourseFragment>, madeUpBefore: Array<AgentCourseFragment> };

export type RecentFragment = { id: string, startedAt: string, latencyMs: number, outcome: Outcome, errorType: string | null, requestType: string | null, costUsd: number | null, steps: Array<{ kind: StepKind, toolName: string | null, outcome: Outcome, durationMs: number }> };

export type AgentCourseFragment = { value: number | null, labels: Array<{ value: string, isFolded: boolean }>, points: Array<{ at: string, value: number | null }> };

export type AgentHistoryQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type AgentHistoryQuery = { fleet: { versions: { agents: Array<{ agent: string, version: string | null, isCurrent: boolean, share: number, firstSeenAt: string, models: Array<string>, figures: AgentCameFragment }>, changes: Array<{ agent: string, at: string, kind: VersionChangeKind, from: string, to: string, before: AgentCameFragment, after: AgentCameFragment }> }, callGraph: { calls: Array<{ caller: string, callee: string, calls: number, errorRate: number, latencyMs: { p95: number | null } }> } } };

export type AgentCameFragment = { decisions: number, errorRate: number, latencyP95Ms: number | null, tokensPerDecision: number | null, costPerDecisionUsd: number | null, toolSuccessRate: number | null };

export type AgentDecisionsSubscriptionVariables = Exact<{
  filter?: DecisionFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AgentDecisionsSubscription = { decisionRecorded: { id: string } };

export const AgentScreen = "query AgentScreen($name:String!$from:DateTime!$to:DateTime!$before:DateTime!$stepMs:Int!$filter:DecisionFilter$anomalies:AnomalyFilter$alerts:AlertFilter){resumeFrom{decisionRecorded}agent(name:$name){name status statusReason version region environment models firstSeenAt lastSeenAt decisions(first:30 filter:$filter){nodes{...Recent}}}alerts(first:10 filter:$alerts){nodes{id ruleName condition severity summary startedAt}}anomalies(first:10 filter:$anomalies){nodes{id kind severity summary detectedAt decision{id}}}outcomes:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to stepMs:$stepMs groupBy:[OUTCOME]filter:$filter}){...AgentCourse}outcomesBefore:metrics(query:{metric:DECISIONS statistic:COUNT from:$before to:$from groupBy:[OUTCOME]filter:$filter}){...AgentCourse}p95:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$from to:$to stepMs:$stepMs filter:$filter}){...AgentCourse}p50:metrics(query:{metric:DECISION_LATENCY statistic:P50 from:$from to:$to stepMs:$stepMs filter:$filter}){...AgentCourse}p95Before:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$before to:$from filter:$filter}){...AgentCourse}cost:metrics(query:{metric:COST statistic:SUM from:$from to:$to stepMs:$stepMs filter:$filter}){...AgentCourse}costBefore:metrics(query:{metric:COST statistic:SUM from:$before to:$from stepMs:$stepMs filter:$filter}){...AgentCourse}tools:metrics(query:{metric:TOOL_INVOCATION_SUCCESS_RATE statistic:AVG from:$from to:$to stepMs:$stepMs filter:$filter}){...AgentCourse}toolsBefore:metrics(query:{metric:TOOL_INVOCATION_SUCCESS_RATE statistic:AVG from:$before to:$from filter:$filter}){...AgentCourse}madeUp:metrics(query:{metric:HALLUCINATION_SCORE statistic:AVG from:$from to:$to stepMs:$stepMs filter:$filter}){...AgentCourse}madeUpBefore:metrics(query:{metric:HALLUCINATION_SCORE statistic:AVG from:$before to:$from filter:$filter}){...AgentCourse}}fragment Recent on Decision{id startedAt latencyMs outcome errorType requestType costUsd steps{kind toolName outcome durationMs}}fragment AgentCourse on MetricSeries{labels{value isFolded}value points{at value}}" as Operation<AgentScreenQuery, AgentScreenQueryVariables>;

export const AgentHistory = "query AgentHistory($from:DateTime!$to:DateTime!){fleet{versions(from:$from to:$to){agents{agent version isCurrent share firstSeenAt models figures{...AgentCame}}changes(first:50){agent at kind from to before{...AgentCame}after{...AgentCame}}}callGraph(from:$from to:$to){calls{caller callee calls errorRate latencyMs{p95}}}}}fragment AgentCame on VersionFigures{decisions errorRate latencyP95Ms tokensPerDecision costPerDecisionUsd toolSuccessRate}" as Operation<AgentHistoryQuery, AgentHistoryQueryVariables>;

export const AgentDecisions = "subscription AgentDecisions($filter:DecisionFilter$after:ID){decisionRecorded(filter:$filter after:$after){id}}" as Operation<AgentDecisionsSubscription, AgentDecisionsSubscriptionVariables>;
