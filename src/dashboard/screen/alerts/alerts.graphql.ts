// Written by npm run operations from alerts.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** What happened to an alert. */
export type AlertChangeKind =
  /** Somebody has taken it on. */
  | 'ACKNOWLEDGED'
  /** Somebody said something about it. */
  | 'COMMENTED'
  /** It fires. */
  | 'FIRING'
  /** Its condition is met. */
  | 'PENDING'
  /** It is over. */
  | 'RESOLVED'
  /** Its condition is no longer met, before it fired. */
  | 'WITHDRAWN';

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

/** What became of a notification. */
export type NotificationState =
  /** It was given up: its receiver refused it, or was away too long. */
  | 'DEAD'
  /** It could not be delivered yet, and is tried again. */
  | 'FAILED'
  /** It is to be sent. */
  | 'PENDING'
  /** Its receiver has it. */
  | 'SENT';

/** How a decision or a step ended. */
export type Outcome =
  /** It failed. */
  | 'ERROR'
  /** It ended as it should. */
  | 'SUCCESS';

/** Where an alert rule is from. */
export type RuleOrigin =
  /** Made over the API, for this fleet. */
  | 'API'
  /** midwatch.yaml, for every fleet. */
  | 'FILE';

/** How bad something is. */
export type Severity =
  /** Somebody should look at it now. */
  | 'CRITICAL'
  /** Worth knowing; nobody has to do anything. */
  | 'INFO'
  /** Somebody should look at it during the day. */
  | 'WARNING';

export type AlertsQueryVariables = Exact<{
  filter?: AlertFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AlertsQuery = { alerts: { nodes: Array<ListedFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type AlertsLiveSubscriptionVariables = Exact<{
  filter?: AlertFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AlertsLiveSubscription = { alertChanged: ListedFragment };

export type ListedFragment = { id: string, changeId: string, ruleName: string, condition: string, severity: Severity, state: AlertState, summary: string, customerSegment: string | null, startedAt: string, firedAt: string | null, resolvedAt: string | null, reopened: number, acknowledgedAt: string | null, acknowledgedBy: string | null, agent: { name: string } | null, labels: Array<{ name: string, value: string }> };

export type AlertWholeQueryVariables = Exact<{
  id: string;
}>;


export type AlertWholeQuery = { node:
    | WholeFragment
    | Record<PropertyKey, never>
   | null };

export type WholeFragment = (
  { victims: Array<string>, rule: { name: string, origin: RuleOrigin, windowMs: number, forMs: number } | null, changes: Array<{ id: string, change: AlertChangeKind, at: string, actor: string | null, comment: string | null }>, notifications: Array<{ id: string, receiver: string, state: NotificationState, createdAt: string, sentAt: string | null, attempts: number, lastError: string | null }>, decisions: Array<{ id: string, requestType: string | null, outcome: Outcome, errorType: string | null, startedAt: string, latencyMs: number, costUsd: number | null, agent: { name: string } }> }
  & ListedFragment
);

export type AcknowledgeAlertMutationVariables = Exact<{
  id: string;
  comment?: string | null | undefined;
}>;


export type AcknowledgeAlertMutation = { acknowledgeAlert:
    | { alert: ListedFragment }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
   };

export type CommentAlertMutationVariables = Exact<{
  id: string;
  comment: string;
}>;


export type CommentAlertMutation = { commentAlert:
    | { alert: ListedFragment }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
   };

export const Alerts = "query Alerts($filter:AlertFilter$after:String){alerts(filter:$filter first:50 after:$after){nodes{...Listed}pageInfo{hasNextPage endCursor}}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AlertsQuery, AlertsQueryVariables>;

export const AlertsLive = "subscription AlertsLive($filter:AlertFilter$after:ID){alertChanged(filter:$filter after:$after){...Listed}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AlertsLiveSubscription, AlertsLiveSubscriptionVariables>;

export const AlertWhole = "query AlertWhole($id:ID!){node(id:$id){...on Alert{...Whole}}}fragment Whole on Alert{...Listed victims rule{name origin windowMs forMs}changes{id change at actor comment}notifications{id receiver state createdAt sentAt attempts lastError}decisions{id agent{name}requestType outcome errorType startedAt latencyMs costUsd}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AlertWholeQuery, AlertWholeQueryVariables>;

export const AcknowledgeAlert = "mutation AcknowledgeAlert($id:ID!$comment:String){acknowledgeAlert(input:{id:$id comment:$comment}){...on AcknowledgeAlertSuccess{alert{...Listed}}...on UserError{code message path}}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AcknowledgeAlertMutation, AcknowledgeAlertMutationVariables>;

export const CommentAlert = "mutation CommentAlert($id:ID!$comment:String!){commentAlert(input:{id:$id comment:$comment}){...on CommentAlertSuccess{alert{...Listed}}...on UserError{code message path}}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<CommentAlertMutation, CommentAlertMutationVariables>;
