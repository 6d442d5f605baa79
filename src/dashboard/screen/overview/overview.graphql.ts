// Written by npm run operations from overview.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
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

export type OverviewQueryVariables = Exact<{
  from: string;
  to: string;
  filter?: DecisionFilter | null | undefined;
}>;


export type OverviewQuery = { agents: { nodes: Array<{ name: string, status: AgentStatus }> }, decisions: Array<{ value: number | null }> };

export const Overview = "query Overview($from:DateTime!$to:DateTime!$filter:DecisionFilter){agents(first:100){nodes{name status}}decisions:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to filter:$filter}){value}}" as Operation<OverviewQuery, OverviewQueryVariables>;
