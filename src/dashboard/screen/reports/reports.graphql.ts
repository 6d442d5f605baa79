// Written by npm run operations from reports.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type ReportPreset =
  | 'AUDITOR'
  | 'AUTHORITY'
  | 'INDIVIDUAL';

export type ReportState =
  | 'DONE'
  | 'EXPIRED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING';

export type RequestReportInput = {
  agents?: Array<string> | null | undefined;
  conversationId?: string | null | undefined;
  decisionId?: string | null | undefined;
  fleets?: Array<string> | null | undefined;
  from?: string | null | undefined;
  preset?: ReportPreset | null | undefined;
  riskClasses?: Array<RiskClass> | null | undefined;
  subject?: string | null | undefined;
  timeZone?: string | null | undefined;
  to?: string | null | undefined;
};

export type RiskClass =
  | 'ADMIN'
  | 'HIGH_RISK'
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
