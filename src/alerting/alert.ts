import type { AnomalyKind } from '../anomaly/finding.js';
import type { Severity } from '../settings/settings.js';

/** `INACTIVE`: what was pending and never fired. */
export const ALERT_STATES = ['INACTIVE', 'PENDING', 'FIRING', 'RESOLVED'] as const;
export type AlertPhase = (typeof ALERT_STATES)[number];

export const ALERT_CHANGES = ['PENDING', 'WITHDRAWN', 'FIRING', 'RESOLVED', 'ACKNOWLEDGED', 'COMMENTED'] as const;
export type AlertChangeKind = (typeof ALERT_CHANGES)[number];

/** One incident of a rule for one group, as it was after one of its changes. */
export interface AlertRow {
  /** Of its first change: names it. */
  seq: number;
  /** Of the change that made it so. */
  changedSeq: number;
  rule: string;
  condition: string;
  severity: Severity;
  state: AlertPhase;
  /** The rule's own and the group's, by the names of conditions. */
  labels: Readonly<Record<string, string>>;
  agent: string | null;
  customerSegment: string | null;
  /** The kind of anomaly that the rule counts, where it is one. */
  anomalyKind: AnomalyKind | null;
  summary: string;
  value: number | null;
  threshold: number | null;
  /** When its condition was first met. */
  startedAt: Date;
  firedAt: Date | null;
  resolvedAt: Date | null;
  /** How many times it fired again within the incident. */
  reopened: number;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  /** Decisions that caused it, the worst first. */
  decisionIds: readonly string[];
  /** Agents that a cascade pulls down; none for other alerts. */
  victims: readonly string[];
}

/** Something that happened to an alert. */
export interface AlertChangeRow {
  seq: number;
  alertSeq: number;
  change: AlertChangeKind;
  at: Date;
  /** Who did it; null: the evaluation. */
  actor: string | null;
  comment: string | null;
}

/** The columns of an alert `a`. */
export const ALERT_COLUMNS = `a.seq, a.changed_seq AS "changedSeq", a.rule, a.condition, a.severity, a.state, a.labels, a.agent,
  a.customer_segment AS "customerSegment", a.anomaly_kind AS "anomalyKind", a.summary, a.value, a.threshold,
  a.started_at AS "startedAt", a.fired_at AS "firedAt", a.resolved_at AS "resolvedAt", a.reopened,
  a.acknowledged_at AS "acknowledgedAt", a.acknowledged_by AS "acknowledgedBy", a.decision_ids AS "decisionIds", a.victims`;

/** An alert as JSON gives it back. */
export function reviveAlert(json: Record<string, unknown>): AlertRow {
  const dates = ['startedAt', 'firedAt', 'resolvedAt', 'acknowledgedAt'].map((field): [string, Date | null] => {
    const value = json[field];
    return [field, typeof value === 'string' ? new Date(value) : null];
  });
  return { ...json, ...Object.fromEntries(dates) } as unknown as AlertRow;
}
