import type { Facet } from '../../route/slice.js';
import type { Dimension } from './cost.graphql.js';

export interface By {
  value: string;
  word: string;
  dimension: Dimension;
  /** What of the slice it narrows; null where the slice does not have it. */
  facet: Facet | null;
}

/** What cost is taken apart by; the first is what is shown when nothing is chosen. */
export const BYS: readonly [By, ...By[]] = [
  { value: 'agent', word: 'Agent', dimension: 'AGENT', facet: 'agents' },
  { value: 'model', word: 'Model', dimension: 'MODEL', facet: 'models' },
  { value: 'provider', word: 'Provider', dimension: 'PROVIDER', facet: null },
  { value: 'segment', word: 'Segment', dimension: 'CUSTOMER_SEGMENT', facet: 'customerSegments' },
  { value: 'type', word: 'Request type', dimension: 'REQUEST_TYPE', facet: 'requestTypes' },
  { value: 'region', word: 'Region', dimension: 'REGION', facet: 'regions' },
  { value: 'environment', word: 'Environment', dimension: 'ENVIRONMENT', facet: 'environments' },
  { value: 'version', word: 'Version', dimension: 'AGENT_VERSION', facet: null },
  { value: 'caller', word: 'Caller', dimension: 'CALLER', facet: null },
  { value: 'outcome', word: 'Outcome', dimension: 'OUTCOME', facet: null },
];
