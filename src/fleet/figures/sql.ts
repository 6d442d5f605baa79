import { type DecisionFilter, filterSql } from '../../decision/filter.js';
import { type Measure, TOTALS, type Total } from '../../metric/figures.js';
import { DIMENSION_COLUMNS, type Dimension, type SliceSource } from '../../metric/slice.js';
import { sliceConditions } from './dimension-filter.js';
import { shareSql } from './share-sql.js';
import { joinSpans, type Tier, type TierSpan, type TimeSpan } from './span.js';

export interface FigureSelection {
  fleet: string;
  source: SliceSource;
  groupBy: readonly Dimension[];
  filter: DecisionFilter;
  measures: readonly Measure[];
  totals?: readonly Total[];
}

/**
 * One row of the answer: some of the figures of one group, to be added up with the others of the group. Totals are numeric,
 * and so are text.
 */
export type FigureSqlRow = Record<Total, string> & {
  step: number;
  labels: string[];
  folded: boolean;
  first_at: Date | null;
  last_at: Date;
} & {
  /** Encoded summaries, one after another. */
  [Encoded in Measure]: Buffer | null;
} & {
  /** Values of single decisions. */
  [Values in `${Measure}_values`]: number[] | null;
};

const ofAnswered = (sql: string) => `${sql} FILTER (WHERE share.answered)`;

/** Each total and measure of decisions, as SQL on `decision d` and what of it belongs to which model, `share`. */
const RAW_TOTALS: Readonly<Record<Total, string>> = {
  decisions: ofAnswered('count(*)'),
  errors: `count(*) FILTER (WHERE share.answered AND d.outcome = 'ERROR')`,
  priced: 'count(share.cost_usd)',
  unpriced: 'count(*) FILTER (WHERE share.unpriced_tokens > 0)',
  unpriced_tokens: 'sum(share.unpriced_tokens)::bigint',
  input_tokens: 'sum(share.input_tokens)::bigint',
  output_tokens: 'sum(share.output_tokens)::bigint',
  cache_read_tokens: 'sum(share.cache_read_tokens)::bigint',
  cache_write_tokens: 'sum(share.cache_write_tokens)::bigint',
  reasoning_tokens: 'sum(share.reasoning_tokens)::bigint',
  tool_calls: ofAnsweredSum('d.tool_calls'),
  failed_tool_calls: ofAnsweredSum('d.failed_tool_calls'),
  steps: ofAnsweredSum('d.step_count'),
  bytes: ofAnsweredSum('d.byte_count'),
  kept_decisions: 'count(*) FILTER (WHERE share.answered AND d.sampled)',
  kept_steps: 'coalesce(sum(d.step_count) FILTER (WHERE share.answered AND d.sampled), 0)',
  kept_bytes: 'coalesce(sum(d.byte_count) FILTER (WHERE share.answered AND d.sampled), 0)',
  cost_usd: 'coalesce(sum(share.cost_usd), 0)',
};

function ofAnsweredSum(column: string): string {
  return `coalesce(${ofAnswered(`sum(${column})`)}, 0)`;
}

const present = (column: string) => `array_agg(${column}) FILTER (WHERE share.answered AND ${column} IS NOT NULL)`;
const RAW_MEASURES: Readonly<Record<Measure, string>> = {
  latency: ofAnswered('array_agg(d.latency_ms)'),
  // A decision has several: they are joined as text, since arrays of different lengths cannot be aggregated.
  inference_latency: `string_to_array(string_agg(share.latencies, ','), ',')::float8[]`,
  queue_time: present('d.queue_ms'),
  time_to_first_token: present('d.time_to_first_token_ms'),
  token_usage: ofAnswered('array_agg((d.input_tokens + d.output_tokens)::float8)'),
  cost: present('d.cost_usd::float8'),
  hallucination_score: present('d.hallucination_score'),
  tool_invocations: ofAnswered('array_agg(d.tool_calls::float8)'),
};

const ROLLUP_TIERS = ['day', 'hour', 'minute'] as const satisfies readonly Tier[];

