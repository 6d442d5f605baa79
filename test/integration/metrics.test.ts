import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { Pool } from '../../src/db/pool.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import { sumCalls } from '../../src/decision/call-price.js';
import type { Decision, ModelCall } from '../../src/decision/decision.js';
import { filterSql } from '../../src/decision/filter.js';
import type { Recordable } from '../../src/decision/record/record.js';
import { Recorder } from '../../src/decision/record/recorder.js';
import { readSeries, type SeriesQuery } from '../../src/fleet/figures/series.js';
import { STATISTICS, type Statistic } from '../../src/fleet/figures/statistic.js';
import { compactRollups } from '../../src/metric/compact.js';
import { METRIC_NAMES, type MetricName } from '../../src/metric/name.js';
import { DIMENSION_COLUMNS, type Dimension } from '../../src/metric/slice.js';
import { SliceBook } from '../../src/metric/write.js';
import { DEFAULT_SETTINGS } from '../../src/settings/settings.js';
import { newFleet } from '../support/access.js';
import { createDatabase } from '../support/postgres.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-11-20T21:17:33.123Z');
const LENGTH_MS = 2.4 * DAY_MS;
const FLEET = 'measured';

let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;
let recorder: Recorder;
let calendar: DecisionCalendar;

const amount = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0.001, max: 90_000, noNaN: true }),
  fc.integer({ max: 5_000, min: 1 }),
);
const call: fc.Arbitrary<ModelCall> = fc.record({
  provider: fc.constant('openai'),
  model: fc.constantFrom('m1', 'm2', 'm3'),
  requestModel: fc.constant(null),
  startedAtMs: fc.constant(START_MS),
  durationMs: fc.option(amount),
  tokens: fc.option(
    fc.record({
      input: fc.nat(6_000),
      output: fc.nat(600),
      cacheRead: fc.nat(3),
      cacheWrite: fc.nat(3),
      reasoning: fc.nat(3),
    }),
  ),
  costUsd: fc.option(fc.nat(20_000).map((millionths) => (millionths / 1e6).toFixed(6))),
  costSource: fc.constant(null),
  reportedUsd: fc.constant(null),
});
const tokenCount = fc.nat({ max: 20_000 });
const decision: fc.Arbitrary<Omit<Decision, 'id'>> = fc
  .record({
    agent: fc.constantFrom('triage', 'refunds', 'other'),
    model: fc.constantFrom('m1', 'm2', null),
    segment: fc.constantFrom('retail', 'enterprise', null),
    requestType: fc.constantFrom('claim', null),
    riskClass: fc.constantFrom('HIGH_RISK' as const, 'ROUTINE' as const, 'ADMIN' as const),
    outcome: fc.constantFrom('SUCCESS' as const, 'SUCCESS' as const, 'ERROR' as const),
    atMs: fc.nat({ max: LENGTH_MS }),
    latencyMs: amount,
    queueMs: fc.option(amount),
    timeToFirstTokenMs: fc.option(amount),
    tokens: fc.record({
      input: tokenCount,
      output: tokenCount,
      cacheRead: fc.nat(9),
      cacheWrite: fc.nat(9),
      reasoning: fc.nat(9),
    }),
    costUsd: fc.option(fc.nat({ max: 1_000_000 }).map((millionths) => (millionths / 1e6).toFixed(6))),
    score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    calls: fc.array(call, { maxLength: 3 }),
    toolCalls: fc.nat({ max: 6 }),
    failedShare: fc.nat({ max: 6 }),
  })
  .map((drawn) => ({
    traceId: null,
    spanId: null,
    parentSpanId: null,
    parentId: null,
    agent: drawn.agent,
    agentVersion: '1.0',
    fingerprint: null,
    requestType: drawn.requestType,
    riskClass: drawn.riskClass,
    customerSegment: drawn.segment,
    conversationId: null,
    userId: null,
    provider: 'openai',
    model: drawn.model,
    region: 'eu',
    environment: 'production',
    startedAtMs: START_MS + drawn.atMs,
    endedAtMs: START_MS + drawn.atMs + drawn.latencyMs,
    queueMs: drawn.queueMs,
    timeToFirstTokenMs: drawn.timeToFirstTokenMs,
    tokens: drawn.tokens,
    ...costOf(drawn.costUsd, drawn.calls),
    calls: drawn.calls,
    outcome: drawn.outcome,
    errorType: null,
    errorMessage: null,
    hallucinationScore: drawn.score,
    groundingScore: null,
    toolCalls: drawn.toolCalls,
    failedToolCalls: Math.min(drawn.failedShare, drawn.toolCalls),
    complete: true,
    input: 'in',
    output: 'out',
    steps: [],
  }));

