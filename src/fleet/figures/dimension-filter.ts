import type { DecisionFilter } from '../../decision/filter.js';
import { DIMENSION_COLUMNS, type Dimension } from '../../metric/slice.js';

/** The conditions of a filter that dimensions hold. */
const DIMENSION_FIELDS = {
  agents: 'AGENT',
  models: 'MODEL',
  providers: 'PROVIDER',
  customerSegments: 'CUSTOMER_SEGMENT',
  requestTypes: 'REQUEST_TYPE',
  riskClasses: 'RISK_CLASS',
  regions: 'REGION',
  environments: 'ENVIRONMENT',
  agentVersions: 'AGENT_VERSION',
  outcomes: 'OUTCOME',
} as const satisfies Partial<Record<keyof DecisionFilter, Dimension>>;

const FIELDS = Object.entries(DIMENSION_FIELDS) as [keyof typeof DIMENSION_FIELDS, Dimension][];
/** Conditions that no rollup can answer. */
const DECISION_FIELDS = [
  'conversationId',
  'traceId',
  'latencyMsAtLeast',
  'tokensAtLeast',
  'costUsdAtLeast',
  'text',
] as const satisfies readonly (keyof DecisionFilter)[];

export function filteredDimensions(filter: DecisionFilter): Dimension[] {
  return FIELDS.filter(([field]) => isGiven(filter[field])).map(([, dimension]) => dimension);
}

/** The first condition that only the decisions themselves can answer; null when there is none. */
export function decisionCondition(filter: DecisionFilter): keyof DecisionFilter | null {
  return DECISION_FIELDS.find((field) => isGiven(filter[field])) ?? null;
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** The filter's dimensions as SQL on `metric_slice s`; `bind` gives each value its parameter. */
export function sliceConditions(filter: DecisionFilter, bind: (value: unknown) => string): string[] {
  const conditions: string[] = [];
  for (const [field, dimension] of FIELDS) {
    const values = filter[field];
    if (values === null || values === undefined) continue;
    const column = `s.${DIMENSION_COLUMNS[dimension]}`;
    // '' is a value nobody gave, and no decision without one passes such a filter.
    conditions.push(`${column} = ANY(${bind(values)}::text[]) AND ${column} <> ''`);
  }
  return conditions;
}
