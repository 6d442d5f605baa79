/** Fills a fleet with a past: rows of decisions and the rollups that they would have left, without recording each. */

import pg from 'pg';
import { copyRows, encodeRows } from '../src/db/copy.js';
import { inTransaction, type Pool } from '../src/db/pool.js';
import type { Contribution } from '../src/metric/figures.js';
import { emptyFigures, figureValues, ROLLUP_COLUMNS } from '../src/metric/rollup-row.js';
import { type Labels, NO_LABELS, type SliceSource } from '../src/metric/slice.js';
import { Summary } from '../src/metric/summary.js';
import { SliceBook } from '../src/metric/write.js';
import { HOUR_MS } from '../src/time.js';
import { type GraphQLFixture, startGraphQL } from '../test/support/graphql.js';

export const FLEET = 'default';
const AGENTS = 30;
const SEGMENTS = ['retail', 'small-business', 'enterprise', 'private-banking'];
const MODELS = ['gpt-4.1', 'claude-sonnet-4-5'];
const REQUEST_TYPES = ['refund', 'invoice', 'question', 'complaint'];
const REGIONS = ['eu-west-1', 'us-east-1', 'us-west-2', 'ap-southeast-1'];
const TIERS = [
  { table: 'rollup_minute', bucketMs: 60_000 },
  { table: 'rollup_hour', bucketMs: HOUR_MS },
  { table: 'rollup_day', bucketMs: 24 * HOUR_MS },
] as const;

export interface History {
  decisions: number;
  /** When the last decision started, a whole hour; the first started `hours` before. */
  toMs: number;
  hours: number;
}

/** The API over a fleet with that past. */
export async function startHistory(history: History, postgresUrl: string): Promise<GraphQLFixture> {
  const fixture = await startGraphQL({ postgresUrl });
  await fillHistory(fixture.database.recorderPool, history);
  const owner = new pg.Client({ connectionString: fixture.database.url });
  await owner.connect();
  await owner.query('VACUUM ANALYZE');
  await owner.end();
  return fixture;
}

/** Every combination of agent, segment, model and request type that the fleet has: 30 × 4 × 2 × 2. */
function sliceLabels(): Labels[] {
  const slices: Labels[] = [];
  for (let agent = 0; agent < AGENTS; agent += 1) {
    for (const segment of SEGMENTS) {
      for (const model of MODELS) {
        for (const type of [agent % 4, (agent + 1) % 4]) {
          slices.push({
            ...NO_LABELS,
            AGENT: `agent-${agent}`,
            MODEL: model,
            PROVIDER: model.startsWith('gpt') ? 'openai' : 'anthropic',
            CUSTOMER_SEGMENT: segment,
            REGION: REGIONS[agent % 4] as string,
            ENVIRONMENT: 'production',
            REQUEST_TYPE: REQUEST_TYPES[type] as string,
            AGENT_VERSION: '1.0.0',
            RISK_CLASS: 'ROUTINE',
            OUTCOME: 'SUCCESS',
          });
        }
      }
    }
  }
  return slices;
}

/** Decisions in turn over the slices, evenly in time; latency is spread over three decades. */
async function fillHistory(pool: Pool, { decisions, toMs, hours }: History): Promise<void> {
  const slices = sliceLabels();
  const fromMs = toMs - hours * HOUR_MS;
  const stepMs = (toMs - fromMs) / decisions;
  const ids = await makeSlices(pool, slices, fromMs);
  const overviews = slices.map(({ AGENT, REQUEST_TYPE, REGION }) => ({ ...NO_LABELS, AGENT, REQUEST_TYPE, REGION }));
  const distinct = [...new Map(overviews.map((labels) => [JSON.stringify(labels), labels])).values()];
  const distinctIds = await makeSlices(pool, distinct, fromMs, 'OVERVIEW');
  const overviewIds = overviews.map(
    (labels) => distinctIds[distinct.findIndex((each) => JSON.stringify(each) === JSON.stringify(labels))] as number,
  );
  for (const { table, bucketMs } of TIERS) {
    // Minutes are kept for a while only, and no bench looks further back.
    const sinceMs = table === 'rollup_minute' ? toMs - 48 * HOUR_MS : fromMs;
    const fill = { table, bucketMs, decisions, fromMs, sinceMs, stepMs };
    await fillTier(pool, { ...fill, ids });
    await fillTier(pool, { ...fill, ids: overviewIds });
  }
  await fillDecisions(pool, { slices, decisions, fromMs, stepMs });
  await fillAgents(pool, { fromMs, toMs });
}

const latencyOf = (index: number) => 100 * 1.01 ** ((index * 7_919) % 460);
const COST_MILLIONTHS = 1_250;

async function makeSlices(
  pool: Pool,
  slices: readonly Labels[],
  fromMs: number,
  source: SliceSource = 'DECISIONS',
): Promise<number[]> {
  const book = new SliceBook({ valuesPerDimension: 1_000, slicesPerDay: 100_000 });
  const contributions = slices.map(
    (labels): Contribution => ({ slice: { source, labels }, minuteMs: fromMs, ...emptyFigures() }),
  );
  return inTransaction(pool, async (client) => {
    await book.write(client, FLEET, contributions);
    const { rows } = await client.query('SELECT slice_id FROM rollup_delta ORDER BY id');
    await client.query('DELETE FROM rollup_delta');
    return rows.map((row) => row.slice_id);
  });
}

