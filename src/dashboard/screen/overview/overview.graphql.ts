// Written by npm run operations from overview.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Which agents: every condition that is given must hold; a list holds when one of its values does. */
export type AgentFilter = {
  /** Whose newest decision was in one of these environments. */
  environments?: Array<string> | null | undefined;
  /** That have used one of these models. */
  models?: Array<string> | null | undefined;
  /** Of these names. */
  names?: Array<string> | null | undefined;
  /** Whose newest decision was in one of these regions. */
  regions?: Array<string> | null | undefined;
  /** Whose newest decision was of one of these versions. */
  versions?: Array<string> | null | undefined;
};

/** How an agent is, judged by its own history; the thresholds are in midwatch.yaml. */
export type AgentStatus =
  /** More of its decisions failed in the last hour than is usual for it, or they took much longer. */
  | 'DEGRADED'
  /** Half of its decisions failed in the last hour, or more. */
  | 'FAILING'
  /** It does what is usual for it. */
  | 'HEALTHY'
  /** It has made no decision for longer than its own rhythm explains. */
  | 'SILENT';

/** Which alerts: every condition that is given must hold; a list holds when one of its values does. */
export type AlertFilter = {
  /** Of an agent of one of these names. */
  agents?: Array<string> | null | undefined;
  /** Of one of these customer segments. */
  customerSegments?: Array<string> | null | undefined;
  /** Begun at this time or after. */
  from?: string | null | undefined;
  /** Taken on by somebody, or not. */
  isAcknowledged?: boolean | null | undefined;
  /** Of a rule that counts anomalies of one of these kinds. */
  kinds?: Array<AnomalyKind> | null | undefined;
  /** Of a rule of one of these names. */
  rules?: Array<string> | null | undefined;
  /** Of one of these severities. */
  severities?: Array<Severity> | null | undefined;
  /** In one of these states. */
  states?: Array<AlertState> | null | undefined;
  /** Begun before this time. */
  to?: string | null | undefined;
};

/** Where an alert stands. */
export type AlertState =
  /** Somebody should look at it. */
  | 'FIRING'
  /** It was pending, and its condition was no longer met before it fired. */
  | 'INACTIVE'
  /** Its condition is met, and not yet for as long as the rule says. */
  | 'PENDING'
  /** It fired, and is over. */
  | 'RESOLVED';

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

/** Which decisions: every condition that is given must hold; a list holds when one of its values does. */
export type DecisionFilter = {
  /** Made by one of these versions of an agent. */
  agentVersions?: Array<string> | null | undefined;
  /** Made by an agent of one of these names. */
  agents?: Array<string> | null | undefined;
  /** Of this conversation. */
  conversationId?: string | null | undefined;
  /** That cost this many US dollars or more. */
  costUsdAtLeast?: number | null | undefined;
  /** For one of these customer segments. */
  customerSegments?: Array<string> | null | undefined;
  /** Made in one of these environments. */
  environments?: Array<string> | null | undefined;
  /** Started at this time or after. */
  from?: string | null | undefined;
  /** That took this many milliseconds or more. */
  latencyMsAtLeast?: number | null | undefined;
  /** Answered by one of these models. */
  models?: Array<string> | null | undefined;
  /** That ended in one of these ways. */
  outcomes?: Array<Outcome> | null | undefined;
  /** With a model of one of these providers. */
  providers?: Array<string> | null | undefined;
  /** Made in one of these regions. */
  regions?: Array<string> | null | undefined;
  /** Of one of these request types. */
  requestTypes?: Array<string> | null | undefined;
  /** Of one of these risk classes. */
  riskClasses?: Array<RiskClass> | null | undefined;
  /** With this text in the input or the output, in capitals or not. Needs a role that reads content. */
  text?: string | null | undefined;
  /** Started before this time. */
  to?: string | null | undefined;
  /** That used this many tokens or more, input and output together. */
  tokensAtLeast?: number | null | undefined;
  /** Of this trace. */
  traceId?: string | null | undefined;
};

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


