import type { MetricName } from '../metric/name.js';
import type { Finding } from './finding.js';

/** A finding with what it is about, as it goes into the record. */
export interface Sighting extends Finding {
  agent: string | null;
  decisionId: string | null;
  customerSegment: string | null;
  metric: MetricName | null;
  quotes: readonly string[] | null;
  detectedAtMs: number;
}

/** An anomaly as the record has it. */
export interface AnomalyRow {
  /** Its place in the stream that it was read from: where it was found, or where it became more severe. */
  seq: number;
  /** Its place when it was found: what names it. */
  firstSeq: number;
  kind: Finding['kind'];
  incident: string;
  severity: Finding['severity'];
  agent: string | null;
  decisionId: string | null;
  customerSegment: string | null;
  metric: MetricName | null;
  observed: number | null;
  expected: number | null;
  score: number;
  detectedAt: Date;
  summary: string;
  evidence: Finding['evidence'];
  /** Passages of content; null when it quotes none or they were erased. */
  quotes: readonly string[] | null;
}

/** The columns of an anomaly `a`, but for its place. */
export const ANOMALY_COLUMNS = `a.seq AS "firstSeq", a.kind, a.incident, a.severity, a.agent, a.decision_id AS "decisionId",
  a.customer_segment AS "customerSegment", a.metric, a.observed, a.expected, a.score, a.detected_at AS "detectedAt",
  a.summary, a.evidence, a.quotes`;