/** What the user states, or what the calls cost together. */
function costOf(statedUsd: string | null, calls: readonly ModelCall[]): Pick<Decision, 'costUsd' | 'costSource'> {
  if (statedUsd !== null) return { costUsd: statedUsd, costSource: 'OWN' };
  return { costUsd: sumCalls(calls), costSource: null };
}

function recordable(decision: Decision, mode: Recordable['mode']): Recordable {
  return { decision, spanIds: [], journalIds: [], mode, sampled: true, hasKin: false };
}

async function submit(items: Recordable[]): Promise<void> {
  await recorder.submit({ fleet: FLEET, items, links: [], superseded: [], sightings: [], doneJournalIds: [] });
}

const seed = 4_711;
const drawDecisions = (count: number, offset: number): Decision[] =>
  fc
    .sample(decision, { numRuns: count, seed: seed + offset })
    .map((each, index) => ({ ...each, id: `d${offset + index}` }));

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  ({ pool } = database);
  await newFleet(pool, FLEET);
  recorder = new Recorder({
    pool: database.recorderPool,
    writer: new SliceBook(DEFAULT_SETTINGS.cardinality),
    announce: () => undefined,
    observe: () => undefined,
    clock: systemClock,
  });
  calendar = new DecisionCalendar({ pool, clock: systemClock });
  const first = drawDecisions(500, 0);
  await submit(first.map((each) => recordable(each, 'seal')));
  await compactRollups(database.recorderPool);
  await submit(drawDecisions(300, 1_000).map((each) => recordable(each, 'seal')));
  // A third of the first are told anew, with other figures; some are compacted by then and some are not.
  const changed = drawDecisions(150, 5_000).map((each, index): Decision => ({ ...each, id: `d${index * 3}` }));
  await submit(changed.map((each) => recordable(each, 'amend')));
  await recorder.submit({
    fleet: FLEET,
    items: [],
    links: [],
    superseded: [
      { id: 'd1', by: 'd2' },
      { id: 'd1001', by: 'd1002' },
    ],
    sightings: [],
    doneJournalIds: [],
  });
});
afterAll(() => database.drop());

const COLUMNS = ['fleet_id', 'started_at', 'agent', 'customer_segment', 'request_type', 'risk_class', 'outcome'];
const columns = [...COLUMNS, 'latency_ms', 'cost_usd'].map((column) => `d.${column}`).join(', ');
/** Decisions whose calls used no more than they did themselves. */
const HOLDS = `(SELECT bool_and(coalesce(used, 0) <= own) FROM (VALUES
  ('input', d.input_tokens), ('output', d.output_tokens), ('cacheRead', d.cache_read_tokens),
  ('cacheWrite', d.cache_write_tokens), ('reasoning', d.reasoning_tokens)) AS total (kind, own), LATERAL (
    SELECT sum((call #>> ARRAY['tokens', kind])::bigint) AS used FROM jsonb_array_elements(d.calls) AS call
    WHERE call ->> 'model' IS DISTINCT FROM d.model) of)`;
/** One row for each call, with its own model, and one for what is left for the model that answered. */
const byCall = (whole: string, ofCall: string) => `
  SELECT ${columns}, call ->> 'model' AS model, ${ofCall} AS value
  FROM decision d, jsonb_array_elements(d.calls) AS call WHERE ${HOLDS} AND call ->> 'model' IS DISTINCT FROM d.model
  UNION ALL
  SELECT ${columns}, d.model, ${whole} - coalesce((SELECT sum(${ofCall}) FROM jsonb_array_elements(d.calls) AS call
    WHERE ${HOLDS} AND call ->> 'model' IS DISTINCT FROM d.model), 0)
  FROM decision d`;
