import type { Outcome, RiskClass } from './decision.js';

/** Which decisions: every condition that is given must hold; a list holds when one of its values does. */
export interface DecisionFilter {
  agents?: readonly string[] | null | undefined;
  models?: readonly string[] | null | undefined;
  providers?: readonly string[] | null | undefined;
  customerSegments?: readonly string[] | null | undefined;
  requestTypes?: readonly string[] | null | undefined;
  riskClasses?: readonly RiskClass[] | null | undefined;
  regions?: readonly string[] | null | undefined;
  environments?: readonly string[] | null | undefined;
  agentVersions?: readonly string[] | null | undefined;
  outcomes?: readonly Outcome[] | null | undefined;
  conversationId?: string | null | undefined;
  traceId?: string | null | undefined;
  /** Started at or after. */
  from?: Date | null | undefined;
  /** Started before. */
  to?: Date | null | undefined;
  latencyMsAtLeast?: number | null | undefined;
  /** Input and output together. */
  tokensAtLeast?: number | null | undefined;
  /** Decisions of unknown cost never hold. */
  costUsdAtLeast?: number | null | undefined;
  /** Case-insensitive substring of the input or the output. */
  text?: string | null | undefined;
}

/** Conditions on the table alias `d`, and the values of their parameters. */
export interface FilterSql {
  /** Boolean SQL; `TRUE` when nothing is asked. Holds no value of the filter, only `$n`. */
  text: string;
  parameters: unknown[];
}

type Condition = readonly [field: keyof DecisionFilter, sql: (parameter: string) => string];

const CONDITIONS: readonly Condition[] = [
  ['agents', (parameter) => `d.agent = ANY(${parameter}::text[])`],
  ['models', (parameter) => `d.model = ANY(${parameter}::text[])`],
  ['providers', (parameter) => `d.provider = ANY(${parameter}::text[])`],
  ['customerSegments', (parameter) => `d.customer_segment = ANY(${parameter}::text[])`],
  ['requestTypes', (parameter) => `d.request_type = ANY(${parameter}::text[])`],
  ['riskClasses', (parameter) => `d.risk_class = ANY(${parameter}::text[])`],
  ['regions', (parameter) => `d.region = ANY(${parameter}::text[])`],
  ['environments', (parameter) => `d.environment = ANY(${parameter}::text[])`],
  ['agentVersions', (parameter) => `d.agent_version = ANY(${parameter}::text[])`],
  ['outcomes', (parameter) => `d.outcome = ANY(${parameter}::text[])`],
  ['conversationId', (parameter) => `d.conversation_id = ${parameter}::text`],
  ['traceId', (parameter) => `d.trace_id = ${parameter}::text`],
  ['from', (parameter) => `d.started_at >= ${parameter}::timestamptz`],
  ['to', (parameter) => `d.started_at < ${parameter}::timestamptz`],
  ['latencyMsAtLeast', (parameter) => `d.latency_ms >= ${parameter}::float8`],
  ['tokensAtLeast', (parameter) => `d.input_tokens + d.output_tokens >= ${parameter}::bigint`],
  ['costUsdAtLeast', (parameter) => `d.cost_usd >= ${parameter}::numeric`],
  ['text', (parameter) => `(d.input ILIKE ${parameter}::text OR d.output ILIKE ${parameter}::text)`],
];

/** The filter as SQL whose first parameter is `$<firstParameter>`. */
export function filterSql(filter: DecisionFilter, firstParameter: number): FilterSql {
  const parts: string[] = [];
  const parameters: unknown[] = [];
  for (const [field, sql] of CONDITIONS) {
    const value = filter[field];
    if (value === null || value === undefined) continue;
    parts.push(sql(`$${firstParameter + parameters.length}`));
    parameters.push(parameterOf(field, value));
  }
  return { text: parts.length === 0 ? 'TRUE' : parts.join(' AND '), parameters };
}

function parameterOf(field: keyof DecisionFilter, value: NonNullable<DecisionFilter[keyof DecisionFilter]>): unknown {
  if (value instanceof Date) return value.toISOString();
  if (field === 'text') return `%${escapeLike(String(value))}%`;
  return value;
}

/** The text as a LIKE pattern that matches it and nothing else (PostgreSQL's default escape is the backslash). */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** The first field with text PostgreSQL cannot hold (NUL, lone surrogates), which no decision can match; null when none. */
export function findUnstorableText(filter: DecisionFilter): keyof DecisionFilter | null {
  const isUnstorable = (value: unknown) => typeof value === 'string' && !isStorableText(value);
  const found = CONDITIONS.find(([field]) => {
    const value = filter[field];
    return Array.isArray(value) ? value.some(isUnstorable) : isUnstorable(value);
  });
  return found?.[0] ?? null;
}

/** Whether PostgreSQL holds the text as it is: no NUL and no lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
