// Written by npm run operations from decisions.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
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

export type DecisionsQueryVariables = Exact<{
  filter?: DecisionFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type DecisionsQuery = { decisions: { nodes: Array<ListedFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListedFragment = { id: string, startedAt: string, latencyMs: number, outcome: Outcome, errorType: string | null, requestType: string | null, model: string | null, customerSegment: string | null, costUsd: number | null, toolCalls: number, failedToolCalls: number, hallucinationScore: number | null, tokens: { total: number }, agent: { name: string } };

export type DecisionsLiveSubscriptionVariables = Exact<{
  filter?: DecisionFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type DecisionsLiveSubscription = { decisionRecorded: ListedFragment };

export const Decisions = "query Decisions($filter:DecisionFilter$after:String){decisions(first:100 filter:$filter after:$after){nodes{...Listed}pageInfo{hasNextPage endCursor}}}fragment Listed on Decision{id startedAt latencyMs outcome errorType requestType model customerSegment costUsd toolCalls failedToolCalls hallucinationScore tokens{total}agent{name}}" as Operation<DecisionsQuery, DecisionsQueryVariables>;

export const DecisionsLive = "subscription DecisionsLive($filter:DecisionFilter$after:ID){decisionRecorded(filter:$filter after:$after){...Listed}}fragment Listed on Decision{id startedAt latencyMs outcome errorType requestType model customerSegment costUsd toolCalls failedToolCalls hallucinationScore tokens{total}agent{name}}" as Operation<DecisionsLiveSubscription, DecisionsLiveSubscriptionVariables>;