const TOKENS_BY_CALL = byCall(
  '(d.input_tokens + d.output_tokens)::float8',
  `(coalesce((call #>> '{tokens,input}')::float8, 0) + coalesce((call #>> '{tokens,output}')::float8, 0))`,
);
/** What sums by model are made of: tokens and dollars are those of the calls, not of the decision as a whole. */
const VALUES_BY_CALL: Partial<Record<MetricName, string>> = {
  TOKEN_USAGE: TOKENS_BY_CALL,
  TOKEN_USAGE_PER_REQUEST: TOKENS_BY_CALL,
  COST: byCall(
    'd.cost_usd::float8',
    `CASE WHEN d.cost_usd IS NOT NULL AND d.cost_source IS NULL THEN coalesce((call ->> 'costUsd')::float8, 0) ELSE 0 END`,
  ),
  INFERENCE_LATENCY: `SELECT ${columns}, CASE WHEN ${HOLDS} THEN call ->> 'model' ELSE d.model END AS model,
    (call ->> 'durationMs')::float8 AS value FROM decision d, jsonb_array_elements(d.calls) AS call`,
};

function isByCall({ metric, statistic, groupBy }: SeriesQuery): boolean {
  return groupBy.includes('MODEL') && (statistic === 'SUM' || metric === 'INFERENCE_LATENCY');
}

function valuesOf(query: SeriesQuery): string {
  return (isByCall(query) ? VALUES_BY_CALL[query.metric] : undefined) ?? VALUES[query.metric];
}

/** The values of a metric, one a row, as SQL on `decision d`. */
const VALUES: Record<MetricName, string> = {
  DECISIONS: 'SELECT d.*, 1::float8 AS value FROM decision d',
  ERROR_RATE: `SELECT d.*, (d.outcome = 'ERROR')::int::float8 AS value FROM decision d`,
  TOKEN_USAGE: 'SELECT d.*, (d.input_tokens + d.output_tokens)::float8 AS value FROM decision d',
  TOKEN_USAGE_PER_REQUEST: 'SELECT d.*, (d.input_tokens + d.output_tokens)::float8 AS value FROM decision d',
  DECISION_LATENCY: 'SELECT d.*, d.latency_ms AS value FROM decision d',
  INFERENCE_LATENCY: `SELECT d.*, (call ->> 'durationMs')::float8 AS value
    FROM decision d, jsonb_array_elements(d.calls) AS call`,
  QUEUE_TIME: 'SELECT d.*, d.queue_ms AS value FROM decision d',
  TIME_TO_FIRST_TOKEN: 'SELECT d.*, d.time_to_first_token_ms AS value FROM decision d',
  COST: 'SELECT d.*, d.cost_usd::float8 AS value FROM decision d',
  HALLUCINATION_SCORE: 'SELECT d.*, d.hallucination_score AS value FROM decision d',
  TOOL_INVOCATION_SUCCESS_RATE: `SELECT d.*, (n > d.failed_tool_calls)::int::float8 AS value
    FROM decision d, generate_series(1, d.tool_calls) AS n`,
  TOOL_INVOCATIONS: 'SELECT d.*, d.tool_calls::float8 AS value FROM decision d',
};

const AGGREGATES: Record<Statistic, string> = {
  COUNT: 'count(d.value)::float8',
  SUM: 'coalesce(sum(d.value), 0)',
  AVG: 'avg(d.value)',
  MIN: 'min(d.value)',
  MAX: 'max(d.value)',
  P50: 'percentile_cont(0.5) WITHIN GROUP (ORDER BY d.value)',
  P90: 'percentile_cont(0.9) WITHIN GROUP (ORDER BY d.value)',
  P95: 'percentile_cont(0.95) WITHIN GROUP (ORDER BY d.value)',
  P99: 'percentile_cont(0.99) WITHIN GROUP (ORDER BY d.value)',
};

/** The same question asked of the decisions: label values with the value, null step for the whole range. */
async function askDecisions(query: SeriesQuery): Promise<Map<string, number | null>> {
  const conditions = filterSql(query.filter, 5);
  const labels = query.groupBy.map((dimension) => `coalesce(d.${DIMENSION_COLUMNS[dimension]}, '')`);
  const step = `floor(extract(epoch FROM d.started_at - $2::timestamptz) * 1000 / $4::float8)::int`;
  const by = `ARRAY[${labels.join(', ')}]::text[]`;
  const { rows } = await pool.query(
    `WITH d AS (SELECT d.* FROM (${valuesOf(query)}) d
       WHERE d.fleet_id = $1 AND d.started_at >= $2 AND d.started_at < $3 AND ${conditions.text})
     SELECT ${by} AS labels, NULL::int AS step, ${AGGREGATES[query.statistic]} AS value, count(d.cost_usd)::int AS costs
     FROM d GROUP BY 1
     UNION ALL
     SELECT ${by}, ${step}, ${AGGREGATES[query.statistic]}, count(d.cost_usd)::int FROM d GROUP BY 1, 2`,
    [FLEET, query.from.toISOString(), query.to.toISOString(), query.stepMs ?? DAY_MS, ...conditions.parameters],
  );
  // Where decisions are and the cost of none is known, their sum is not known either.
  const isUnknown = ({ costs }: { costs: number }) =>
    query.metric === 'COST' && query.statistic === 'SUM' && costs === 0;
  return new Map(
    rows.map((row) => [`${row.labels.join('|')}#${row.step ?? 'all'}`, isUnknown(row) ? null : row.value]),
  );
}

