/** What the demo does to its fleet on purpose, named as the anomalies that should be found. */
export type FaultKind =
  | 'LOOP'
  | 'UNGROUNDED_ANSWER'
  | 'TOKEN_BURN'
  | 'CASCADE_FAILURE'
  | 'TOOL_FAILURE'
  | 'METRIC_ANOMALY'
  | 'SILENT_AGENT'
  | 'VERSION_DRIFT'
  | 'LOAD_SKEW';

export interface Fault {
  kind: FaultKind;
  agent: string;
  detail: string;
}

/** The part of all requests that each of these faults befalls. */
export const FAULT_SHARES = {
  LOOP: 0.01,
  UNGROUNDED_ANSWER: 0.02,
  TOKEN_BURN: 0.005,
  CASCADE_FAILURE: 0.01,
} as const satisfies Partial<Record<FaultKind, number>>;
