import type { ReportRequest } from '../request.js';

export const REPORT_STATES = ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED'] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** How far a ledger had come when a report was asked for: what was sealed later is not in it. */
export interface LedgerCut {
  fleet: string;
  /** How many entries it had; those of exports and readings at its end do not count. */
  size: number;
  /** Of the last of them; null without any. */
  hash: string | null;
}

export interface ReportFile {
  /** In the report's directory. */
  name: string;
  bytes: number;
  /** 64 lower-case hex digits. */
  sha256: string;
}

/** A report that was asked for, how far it is, and what came of it. */
export interface ReportRow {
  fleet: string;
  /** 16 hex digits, made of what was asked for and the cuts. */
  id: string;
  /** Its place in lists. */
  place: number;
  /** Counts its changes. */
  version: number;
  request: ReportRequest;
  cuts: readonly LedgerCut[];
  /** The schedule that asked for it; null: somebody did. */
  schedule: string | null;
  state: ReportState;
  /** The share that is done, 0 to 1. */
  progress: number;
  attempts: number;
  requestedBy: string;
  requestedAt: Date;
  finishedAt: Date | null;
  /** Why it failed; null unless it did. */
  error: string | null;
  pages: number | null;
  decisions: number | null;
  files: readonly ReportFile[];
  /** Of the PDF; null until it is done. */
  sha256: string | null;
  /** The decisions whose content is in it; null until it is done. */
  disclosed: readonly string[] | null;
  /** Where the ledger of its fleet has that; null until it is done. */
  entrySeq: number | null;
}

/** What a SELECT names to read a `ReportRow` from the table alias `r`. */
export const REPORT_SELECTION = `r.fleet_id AS fleet, r.id, r.place, r.version, r.request, r.cuts, r.schedule, r.state, r.progress,
  r.attempts, r.requested_by AS "requestedBy", r.requested_at AS "requestedAt", r.finished_at AS "finishedAt", r.error,
  r.pages, r.decisions, r.files, r.sha256, r.disclosed, r.entry_seq AS "entrySeq"`;

export const PDF_NAME = 'report.pdf';

/** What a bus calls the changes of one report. */
export function reportTopic({ fleet, id }: Pick<ReportRow, 'fleet' | 'id'>): string {
  return `${fleet}/${id}`;
}