/** A statement whose rows are `FigureSqlRow`s. */
export interface FigureSql {
  text: string;
  parameters: unknown[];
}

/**
 * One statement for the whole range: the rollups of each tier, what is not compacted yet, and for what is left the decisions
 * sealed on `days`.
 */
export function figureSql(selection: FigureSelection, spans: readonly TierSpan[], days: readonly string[]): FigureSql {
  const parameters: unknown[] = [];
  const bind = (value: unknown) => {
    parameters.push(value);
    return `$${parameters.length}`;
  };
  const fleet = bind(selection.fleet);
  const parts: string[] = [];
  const rolled = spans.filter(({ tier }) => tier !== 'raw');
  if (rolled.length > 0) parts.push(rollupSql(selection, { fleet, bind }, rolled));
  const raw = spans.filter(({ tier }) => tier === 'raw');
  if (raw.length > 0) parts.push(rawSql(selection, { fleet, bind, parameters }, { spans: raw, days }));
  return { text: parts.join('\nUNION ALL\n'), parameters };
}

type Bind = (value: unknown) => string;

/** So many ranges are told the planner one by one, which then knows how much they hold; more are joined as a table. */
const RANGES_MAX = 4;

/** `FROM` and `WHERE` of the table's rows whose `column`, of its alias, lies in one of the ranges. */
function rowsIn(
  { table, alias, column, share = '' }: { table: string; alias: string; column: string; share?: string },
  ranges: readonly TimeSpan[],
  { fleet, bind }: { fleet: string; bind: Bind },
): string {
  const at = (ms: number) => new Date(ms).toISOString();
  const time = `${alias}.${column}`;
  if (ranges.length > RANGES_MAX) {
    const from = bind(ranges.map(({ fromMs }) => at(fromMs)));
    const to = bind(ranges.map(({ toMs }) => at(toMs)));
    return `FROM unnest(${from}::timestamptz[], ${to}::timestamptz[]) AS range (from_at, to_at)
    JOIN ${table} ${alias} ON ${alias}.fleet_id = ${fleet} AND ${time} >= range.from_at AND ${time} < range.to_at
    ${share} WHERE TRUE`;
  }
  const within = ranges.map(
    ({ fromMs, toMs }) => `${time} >= ${bind(at(fromMs))}::timestamptz AND ${time} < ${bind(at(toMs))}::timestamptz`,
  );
  return `FROM ${table} ${alias} ${share} WHERE ${alias}.fleet_id = ${fleet} AND (${within.join(' OR ')})`;
}

/** The step of a time that lies in one of the spans, which are in order. */
function stepSql(time: string, spans: readonly TierSpan[], bind: Bind): string {
  const starts = spans.filter(({ step }, index) => step !== spans[index - 1]?.step);
  if (starts.length === 1) return `${bind(starts[0]?.step)}::int`;
  const times = bind(starts.map(({ fromMs }) => new Date(fromMs).toISOString()));
  return `(${bind(starts.map(({ step }) => step))}::int[])[width_bucket(${time}, ${times}::timestamptz[])]`;
}

/**
 * Summed up by slice first: labels are looked up, and compared, once for each slice and not for each row. Slices that are read
 * once and kept also stop the planner from starting parallel workers, which takes longer than all the rest.
 */
