// Written by npm run operations from anomalies.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
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

/** How bad something is. */
export type Severity =
  /** Somebody should look at it now. */
  | 'CRITICAL'
  /** Worth knowing; nobody has to do anything. */
  | 'INFO'
  /** Somebody should look at it during the day. */
  | 'WARNING';

/** What a step of a reasoning chain is. */
export type StepKind =
  /** A check of what went in or came out. */
  | 'GUARDRAIL'
  /** Work given to another agent. */
  | 'HANDOFF'
  /** A person was asked. */
  | 'HUMAN_REVIEW'
  /** A call of a model. */
  | 'MODEL_CALL'
  /** Anything else. */
  | 'OTHER'
  /** The answer. */
  | 'OUTPUT'
  /** Thought the model made visible. */
  | 'REASONING'
  /** A search in documents or memory. */
  | 'RETRIEVAL'
  /** A call of a tool. */
  | 'TOOL_CALL';

export type AnomaliesQueryVariables = Exact<{
  filter?: AnomalyFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AnomaliesQuery = { anomalies: { nodes: Array<FoundFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

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

export const Anomalies = "query Anomalies($filter:AnomalyFilter$after:String){anomalies(filter:$filter first:50 after:$after){nodes{...Found}pageInfo{hasNextPage endCursor}}}fragment Found on Anomaly{id kind severity agent{name}customerSegment metric observed expected score detectedAt summary evidence}" as Operation<AnomaliesQuery, AnomaliesQueryVariables>;

export const AnomaliesLive = "subscription AnomaliesLive($filter:AnomalyFilter$after:ID){anomalyDetected(filter:$filter after:$after){...Found}}fragment Found on Anomaly{id kind severity agent{name}customerSegment metric observed expected score detectedAt summary evidence}" as Operation<AnomaliesLiveSubscription, AnomaliesLiveSubscriptionVariables>;

export const AnomalyBehind = "query AnomalyBehind($id:ID!){node(id:$id){...on Anomaly{...Found decision{id steps{index kind name toolName durationMs outcome}}decisions{id agent{name}requestType outcome errorType startedAt latencyMs costUsd}}}}fragment Found on Anomaly{id kind severity agent{name}customerSegment metric observed expected score detectedAt summary evidence}" as Operation<AnomalyBehindQuery, AnomalyBehindQueryVariables>;
