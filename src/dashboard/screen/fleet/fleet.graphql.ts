// Written by npm run operations from fleet.graphql: change that.
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

export type Outcome =
  | 'ERROR'
  | 'SUCCESS';

export type RiskClass =
  | 'ADMIN'
  | 'HIGH_RISK'
  | 'ROUTINE';

export type VersionChangeKind =
  | 'MODEL'
  | 'PROMPT_OR_TOOLS'
  | 'VERSION';

export type FleetPlaceQueryVariables = Exact<{ [key: string]: never; }>;


export type FleetPlaceQuery = { resumeFrom: { decisionRecorded: string } };

export type FleetAgentsQueryVariables = Exact<{
  filter?: AgentFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type FleetAgentsQuery = { agents: { nodes: Array<{ name: string, status: AgentStatus, statusReason: string, version: string | null, region: string | null, environment: string | null, models: Array<string>, lastSeenAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type FleetFiguresQueryVariables = Exact<{
  from: string;
  to: string;
  filter?: DecisionFilter | null | undefined;
}>;


export type FleetFiguresQuery = { decisions: Array<OfAgentFragment>, errors: Array<OfAgentFragment>, p95: Array<OfAgentFragment>, cost: Array<OfAgentFragment> };

export type OfAgentFragment = { value: number | null, labels: Array<{ value: string, isFolded: boolean }> };

export type FleetMapQueryVariables = Exact<{
  from: string;
  to: string;
  agents?: AgentFilter | null | undefined;
}>;


export type FleetMapQuery = { fleet: { callGraph: { agents: Array<string>, calls: Array<{ caller: string, callee: string, calls: number, errors: number, errorRate: number, costUsd: number, latencyMs: { p95: number | null } }> } }, agents: { nodes: Array<{ name: string, status: AgentStatus }> } };

export type FleetLoadQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type FleetLoadQuery = { fleet: { load: { decisions: number, skew: number | null, idle: Array<string>, agents: Array<CarriedFragment>, regions: Array<CarriedFragment> }, routes: Array<{ agent: string, requestType: string, isFolded: boolean, share: number, stats: { decisions: number, errorRate: number } }> } };

export type CarriedFragment = { name: string, share: number, decisions: number, busyMs: number, isFolded: boolean };

export type FleetVersionsQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type FleetVersionsQuery = { fleet: { versions: { agents: Array<{ agent: string, version: string | null, isNamed: boolean, isCurrent: boolean, share: number, firstSeenAt: string, models: Array<string>, figures: CameFragment }>, changes: Array<{ agent: string, at: string, kind: VersionChangeKind, from: string, to: string, before: CameFragment, after: CameFragment }>, laggards: Array<{ agent: string, version: string, role: string, roleVersion: string, behindSince: string, peersAhead: Array<string> }> } } };

export type CameFragment = { decisions: number, errorRate: number, latencyP95Ms: number | null, tokensPerDecision: number | null, costPerDecisionUsd: number | null, toolSuccessRate: number | null };

export type FleetDecisionsSubscriptionVariables = Exact<{
  filter?: DecisionFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type FleetDecisionsSubscription = { decisionRecorded: { id: string } };

export const FleetPlace = "query FleetPlace{resumeFrom{decisionRecorded}}" as Operation<FleetPlaceQuery, FleetPlaceQueryVariables>;

export const FleetAgents = "query FleetAgents($filter:AgentFilter$after:String){agents(first:100 filter:$filter after:$after){nodes{name status statusReason version region environment models lastSeenAt}pageInfo{hasNextPage endCursor}}}" as Operation<FleetAgentsQuery, FleetAgentsQueryVariables>;

export const FleetFigures = "query FleetFigures($from:DateTime!$to:DateTime!$filter:DecisionFilter){decisions:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[AGENT]filter:$filter}){...OfAgent}errors:metrics(query:{metric:ERROR_RATE statistic:AVG from:$from to:$to groupBy:[AGENT]filter:$filter}){...OfAgent}p95:metrics(query:{metric:DECISION_LATENCY statistic:P95 from:$from to:$to groupBy:[AGENT]filter:$filter}){...OfAgent}cost:metrics(query:{metric:COST statistic:SUM from:$from to:$to groupBy:[AGENT]filter:$filter}){...OfAgent}}fragment OfAgent on MetricSeries{labels{value isFolded}value}" as Operation<FleetFiguresQuery, FleetFiguresQueryVariables>;

export const FleetMap = "query FleetMap($from:DateTime!$to:DateTime!$agents:AgentFilter){fleet{callGraph(from:$from to:$to){agents calls{caller callee calls errors errorRate costUsd latencyMs{p95}}}}agents(first:100 filter:$agents){nodes{name status}}}" as Operation<FleetMapQuery, FleetMapQueryVariables>;

export const FleetLoad = "query FleetLoad($from:DateTime!$to:DateTime!){fleet{load(from:$from to:$to){decisions skew idle agents{...Carried}regions{...Carried}}routes(from:$from to:$to){agent requestType isFolded share stats{decisions errorRate}}}}fragment Carried on LoadShare{name share decisions busyMs isFolded}" as Operation<FleetLoadQuery, FleetLoadQueryVariables>;

export const FleetVersions = "query FleetVersions($from:DateTime!$to:DateTime!){fleet{versions(from:$from to:$to){agents{agent version isNamed isCurrent share firstSeenAt models figures{...Came}}changes(first:20){agent at kind from to before{...Came}after{...Came}}laggards{agent version role roleVersion behindSince peersAhead}}}}fragment Came on VersionFigures{decisions errorRate latencyP95Ms tokensPerDecision costPerDecisionUsd toolSuccessRate}" as Operation<FleetVersionsQuery, FleetVersionsQueryVariables>;

export const FleetDecisions = "subscription FleetDecisions($filter:DecisionFilter$after:ID){decisionRecorded(filter:$filter after:$after){id}}" as Operation<FleetDecisionsSubscription, FleetDecisionsSubscriptionVariables>;