interface TierFill {
  table: string;
  bucketMs: number;
  /** The slice of each decision, in turn; several may be the same. */
  ids: readonly number[];
  decisions: number;
  fromMs: number;
  sinceMs: number;
  stepMs: number;
}

async function fillTier(pool: Pool, fill: TierFill): Promise<void> {
  const { table, bucketMs, ids, decisions, fromMs, sinceMs, stepMs } = fill;
  await inTransaction(pool, async (client) => {
    let index = Math.max(0, Math.ceil((sinceMs - fromMs) / stepMs));
    while (index < decisions) {
      const bucket = Math.floor((fromMs + index * stepMs) / bucketMs) * bucketMs;
      const members = new Map<number, number[]>();
      for (; index < decisions && fromMs + index * stepMs < bucket + bucketMs; index += 1) {
        const slice = ids[index % ids.length] as number;
        const list = members.get(slice) ?? [];
        list.push(index);
        members.set(slice, list);
      }
      const rows = [...members].map(([slice, indexes]) => [
        FLEET,
        new Date(bucket),
        slice,
        ...figureValues(figuresOf(indexes)),
      ]);
      await copyRows(client, { table, columns: ROLLUP_COLUMNS }, encodeRows(rows));
    }
  });
}

function figuresOf(indexes: readonly number[]) {
  const figures = emptyFigures();
  const count = indexes.length;
  const { counts, summaries } = figures;
  counts.decisions = count;
  counts.priced = count;
  counts.input_tokens = 1_000 * count;
  counts.output_tokens = 200 * count;
  counts.tool_calls = 2 * count;
  figures.costPicodollars = BigInt(COST_MILLIONTHS * count) * 1_000_000n;
  const latencies = indexes.map(latencyOf);
  summaries.latency = Summary.of(latencies);
  summaries.inference_latency = Summary.of(latencies);
  summaries.time_to_first_token = Summary.of(latencies.map((latency) => latency / 3));
  summaries.token_usage = Summary.of(indexes.map(() => 1_200));
  summaries.cost = Summary.of(indexes.map(() => COST_MILLIONTHS / 1e6));
  summaries.tool_invocations = Summary.of(indexes.map(() => 2));
  return figures;
}

async function fillDecisions(
  pool: Pool,
  {
    slices,
    decisions,
    fromMs,
    stepMs,
  }: { slices: readonly Labels[]; decisions: number; fromMs: number; stepMs: number },
): Promise<void> {
  const columns = {
    agent: slices.map(({ AGENT }) => AGENT),
    segment: slices.map(({ CUSTOMER_SEGMENT }) => CUSTOMER_SEGMENT),
    model: slices.map(({ MODEL }) => MODEL),
    provider: slices.map(({ PROVIDER }) => PROVIDER),
    type: slices.map(({ REQUEST_TYPE }) => REQUEST_TYPE),
    region: slices.map(({ REGION }) => REGION),
  };
  const CHUNK = 50_000;
  for (let first = 0; first < decisions; first += CHUNK) {
    await pool.query(
      `INSERT INTO decision (fleet_id, id, seq, sealed_on, agent, agent_version, risk_class, provider, model, region, environment,
         request_type, customer_segment, started_at, ended_at, latency_ms, input_tokens, output_tokens, cache_read_tokens,
         cache_write_tokens, reasoning_tokens, cost_usd, calls, outcome, tool_calls, failed_tool_calls, sampled, step_count,
         byte_count, complete, span_ids, revision_hash)
       SELECT '${FLEET}', 'h' || n, n, (now() AT TIME ZONE 'UTC')::date, ($3::text[])[n % $9 + 1], '1.0.0', 'ROUTINE',
         ($6::text[])[n % $9 + 1], ($5::text[])[n % $9 + 1], ($8::text[])[n % $9 + 1], 'production', ($7::text[])[n % $9 + 1],
         ($4::text[])[n % $9 + 1], at, at + interval '1 s', 1000, 1000, 200, 0, 0, 0, 0.00125, '[]', 'SUCCESS', 2, 0, TRUE,
         8, 8000, TRUE, '', ''
       FROM (SELECT n, to_timestamp(($10::float8 + n * $11::float8) / 1000) AS at FROM generate_series($1::int, $2::int) AS n) AS one`,
      [
        first,
        Math.min(first + CHUNK, decisions) - 1,
        columns.agent,
        columns.segment,
        columns.model,
        columns.provider,
        columns.type,
        columns.region,
        slices.length,
        fromMs,
        stepMs,
      ],
    );
  }
}

async function fillAgents(pool: Pool, { fromMs, toMs }: { fromMs: number; toMs: number }): Promise<void> {
  await pool.query(
    `INSERT INTO agent (fleet_id, name, version, region, environment, models, first_seen_at, last_seen_at)
     SELECT '${FLEET}', 'agent-' || n, '1.0.0', ($2::text[])[n % 4 + 1], 'production', $3, $4, $5
     FROM generate_series(0, $1 - 1) AS n`,
    [AGENTS, REGIONS, MODELS, new Date(fromMs), new Date(toMs)],
  );
}
