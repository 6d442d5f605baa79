// Written by npm run operations from decisions.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
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

export type DecisionsQueryVariables = Exact<{
  filter?: DecisionFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type DecisionsQuery = { resumeFrom: { decisionRecorded: string }, decisions: { nodes: Array<ListedFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListedFragment = { id: string, startedAt: string, latencyMs: number, outcome: Outcome, errorType: string | null, requestType: string | null, model: string | null, customerSegment: string | null, costUsd: number | null, toolCalls: number, failedToolCalls: number, hallucinationScore: number | null, tokens: { total: number }, agent: { name: string } };

export type DecisionsLiveSubscriptionVariables = Exact<{
  filter?: DecisionFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type DecisionsLiveSubscription = { decisionRecorded: ListedFragment };

export const Decisions = "query Decisions($filter:DecisionFilter$after:String){resumeFrom{decisionRecorded}decisions(first:100 filter:$filter after:$after){nodes{...Listed}pageInfo{hasNextPage endCursor}}}fragment Listed on Decision{id startedAt latencyMs outcome errorType requestType model customerSegment costUsd toolCalls failedToolCalls hallucinationScore tokens{total}agent{name}}" as Operation<DecisionsQuery, DecisionsQueryVariables>;

export const DecisionsLive = "subscription DecisionsLive($filter:DecisionFilter$after:ID){decisionRecorded(filter:$filter after:$after){...Listed}}fragment Listed on Decision{id startedAt latencyMs outcome errorType requestType model customerSegment costUsd toolCalls failedToolCalls hallucinationScore tokens{total}agent{name}}" as Operation<DecisionsLiveSubscription, DecisionsLiveSubscriptionVariables>;
