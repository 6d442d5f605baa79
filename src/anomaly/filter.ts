import { type FilterConditions, type FilterSql, filterSql } from '../db/filter-sql.js';
import type { MetricName } from '../metric/name.js';
import type { Finding } from './finding.js';

/** Which anomalies: every condition that is given must hold; a list holds when one of its values does. */
export interface AnomalyFilter {
  agents?: readonly string[] | null | undefined;
  kinds?: readonly Finding['kind'][] | null | undefined;
  severities?: readonly Finding['severity'][] | null | undefined;
  customerSegments?: readonly string[] | null | undefined;
  metrics?: readonly MetricName[] | null | undefined;
  decisionId?: string | null | undefined;
  /** Detected at or after. */
  from?: Date | null | undefined;
  /** Detected before. */
  to?: Date | null | undefined;
}

/** Severities are told apart by those who read a stream: one that was raised passes a filter that it did not pass before. */
type Condition = Exclude<keyof AnomalyFilter, 'severities'>;

const CONDITIONS: FilterConditions<Condition> = {
  agents: (parameter) => `a.agent = ANY(${parameter}::text[])`,
  kinds: (parameter) => `a.kind = ANY(${parameter}::text[])`,
  customerSegments: (parameter) => `a.customer_segment = ANY(${parameter}::text[])`,
  metrics: (parameter) => `a.metric = ANY(${parameter}::text[])`,
  decisionId: (parameter) => `a.decision_id = ${parameter}::text`,
  from: (parameter) => `a.detected_at >= ${parameter}::timestamptz`,
  to: (parameter) => `a.detected_at < ${parameter}::timestamptz`,
};

/** The filter but for its severities as SQL on the alias `a`, its first parameter `$<firstParameter>`. */
export function anomalyFilterSql(filter: AnomalyFilter, firstParameter: number): FilterSql {
  return filterSql(CONDITIONS, filter, firstParameter);
}
