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

interface LocalFault {
  kind: Exclude<FaultKind, 'CASCADE_FAILURE'>;
  agent: string;
  detail: string;
}

/** `agent` is the third, whose tool breaks. */
interface CascadeFault {
  kind: 'CASCADE_FAILURE';
  agent: string;
  detail: string;
  /** The agents by name, from the one that was asked first down to the one that broke. */
  path: readonly [first: string, second: string, third: string];
  tool: string;
}

export type Fault = LocalFault | CascadeFault;

/** The part of all requests that each of these faults befalls. */
export const FAULT_SHARES = {
  LOOP: 0.01,
  UNGROUNDED_ANSWER: 0.02,
  TOKEN_BURN: 0.005,
  CASCADE_FAILURE: 0.01,
} as const satisfies Partial<Record<FaultKind, number>>;
