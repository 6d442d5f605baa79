// Written by npm run operations from alerts.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type AlertChangeKind =
  | 'ACKNOWLEDGED'
  | 'COMMENTED'
  | 'FIRING'
  | 'PENDING'
  | 'RESOLVED'
  | 'WITHDRAWN';

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

export type NotificationState =
  | 'DEAD'
  | 'FAILED'
  | 'PENDING'
  | 'SENT';

export type Outcome =
  | 'ERROR'
  | 'SUCCESS';

export type RuleOrigin =
  | 'API'
  | 'FILE';

export type Severity =
  | 'CRITICAL'
  | 'INFO'
  | 'WARNING';

export type AlertsQueryVariables = Exact<{
  filter?: AlertFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AlertsQuery = { resumeFrom: { alertChanged: string }, alerts: { nodes: Array<ListedFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

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

export const Alerts = "query Alerts($filter:AlertFilter$after:String){resumeFrom{alertChanged}alerts(filter:$filter first:50 after:$after){nodes{...Listed}pageInfo{hasNextPage endCursor}}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AlertsQuery, AlertsQueryVariables>;

export const AlertsLive = "subscription AlertsLive($filter:AlertFilter$after:ID){alertChanged(filter:$filter after:$after){...Listed}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AlertsLiveSubscription, AlertsLiveSubscriptionVariables>;

export const AlertWhole = "query AlertWhole($id:ID!){node(id:$id){...on Alert{...Whole}}}fragment Whole on Alert{...Listed victims rule{name origin windowMs forMs}changes{id change at actor comment}notifications{id receiver state createdAt sentAt attempts lastError}decisions{id agent{name}requestType outcome errorType startedAt latencyMs costUsd}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AlertWholeQuery, AlertWholeQueryVariables>;

export const AcknowledgeAlert = "mutation AcknowledgeAlert($id:ID!$comment:String){acknowledgeAlert(input:{id:$id comment:$comment}){...on AcknowledgeAlertSuccess{alert{...Listed}}...on UserError{code message path}}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<AcknowledgeAlertMutation, AcknowledgeAlertMutationVariables>;

export const CommentAlert = "mutation CommentAlert($id:ID!$comment:String!){commentAlert(input:{id:$id comment:$comment}){...on CommentAlertSuccess{alert{...Listed}}...on UserError{code message path}}}fragment Listed on Alert{id changeId ruleName condition severity state summary agent{name}customerSegment labels{name value}startedAt firedAt resolvedAt reopened acknowledgedAt acknowledgedBy}" as Operation<CommentAlertMutation, CommentAlertMutationVariables>;