function rollupSql(
  { source, groupBy, filter, measures, totals = TOTALS }: FigureSelection,
  { fleet, bind }: { fleet: string; bind: Bind },
  spans: readonly TierSpan[],
): string {
  const conditions = [`s.fleet_id = ${fleet}`, `s.source = ${bind(source)}`, ...sliceConditions(filter, bind)];
  const from = (table: string, of: readonly TierSpan[]) => `
    SELECT r.slice_id, ${stepSql('r.bucket', of, bind)} AS step,
      ${totals.map((total) => `sum(r.${total}) AS ${total},`).join(' ')}
      ${measures.map((measure) => `string_agg(r.${measure}, ''::bytea) AS ${measure},`).join(' ')}
      max(r.bucket) AS last_at
    ${rowsIn({ table, alias: 'r', column: 'bucket' }, joinSpans(of), { fleet, bind })} AND r.slice_id IN (SELECT id FROM slice)
    GROUP BY 1, 2`;
  const tiers = ROLLUP_TIERS.flatMap((tier) => {
    const ofTier = spans.filter((span) => span.tier === tier);
    return ofTier.length === 0 ? [] : [from(`rollup_${tier}`, ofTier)];
  });
  const labels = groupBy.map((dimension) => `s.${DIMENSION_COLUMNS[dimension]}`);
  return `(
  WITH slice AS MATERIALIZED (SELECT s.* FROM metric_slice s WHERE ${conditions.join(' AND ')})
  SELECT part.step, ARRAY[${labels.join(', ')}]::text[] AS labels,
    ${foldedSql(groupBy)} AS folded,
    ${totals.map((total) => `sum(part.${total}) AS ${total},`).join(' ')}
    min(s.first_at) AS first_at,
    ${measures.map((measure) => `string_agg(part.${measure}, ''::bytea) AS ${measure}, NULL::float8[] AS ${measure}_values,`).join(' ')}
    max(part.last_at) AS last_at
  FROM (${[...tiers, from('rollup_delta', spans)].join('\n    UNION ALL')}) part
  JOIN slice s ON s.id = part.slice_id
  GROUP BY ${['part.step', ...labels].join(', ')})`;
}

function foldedSql(groupBy: readonly Dimension[]): string {
  return groupBy.length === 0
    ? 'FALSE'
    : `bool_or(s.folded && ARRAY[${groupBy.map((name) => `'${name}'`).join(', ')}])`;
}

function rawSql(
  { groupBy, filter, measures, totals = TOTALS }: FigureSelection,
  { fleet, bind, parameters }: { fleet: string; bind: Bind; parameters: unknown[] },
  { spans, days }: { spans: readonly TierSpan[]; days: readonly string[] },
): string {
  const step = stepSql('d.started_at', spans, bind);
  const sealedOn = bind(days);
  const share = shareSql(groupBy, filter);
  const rows = rowsIn({ table: 'decision', alias: 'd', column: 'started_at', share }, joinSpans(spans), {
    fleet,
    bind,
  });
  const ofModels = modelConditions(filter, bind);
  const ofDecision = { ...filter, from: null, to: null, models: null, providers: null };
  const conditions = filterSql(ofDecision, parameters.length + 1);
  parameters.push(...conditions.parameters);
  const labels = groupBy.map((dimension) =>
    dimension === 'CALLER' ? `''` : `coalesce(${ofShare(dimension)}.${DIMENSION_COLUMNS[dimension]}, '')`,
  );
  return `
  SELECT ${step} AS step, ARRAY[${labels.join(', ')}]::text[] AS labels, FALSE AS folded,
    ${totals.map((total) => `(${RAW_TOTALS[total]})::numeric AS ${total},`).join(' ')}
    min(d.started_at) AS first_at,
    ${measures.map((measure) => `NULL::bytea AS ${measure}, ${RAW_MEASURES[measure]} AS ${measure}_values,`).join(' ')}
    max(d.started_at) AS last_at
  ${rows} AND d.sealed_on = ANY(${sealedOn}::date[]) AND ${[conditions.text, ...ofModels].join(' AND ')}
  GROUP BY 1, 2`;
}

function ofShare(dimension: Dimension): 'share' | 'd' {
  return dimension === 'MODEL' || dimension === 'PROVIDER' ? 'share' : 'd';
}

/** In figures a model's part of a decision passes, whichever model answered. */
function modelConditions({ models, providers }: DecisionFilter, bind: Bind): string[] {
  const conditions: string[] = [];
  if (models) conditions.push(`share.model = ANY(${bind(models)}::text[])`);
  if (providers) conditions.push(`share.provider = ANY(${bind(providers)}::text[])`);
  return conditions;
}