export type OverviewQuery = { agents: { nodes: Array<{ name: string, status: AgentStatus, statusReason: string, lastSeenAt: string }>, pageInfo: { hasNextPage: boolean } }, alerts: { nodes: Array<FiringFragment> }, anomalies: { nodes: Array<FoundFragment> }, latest: { nodes: Array<{ id: string }> }, outcomes: Array<CourseFragment>, outcomesBefore: Array<WholeFragment>, p95: Array<CourseFragment>, p50: Array<CourseFragment>, p95Before: Array<WholeFragment>, cost: Array<CourseFragment>, costBefore: Array<CourseFragment>, tokens: Array<CourseFragment>, tokensBefore: Array<WholeFragment>, agentDecisions: Array<WholeFragment>, agentErrors: Array<WholeFragment>, agentP95: Array<WholeFragment>, agentCost: Array<WholeFragment> };

export type FoundFragment = { id: string, kind: AnomalyKind, severity: Severity, summary: string, detectedAt: string, customerSegment: string | null, agent: { name: string } | null, decision: { id: string } | null };

export type FiringFragment = { id: string, ruleName: string, severity: Severity, state: AlertState, summary: string, firedAt: string | null, startedAt: string, acknowledgedBy: string | null, agent: { name: string } | null, decisions: Array<{ id: string }> };

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

export const Overview = "query Overview($from:DateTime!$to:DateTime!$before:DateTime!$stepMs:Int!$filter:DecisionFilter$agents:AgentFilter$anomalies:AnomalyFilter$alerts:AlertFilter){agents(first:100 filter:$agents){nodes{name status statusReason lastSeenAt}pageInfo{hasNextPage}}alerts(first:20 filter:$alerts){nodes{...Firing}}anomalies(first:20 filter:$anomalies){nodes{...Found}}latest:decisions(first:1){nodes{id}}outcomes:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to stepMs:$stepMs groupBy:[OUTCOME]filter:$filter}){...Course}outcomesBefore:metrics(query:{metric:DECISIONS statistic:COUNT from:$before to:$from groupBy:[OUTCOME]filter:$filter}){...Whole}p95:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}p50:metrics(query:{metric:DECISION_LATENCY statistic:P50 from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}p95Before:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$before to:$from filter:$filter}){...Whole}cost:metrics(query:{metric:COST statistic:SUM from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}costBefore:metrics(query:{metric:COST statistic:SUM from:$before to:$from stepMs:$stepMs filter:$filter}){...Course}tokens:metrics(query:{metric:TOKEN_USAGE statistic:SUM from:$from to:$to stepMs:$stepMs filter:$filter}){...Course}tokensBefore:metrics(query:{metric:TOKEN_USAGE statistic:SUM from:$before to:$from filter:$filter}){...Whole}agentDecisions:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}agentErrors:metrics(query:{metric:ERROR_RATE statistic:AVG from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}agentP95:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}agentCost:metrics(query:{metric:COST statistic:SUM from:$from to:$to groupBy:[AGENT]filter:$filter}){...Whole}}fragment Firing on Alert{id ruleName severity state summary firedAt startedAt acknowledgedBy agent{name}decisions{id}}fragment Found on Anomaly{id kind severity summary detectedAt customerSegment agent{name}decision{id}}fragment Course on MetricSeries{labels{value isFolded}value points{at value}}fragment Whole on MetricSeries{labels{value isFolded}value}" as Operation<OverviewQuery, OverviewQueryVariables>;

export const OverviewAnomalies = "subscription OverviewAnomalies($filter:AnomalyFilter$after:ID){anomalyDetected(filter:$filter after:$after){...Found}}fragment Found on Anomaly{id kind severity summary detectedAt customerSegment agent{name}decision{id}}" as Operation<OverviewAnomaliesSubscription, OverviewAnomaliesSubscriptionVariables>;

export const OverviewAlerts = "subscription OverviewAlerts($filter:AlertFilter$after:ID){alertChanged(filter:$filter after:$after){id changeId}}" as Operation<OverviewAlertsSubscription, OverviewAlertsSubscriptionVariables>;

export const OverviewDecisions = "subscription OverviewDecisions($filter:DecisionFilter$after:ID){decisionRecorded(filter:$filter after:$after){id}}" as Operation<OverviewDecisionsSubscription, OverviewDecisionsSubscriptionVariables>;