const range = fc
  .tuple(fc.integer({ min: -HOUR_MS, max: LENGTH_MS }), fc.integer({ min: 1, max: LENGTH_MS }))
  .chain(([offset, length]) =>
    fc.constantFrom(1, 60_000, HOUR_MS).map((unit) => {
      const fromMs = Math.floor((START_MS + offset) / unit) * unit;
      return { from: new Date(fromMs), to: new Date(fromMs + Math.max(1, Math.floor(length / unit)) * unit) };
    }),
  );
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const query: fc.Arbitrary<SeriesQuery> = fc
  .record({
    range,
    metric: fc.constantFrom(...METRIC_NAMES),
    statistic: fc.constantFrom(...STATISTICS),
    steps: fc.option(fc.integer({ min: 1, max: 60 })),
    groupBy: fc.subarray<Dimension>(['AGENT', 'MODEL', 'CUSTOMER_SEGMENT', 'REQUEST_TYPE', 'RISK_CLASS', 'OUTCOME']),
    filter: fc.record({
      agents: maybe(fc.subarray(['triage', 'refunds', 'nobody'])),
      customerSegments: maybe(fc.constant(['retail', ''])),
      riskClasses: maybe(fc.constant(['ROUTINE' as const, 'ADMIN' as const])),
      latencyMsAtLeast: fc.option(fc.constant(700), { nil: undefined, freq: 6 }),
    }),
  })
  .map(({ range: { from, to }, steps, ...rest }) => ({
    ...rest,
    fleet: FLEET,
    source: 'DECISIONS' as const,
    from,
    to,
    stepMs: steps === null ? null : Math.max(1, Math.ceil((to.getTime() - from.getTime()) / steps)),
  }));

/** Percentiles and extremes that were amended are within 1 %; everything else is exact but for the order of addition. */
function expectClose(actual: number | null, expected: number | null, statistic: Statistic): void {
  if (actual === null || expected === null) {
    expect(actual).toBe(expected);
    return;
  }
  const tolerance = /^(P\d|MIN|MAX)/.test(statistic) ? 0.0101 : 1e-9;
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.abs(expected) * tolerance + 1e-6);
}

function valueOr(values: ReadonlyMap<string, number | null>, key: string, missing: number | null): number | null {
  return values.has(key) ? (values.get(key) ?? null) : missing;
}

describe('metrics', () => {
  it('are what SQL says of the decisions, whatever is asked', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const series = await readSeries({ pool, calendar }, asked);
        const expected = await askDecisions(asked);
        for (const { labels, value, points } of series) {
          const name = labels.map((label) => label.value).join('|');
          const isCount = asked.statistic === 'COUNT' || asked.statistic === 'SUM';
          const nothing = isCount ? 0 : null;
          // A model that only took part in decisions of unknown cost cost nothing that is known.
          const isOfCalls = asked.metric === 'COST' && isByCall(asked);
          const known = (at: string) => valueOr(expected, at, nothing) ?? (isOfCalls ? 0 : null);
          const seen = (found: number | null) => found ?? (isOfCalls ? 0 : null);
          expectClose(seen(value), known(`${name}#all`), asked.statistic);
          for (const [step, point] of points.entries()) {
            expectClose(seen(point.value), known(`${name}#${step}`), asked.statistic);
          }
        }
        const named = new Set(series.map(({ labels }) => labels.map((label) => label.value).join('|')));
        for (const [key, value] of expected)
          if (value !== null && !(value === 0 && isByCall(asked)))
            expect(named).toContain(key.slice(0, key.indexOf('#')));
      }),
      { numRuns: 250, seed },
    );
  });
});
