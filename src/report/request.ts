import type { RiskClass } from '../decision/decision.js';
import type { ReportScope } from './facts/scope.js';

/** For whom a report is: what it tells, and in how much detail. */
export const PRESETS = ['AUTHORITY', 'AUDITOR', 'INDIVIDUAL'] as const;
export type Preset = (typeof PRESETS)[number];

/** What was asked for, with everything that was left out filled in. */
export interface ReportRequest {
  preset: Preset;
  /** By id. */
  fleets: readonly string[];
  fromMs: number;
  toMs: number;
  agents: readonly string[] | null;
  riskClasses: readonly RiskClass[] | null;
  decisionId: string | null;
  conversationId: string | null;
  /** The user of an agent that the report is about, by the id that telemetry gave. */
  subject: string | null;
  /** An IANA name: days begin at its midnight. */
  timeZone: string;
}

/** Everything a report is made from beside its bundles: with both, it can be made again. */
export interface ReportInput {
  format: 'midwatch-report/1';
  /** Changes whenever the same input would be drawn differently. */
  generator: string;
  id: string;
  request: ReportRequest;
  /** By fleet, in the order of the request. */
  ledgers: readonly LedgerInput[];
  /** What the installation is set to, which no entry proves. */
  settings: InstallationFacts;
}

export interface LedgerInput {
  fleet: string;
  /** The attachment that has its entries. */
  bundle: string;
  /** Hex SHA-256 of it. */
  bundleSha256: string;
  /** The decisions of one person; null where the report is not about a person. */
  decisionIds: readonly string[] | null;
  /** Decisions of which everything is told. */
  dossierIds: readonly string[];
  /** Figures that were stored beside the ledger: they are told as such. */
  stored: StoredFigures;
}

/** Of kept decisions that started in the period: steps of the kinds that oversight is about. */
export interface StoredFigures {
  humanReviews: number;
  guardrails: number;
  failedGuardrails: number;
  anomalies: Readonly<Record<string, number>>;
}

export interface InstallationFacts {
  /** Milliseconds by risk class; null: for ever. */
  retentionMs: Readonly<Record<RiskClass, number | null>>;
  /** The part of each class whose content is kept, 0 to 1, as decimal text. */
  sampling: Readonly<Record<RiskClass, string>>;
  alertRules: number;
}

/** The scope of one fleet's part of the report. */
export function scopeOf(request: ReportRequest, ledger: Pick<LedgerInput, 'decisionIds'>): ReportScope {
  const { fromMs, toMs, agents, riskClasses, conversationId, decisionId } = request;
  const decisionIds = ledger.decisionIds ?? (decisionId === null ? null : [decisionId]);
  return { fromMs, toMs, agents, riskClasses, conversationId, decisionIds };
}
