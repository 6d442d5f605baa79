// Written by npm run operations from cost.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** What a budget is counted in. */
export type BudgetUnit =
  /** Tokens, input and output. */
  | 'TOKENS'
  /** US dollars. */
  | 'USD';

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

/** What figures are told apart by. */
export type Dimension =
  /** The agent’s name. */
  | 'AGENT'
  /** The agent’s version. */
  | 'AGENT_VERSION'
  /** The agent that called; with source CALLS. */
  | 'CALLER'
  /** The customer segment. */
  | 'CUSTOMER_SEGMENT'
  /** The environment. */
  | 'ENVIRONMENT'
  /** Of system prompt and tools, where they are known: changes when the agent was changed. */
  | 'FINGERPRINT'
  /** The model: sums of tokens and cost and inference times are those of its own calls, everything else is that of decisions it answered. */
  | 'MODEL'
  /** How the decision ended. */
  | 'OUTCOME'
  /** The model’s provider. */
  | 'PROVIDER'
  /** The region. */
  | 'REGION'
  /** The request type. */
  | 'REQUEST_TYPE'
  /** The risk class. */
  | 'RISK_CLASS';

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
