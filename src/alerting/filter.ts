import type { AnomalyKind } from '../anomaly/finding.js';
import { type FilterConditions, type FilterSql, filterSql } from '../db/filter-sql.js';
import type { Severity } from '../settings/settings.js';
import type { AlertPhase } from './alert.js';

/** Which alerts: every condition that is given must hold; a list holds when one of its values does. */
export interface AlertFilter {
  rules?: readonly string[] | null | undefined;
  states?: readonly AlertPhase[] | null | undefined;
  severities?: readonly Severity[] | null | undefined;
  agents?: readonly string[] | null | undefined;
  kinds?: readonly AnomalyKind[] | null | undefined;
  customerSegments?: readonly string[] | null | undefined;
  isAcknowledged?: boolean | null | undefined;
  /** Its condition was first met at or after. */
  from?: Date | null | undefined;
  /** Its condition was first met before. */
  to?: Date | null | undefined;
}

const CONDITIONS: FilterConditions<keyof AlertFilter> = {
  rules: (parameter) => `a.rule = ANY(${parameter}::text[])`,
  states: (parameter) => `a.state = ANY(${parameter}::text[])`,
  severities: (parameter) => `a.severity = ANY(${parameter}::text[])`,
  agents: (parameter) => `a.agent = ANY(${parameter}::text[])`,
  kinds: (parameter) => `a.anomaly_kind = ANY(${parameter}::text[])`,
  customerSegments: (parameter) => `a.customer_segment = ANY(${parameter}::text[])`,
  isAcknowledged: (parameter) => `(a.acknowledged_at IS NOT NULL) = ${parameter}::boolean`,
  from: (parameter) => `a.started_at >= ${parameter}::timestamptz`,
  to: (parameter) => `a.started_at < ${parameter}::timestamptz`,
};

/** The filter as SQL on an alert `a`, its first parameter `$<firstParameter>`. */
export function alertFilterSql(filter: AlertFilter, firstParameter: number): FilterSql {
  return filterSql(CONDITIONS, filter, firstParameter);
}
