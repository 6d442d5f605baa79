import { ANOMALY_KINDS } from '../../anomaly/finding.js';
import { OUTCOMES, RISK_CLASSES } from '../../decision/decision.js';
import type { Dimension } from '../../metric/slice.js';
import { matchesPattern } from '../../settings/pattern.js';
import { SEVERITIES } from '../../settings/settings.js';

/** What alerts are grouped and figures selected by. */
export type AlertDimension = Exclude<Dimension, 'FINGERPRINT' | 'CALLER'>;
export type Label = AlertDimension | 'KIND' | 'SEVERITY';

/** `agent="fraud-*"`: the pattern is the whole value's; `*` stands for any characters. */
export interface Matcher {
  readonly label: Label;
  readonly operator: '=' | '!=';
  readonly pattern: string;
}
/** All must hold. */
export type Selector = readonly Matcher[];

const DIMENSION_NAMES: Readonly<Record<string, AlertDimension>> = {
  agent: 'AGENT',
  model: 'MODEL',
  provider: 'PROVIDER',
  customer_segment: 'CUSTOMER_SEGMENT',
  segment: 'CUSTOMER_SEGMENT',
  region: 'REGION',
  environment: 'ENVIRONMENT',
  request_type: 'REQUEST_TYPE',
  agent_version: 'AGENT_VERSION',
  risk_class: 'RISK_CLASS',
  outcome: 'OUTCOME',
};
/** What is known of an anomaly. */
const ANOMALY_GROUPS: Readonly<Record<string, AlertDimension>> = {
  agent: 'AGENT',
  customer_segment: 'CUSTOMER_SEGMENT',
  segment: 'CUSTOMER_SEGMENT',
};
const ANOMALY_LABELS: Readonly<Record<string, Label>> = { kind: 'KIND', severity: 'SEVERITY', ...ANOMALY_GROUPS };

/** The labels whose values are known beforehand. */
const VALUES: Readonly<Partial<Record<Label, readonly string[]>>> = {
  KIND: ANOMALY_KINDS,
  SEVERITY: SEVERITIES,
  RISK_CLASS: RISK_CLASSES,
  OUTCOME: OUTCOMES,
};

/** What figures of decisions, or anomalies, may be selected by, by the names in conditions. */
export function selectorLabels(isAnomalies: boolean): Readonly<Record<string, Label>> {
  return isAnomalies ? ANOMALY_LABELS : DIMENSION_NAMES;
}

/** What figures of decisions, or anomalies, may be grouped by, by the names in conditions. */
export function groupLabels(isAnomalies: boolean): Readonly<Record<string, AlertDimension>> {
  return isAnomalies ? ANOMALY_GROUPS : DIMENSION_NAMES;
}

/** `agent`, `customer_segment` … */
export function nameLabel(label: Label): string {
  return label.toLowerCase();
}

/** All that a pattern of the label can match; null where anything may be a value. */
export function valuesOf(label: Label): readonly string[] | null {
  return VALUES[label] ?? null;
}

/** `labels` gives each value, '' where it is not known. */
export function matchesSelector(selector: Selector, labels: (label: Label) => string): boolean {
  return selector.every(
    ({ label, operator, pattern }) => matchesPattern(pattern, labels(label)) === (operator === '='),
  );
}
