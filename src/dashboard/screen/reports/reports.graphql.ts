// Written by npm run operations from reports.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** For whom a report is. */
export type ReportPreset =
  /** The record, its integrity, what people did, changes, access, and the controls it gives evidence for. */
  | 'AUDITOR'
  /** Everything, with the dossiers of the decisions that somebody would ask about first. */
  | 'AUTHORITY'
  /** The decisions about one person in plain words, with nothing of other people. */
  | 'INDIVIDUAL';

/** What became of a report. */
export type ReportState =
  /** It can be downloaded, and its hash is sealed in the ledger. */
  | 'DONE'
  /** Its files were let go. Its hash stays in the ledger; asking for it again makes it anew. */
  | 'EXPIRED'
  /** It could not be made: `error` says why. Asking for it again makes it anew. */
  | 'FAILED'
  /** It waits to be made. */
  | 'QUEUED'
  /** It is being made. */
  | 'RUNNING';

/** What a report is to be about. A period, unless it is about one decision, conversation or subject: then their days are its period. */
export type RequestReportInput = {
  /** Only decisions of these agents. */
  agents?: Array<string> | null | undefined;
  /** Only the decisions of this conversation. */
  conversationId?: string | null | undefined;
  /** Only this decision. */
  decisionId?: string | null | undefined;
  /** The fleets; that of the request when left out. All must be open to you. */
  fleets?: Array<string> | null | undefined;
  /** Decisions that started at this time or after. */
  from?: string | null | undefined;
  /** For whom it is; AUTHORITY when left out. */
  preset?: ReportPreset | null | undefined;
  /** Only decisions of these classes. */
  riskClasses?: Array<RiskClass> | null | undefined;
  /** Only the decisions about this user of an agent, by the id that telemetry gave. */
  subject?: string | null | undefined;
  /** Whose days and hours it tells, such as Europe/Berlin; UTC when left out. */
  timeZone?: string | null | undefined;
  /** Decisions that started before this. */
  to?: string | null | undefined;
};

/** How much depends on a decision; sampling follows it. */
export type RiskClass =
  /** Housekeeping of the fleet itself. */
  | 'ADMIN'
  /** Touches people’s rights, money or safety: content is always kept. */
  | 'HIGH_RISK'
  /** Everyday work. */
  | 'ROUTINE';

export type ReportsQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type ReportsQuery = { reports: { nodes: Array<AskedFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ReportLiveSubscriptionVariables = Exact<{
  id: string;
}>;


export type ReportLiveSubscription = { reportProgressed: AskedFragment };

export type AskedFragment = { id: string, state: ReportState, progress: number, preset: ReportPreset, fleets: Array<string>, from: string, to: string, agents: Array<string> | null, decisionId: string | null, conversationId: string | null, subject: string | null, schedule: string | null, requestedBy: string, requestedAt: string, finishedAt: string | null, error: string | null, pages: number | null, decisions: number | null, sizeBytes: number | null, sha256: string | null, pdfUrl: string | null, bundleUrl: string | null, ledgerEntry: { seq: number } | null };

export type RequestReportMutationVariables = Exact<{
  input: RequestReportInput;
}>;


export type RequestReportMutation = { requestReport:
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { report: AskedFragment }
    | { code: string, message: string, path: Array<string> }
   };

export const Reports = "query Reports($after:String){reports(first:50 after:$after){nodes{...Asked}pageInfo{hasNextPage endCursor}}}fragment Asked on Report{id state progress preset fleets from to agents decisionId conversationId subject schedule requestedBy requestedAt finishedAt error pages decisions sizeBytes sha256 pdfUrl bundleUrl ledgerEntry{seq}}" as Operation<ReportsQuery, ReportsQueryVariables>;

export const ReportLive = "subscription ReportLive($id:ID!){reportProgressed(id:$id){...Asked}}fragment Asked on Report{id state progress preset fleets from to agents decisionId conversationId subject schedule requestedBy requestedAt finishedAt error pages decisions sizeBytes sha256 pdfUrl bundleUrl ledgerEntry{seq}}" as Operation<ReportLiveSubscription, ReportLiveSubscriptionVariables>;

export const RequestReport = "mutation RequestReport($input:RequestReportInput!){requestReport(input:$input){...on RequestReportSuccess{report{...Asked}}...on UserError{code message path}}}fragment Asked on Report{id state progress preset fleets from to agents decisionId conversationId subject schedule requestedBy requestedAt finishedAt error pages decisions sizeBytes sha256 pdfUrl bundleUrl ledgerEntry{seq}}" as Operation<RequestReportMutation, RequestReportMutationVariables>;
