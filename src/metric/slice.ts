/** What figures are kept for apart: one combination of dimension values. */

export const DIMENSIONS = [
  'AGENT',
  'MODEL',
  'PROVIDER',
  'CUSTOMER_SEGMENT',
  'REGION',
  'ENVIRONMENT',
  'REQUEST_TYPE',
  'AGENT_VERSION',
  'RISK_CLASS',
  'OUTCOME',
  'FINGERPRINT',
  'CALLER',
] as const;
/** `CALLER`: the agent that called, for slices of calls between agents; '' in all others. */
export type Dimension = (typeof DIMENSIONS)[number];

/**
 * Who measured: `DECISIONS` what was assembled from traces, logs and `recordDecisions`; `CALLS` the same once more, one for
 * each decision that another agent invoked; `CLIENT_METRICS` and `SERVER_METRICS` OTLP metrics of clients and of inference
 * servers. They see the same work, so they are never added up.
 */
export const SOURCES = ['DECISIONS', 'CALLS', 'CLIENT_METRICS', 'SERVER_METRICS'] as const;
export type Source = (typeof SOURCES)[number];

/** Where figures are kept: `OVERVIEW` has those of `DECISIONS` once more, by fewer dimensions, for who asks for no others. */
export type SliceSource = Source | 'OVERVIEW';

/** What the fleet is looked at by most of all. */
export const OVERVIEW_DIMENSIONS: readonly Dimension[] = ['AGENT', 'REQUEST_TYPE', 'REGION'];

/** '' stands for a value that is not known. */
export type Labels = Readonly<Record<Dimension, string>>;

export interface Slice {
  source: SliceSource;
  labels: Labels;
}

export const NO_LABELS: Labels = {
  AGENT: '',
  MODEL: '',
  PROVIDER: '',
  CUSTOMER_SEGMENT: '',
  REGION: '',
  ENVIRONMENT: '',
  REQUEST_TYPE: '',
  AGENT_VERSION: '',
  RISK_CLASS: '',
  OUTCOME: '',
  FINGERPRINT: '',
  CALLER: '',
};

/** What stands for the values beyond the bound on cardinality. */
export const OTHER = 'other';

/** The column of each dimension, in `metric_slice` and, but for the caller, in `decision`. */
export const DIMENSION_COLUMNS = {
  AGENT: 'agent',
  MODEL: 'model',
  PROVIDER: 'provider',
  CUSTOMER_SEGMENT: 'customer_segment',
  REGION: 'region',
  ENVIRONMENT: 'environment',
  REQUEST_TYPE: 'request_type',
  AGENT_VERSION: 'agent_version',
  RISK_CLASS: 'risk_class',
  OUTCOME: 'outcome',
  FINGERPRINT: 'fingerprint',
  CALLER: 'caller',
} as const satisfies Record<Dimension, string>;
