// Written by npm run operations from cost.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type BudgetUnit =
  | 'TOKENS'
  | 'USD';

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

export type Dimension =
  | 'AGENT'
  | 'AGENT_VERSION'
  | 'CALLER'
  | 'CUSTOMER_SEGMENT'
  | 'ENVIRONMENT'
  | 'FINGERPRINT'
  | 'MODEL'
  | 'OUTCOME'
  | 'PROVIDER'
  | 'REGION'
  | 'REQUEST_TYPE'
  | 'RISK_CLASS';

export type Outcome =
  | 'ERROR'
  | 'SUCCESS';

export type RiskClass =
  | 'ADMIN'
  | 'HIGH_RISK'
  | 'ROUTINE';

export type CostQueryVariables = Exact<{
  from: string;
  to: string;
  beforeFrom: string;
  stepMs: number;
  by: Array<Dimension>;
  filter?: DecisionFilter | null | undefined;
}>;


export type CostQuery = { total: Array<(
    { points: Array<{ at: string, value: number | null }> }
    & SpentFragment
  )>, before: Array<SpentFragment>, average: Array<SpentFragment>, priced: Array<SpentFragment>, all: Array<SpentFragment>, parts: Array<(
    { points: Array<{ at: string, value: number | null }> }
    & SpentFragment
  )>, decisions: Array<SpentFragment>, tokens: Array<SpentFragment>, averages: Array<SpentFragment> };

export type SpentFragment = { value: number | null, labels: Array<{ value: string, isFolded: boolean }> };

export type BudgetsQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type BudgetsQuery = { fleet: { budgets: Array<StandingFragment> }, unpricedModels: Array<{ provider: string, model: string, decisions: number, tokens: number }> };

export type StandingFragment = { name: string, unit: BudgetUnit, limit: number, spent: number, warnAt: Array<number>, share: number, perHour: number, burnRate: number, periodStartsAt: string, periodEndsAt: string, runsOutAt: string | null, forecastShare: number };

export type ReconciliationQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type ReconciliationQuery = { costReconciliation: { unmonitoredUsd: number, seen: { costUsd: number | null }, billed: { costUsd: number | null }, sources: Array<{ name: string, pulledAt: string | null, settledUntil: string | null, error: string | null }>, rows: Array<{ day: string, provider: string, model: string | null, agents: Array<string> | null, monitored: boolean | null, costRatio: number | null, tokenRatio: number | null, unpricedDecisions: number, seen: { costUsd: number | null, inputTokens: number | null, outputTokens: number | null }, billed: { costUsd: number | null, inputTokens: number | null, outputTokens: number | null }, difference: { costUsd: number | null } }> } };

export const Cost = "query Cost($from:DateTime!$to:DateTime!$beforeFrom:DateTime!$stepMs:Int!$by:[Dimension!]!$filter:DecisionFilter){total:metrics(query:{metric:COST statistic:SUM from:$from to:$to stepMs:$stepMs filter:$filter}){...Spent points{at value}}before:metrics(query:{metric:COST statistic:SUM from:$beforeFrom to:$from filter:$filter}){...Spent}average:metrics(query:{metric:COST statistic:AVG from:$from to:$to filter:$filter}){...Spent}priced:metrics(query:{metric:COST statistic:COUNT from:$from to:$to filter:$filter}){...Spent}all:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to filter:$filter}){...Spent}parts:metrics(query:{metric:COST statistic:SUM from:$from to:$to stepMs:$stepMs groupBy:$by filter:$filter}){...Spent points{at value}}decisions:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:$by filter:$filter}){...Spent}tokens:metrics(query:{metric:TOKEN_USAGE statistic:SUM from:$from to:$to groupBy:$by filter:$filter}){...Spent}averages:metrics(query:{metric:COST statistic:AVG from:$from to:$to groupBy:$by filter:$filter}){...Spent}}fragment Spent on MetricSeries{labels{value isFolded}value}" as Operation<CostQuery, CostQueryVariables>;

export const Budgets = "query Budgets($from:DateTime!$to:DateTime!){fleet{budgets{...Standing}}unpricedModels(from:$from to:$to){provider model decisions tokens}}fragment Standing on Budget{name unit limit spent warnAt share perHour burnRate periodStartsAt periodEndsAt runsOutAt forecastShare}" as Operation<BudgetsQuery, BudgetsQueryVariables>;

export const Reconciliation = "query Reconciliation($from:DateTime!$to:DateTime!){costReconciliation(from:$from to:$to){unmonitoredUsd seen{costUsd}billed{costUsd}sources{name pulledAt settledUntil error}rows{day provider model agents monitored costRatio tokenRatio unpricedDecisions seen{costUsd inputTokens outputTokens}billed{costUsd inputTokens outputTokens}difference{costUsd}}}}" as Operation<ReconciliationQuery, ReconciliationQueryVariables>;
