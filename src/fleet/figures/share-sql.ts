import type { DecisionFilter } from '../../decision/filter.js';
import type { Dimension } from '../../metric/slice.js';

/**
 * What of a decision `d` belongs to which model, as a table `share` joined to it: `answered` marks the row that stands for
 * the decision itself. Figures by model need the parts; for all others the decision as a whole is one.
 */
export function shareSql(groupBy: readonly Dimension[], { models, providers }: DecisionFilter): string {
  const isByModel = groupBy.includes('MODEL') || groupBy.includes('PROVIDER') || Boolean(models ?? providers);
  return `CROSS JOIN LATERAL (${isByModel ? PARTS : WHOLE}) share`;
}

const TOKEN_COLUMNS = {
  input_tokens: 'input',
  output_tokens: 'output',
  cache_read_tokens: 'cacheRead',
  cache_write_tokens: 'cacheWrite',
  reasoning_tokens: 'reasoning',
} as const;
const COLUMNS = Object.keys(TOKEN_COLUMNS);
const each = (sql: (column: string) => string, separator = ', ') => COLUMNS.map(sql).join(separator);

const USED = 'd.input_tokens + d.output_tokens';
const PROVIDER = `coalesce(d.provider, '')`;
const MODEL = `coalesce(d.model, '')`;

const WHOLE = `
  SELECT TRUE AS answered, ${PROVIDER} AS provider, ${MODEL} AS model, ${each((column) => `d.${column}`)}, d.cost_usd,
    CASE WHEN d.cost_usd IS NULL THEN ${USED} ELSE 0 END AS unpriced_tokens,
    (SELECT string_agg(call ->> 'durationMs', ',') FROM jsonb_array_elements(d.calls) AS call) AS latencies`;

/** As `sharesOf` of the recorder has it. */
const PARTS = `
  WITH call AS (
    SELECT coalesce(c ->> 'provider', '') AS provider, coalesce(c ->> 'model', '') AS model, c ->> 'durationMs' AS ms,
      coalesce(c ->> 'model' <> ${MODEL} OR c ->> 'provider' <> ${PROVIDER} AND c ->> 'model' IS NOT NULL, FALSE) AS is_other,
      (c ->> 'costUsd')::numeric AS cost_usd,
      ${Object.entries(TOKEN_COLUMNS)
        .map(([column, kind]) => `coalesce((c #>> '{tokens,${kind}}')::bigint, 0) AS ${column}`)
        .join(', ')}
    FROM jsonb_array_elements(d.calls) AS c
  ), other AS (
    SELECT provider, model, string_agg(ms, ',') AS latencies, sum(cost_usd) AS cost_usd,
      ${each((column) => `sum(${column})::bigint AS ${column}`)},
      coalesce(sum(input_tokens + output_tokens) FILTER (WHERE cost_usd IS NULL), 0)::bigint AS unpriced_tokens
    FROM call WHERE is_other GROUP BY 1, 2
  ), split AS (
    SELECT count(*) > 0 AND ${each((column) => `coalesce(sum(${column}), 0) <= d.${column}`, ' AND ')} AS is_split,
      coalesce(sum(cost_usd), 0) AS cost_usd, coalesce(sum(unpriced_tokens), 0)::bigint AS unpriced_tokens,
      ${each((column) => `coalesce(sum(${column}), 0)::bigint AS ${column}`)}
    FROM other
  )
  SELECT TRUE AS answered, ${PROVIDER} AS provider, ${MODEL} AS model,
    ${each((column) => `d.${column} - CASE WHEN is_split THEN split.${column} ELSE 0 END AS ${column}`)},
    d.cost_usd - CASE WHEN is_split AND d.cost_source IS DISTINCT FROM 'OWN' THEN split.cost_usd ELSE 0 END AS cost_usd,
    CASE WHEN d.cost_usd IS NOT NULL THEN 0 WHEN NOT is_split THEN ${USED} ELSE
      coalesce((SELECT nullif(sum(input_tokens + output_tokens), 0) FROM call WHERE cost_usd IS NULL)::bigint, ${USED})
      - split.unpriced_tokens END AS unpriced_tokens,
    (SELECT string_agg(ms, ',') FROM call WHERE NOT (is_split AND is_other)) AS latencies
  FROM split
  UNION ALL
  SELECT FALSE, other.provider, other.model, ${each((column) => `other.${column}`)},
    CASE WHEN d.cost_usd IS NOT NULL AND d.cost_source IS DISTINCT FROM 'OWN' THEN other.cost_usd END,
    CASE WHEN d.cost_usd IS NULL THEN other.unpriced_tokens ELSE 0 END, other.latencies
  FROM other, split WHERE is_split`;
