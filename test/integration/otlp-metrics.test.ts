import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.js';
import { formatDollars } from '../../src/cost/dollars.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import { readFigures } from '../../src/fleet/figures/read.js';
import { readSeries } from '../../src/fleet/figures/series.js';
import type { Statistic } from '../../src/fleet/figures/statistic.js';
import { decodeMetrics } from '../../src/ingest/decode/metrics.js';
import { Journal } from '../../src/ingest/journal.js';
import { MetricRecorder } from '../../src/ingest/metric/recorder.js';
import { createLog } from '../../src/log.js';
import { compactRollups } from '../../src/metric/compact.js';
import type { MetricName } from '../../src/metric/name.js';
import type { Dimension, Source } from '../../src/metric/slice.js';
import { SliceBook } from '../../src/metric/write.js';
import { CUMULATIVE, DELTA, metricsRequest, pointAt, type TestMetric } from '../support/otlp-metrics.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
const FLEET = 'default';
const log = createLog('silent');

let database: TestDatabase;
let journal: Journal;
let recorder: MetricRecorder;

beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
  journal = new Journal(database.pool);
  recorder = newRecorder();
});
afterEach(() => database.drop());

const newRecorder = (clock: Clock = systemClock) =>
  new MetricRecorder({
    pool: database.pool,
    writer: new SliceBook({ valuesPerDimension: 100, slicesPerDay: 100 }),
    clock,
    log,
  });

async function journaled(metrics: readonly TestMetric[], resource?: Record<string, string>) {
  const body = Buffer.from(metricsRequest(metrics, resource));
  const id = await journal.append({ fleet: FLEET, signal: 'metrics', encoding: 'json', isGzip: false, body });
  return { id, points: decodeMetrics(body, 'json').points };
}

/** One request, all the way; the same bytes again are known by the journal. */
async function send(metrics: readonly TestMetric[], resource?: Record<string, string>): Promise<void> {
  const { id, points } = await journaled(metrics, resource);
  if (id !== null) await recorder.add(FLEET, points, id);
}

async function figures(source: Source, groupBy: Dimension[] = [], stepMs: number | null = null) {
  const measures = ['inference_latency', 'queue_time', 'time_to_first_token'] as const;
  const range = { fromMs: NOW - HOUR, toMs: NOW + HOUR };
  const calendar = new DecisionCalendar({ pool: database.pool, clock: systemClock });
  return readFigures(
    { pool: database.pool, calendar },
    { fleet: FLEET, source, ...range, stepMs, groupBy, filter: {}, measures },
  );
}

async function inputTokens(): Promise<number> {
  const [group] = await figures('CLIENT_METRICS');
  return group?.figures.counts.input_tokens ?? 0;
}

const tokens = (
  value: number,
  {
    at,
    start = at - MINUTE,
    temporality = CUMULATIVE,
    model = 'gpt-4o',
  }: { at: number; start?: number; temporality?: number; model?: string },
): TestMetric => ({
  name: 'gen_ai.client.inference.usage.input_tokens',
  unit: '{token}',
  sum: {
    dataPoints: [{ ...pointAt(at, { 'gen_ai.request.model': model }, start), asInt: String(value) }],
    aggregationTemporality: temporality,
    isMonotonic: true,
  },
});

describe('metrics that were journaled', () => {
  it('answer by source, agent and model, beside what was compacted', async () => {
    const resource = { 'service.name': 'support', 'service.version': '3' };
    await send(
      [tokens(100, { at: NOW, temporality: DELTA }), tokens(7, { at: NOW, temporality: DELTA, model: 'o3' })],
      resource,
    );
    await compactRollups(database.recorderPool);
    await send([tokens(50, { at: NOW + MINUTE, temporality: DELTA })], resource);
    const groups = await figures('CLIENT_METRICS', ['AGENT', 'AGENT_VERSION', 'PROVIDER', 'MODEL']);
    expect(groups.map(({ labels, figures: { counts } }) => [...labels, counts.input_tokens, counts.decisions])).toEqual(
      expect.arrayContaining([
        ['support', '3', 'openai', 'gpt-4o', 150, 0],
        ['support', '3', 'openai', 'o3', 7, 0],
      ]),
    );
    expect(await figures('SERVER_METRICS')).toEqual([]);
    expect(await figures('DECISIONS')).toEqual([]);
  });

  it('lie in the minute their points end in', async () => {
    for (const minute of [0, 1, 3])
      await send([tokens(10 + minute, { at: NOW + minute * MINUTE, temporality: DELTA })]);
    const steps = await figures('CLIENT_METRICS', [], MINUTE);
    const used = steps.filter(({ figures: { counts } }) => counts.input_tokens > 0);
    expect(used.map(({ step, figures: { counts } }) => [step - 60, counts.input_tokens])).toEqual([
      [0, 10],
      [1, 11],
      [3, 13],
    ]);
  });

  it('of a cumulative series add up to its last point, whatever comes twice and over a restart of the series', async () => {
    const start = NOW - 2 * MINUTE;
    const first = [tokens(100, { at: NOW, start })];
    const second = [tokens(130, { at: NOW + MINUTE, start })];
    await send(first);
    await send(second);
    await send([...second, tokens(3, { at: NOW + MINUTE, start, model: 'o3' })]);
    await send([tokens(130, { at: NOW + MINUTE, start })]);
    expect(await inputTokens()).toBe(133);
    await send([tokens(40, { at: NOW + 3 * MINUTE, start: NOW + 2 * MINUTE })]);
    expect(await inputTokens()).toBe(173);
  });

  it('go on after a restart of ours from where the series was', async () => {
    const start = NOW - MINUTE;
    await send([tokens(100, { at: NOW, start })]);
    recorder = newRecorder();
    await send([tokens(110, { at: NOW + MINUTE, start })]);
    expect(await inputTokens()).toBe(110);
  });

  it('that began long before anybody listened are counted from then on, new series of theirs whole', async () => {
    const start = NOW - 30 * HOUR;
    await send([tokens(1_000_000, { at: NOW, start })]);
    expect(await inputTokens()).toBe(0);
    await send([tokens(1_000_020, { at: NOW + MINUTE, start }), tokens(5, { at: NOW + MINUTE, start, model: 'o3' })]);
    expect(await inputTokens()).toBe(25);
  });

  it('keep their percentiles: histograms and exponential ones alike, delta and cumulative', async () => {
    const queue = (counts: number[], at: number): TestMetric => ({
      name: 'vllm:request_queue_time_seconds',
      histogram: {
        dataPoints: [
          {
            ...pointAt(at, { model_name: 'llama' }, NOW - MINUTE),
            count: String(counts.reduce((sum, count) => sum + count, 0)),
            sum: counts.reduce((sum, count, index) => sum + count * (0.3 + index), 0),
            bucketCounts: counts.map(String),
            explicitBounds: [0.5, 2],
          },
        ],
        aggregationTemporality: CUMULATIVE,
      },
    });
    await send([queue([10, 0, 0], NOW)]);
    await send([queue([10, 90, 0], NOW + MINUTE)]);
    const firstToken = {
      name: 'gen_ai.server.time_to_first_token',
      unit: 's',
      exponentialHistogram: {
        dataPoints: [
          {
            ...pointAt(NOW, { 'gen_ai.request.model': 'llama' }),
            count: '4',
            sum: 1.06,
            scale: 3,
            positive: { offset: -16, bucketCounts: ['3', '1'] },
          },
        ],
        aggregationTemporality: DELTA,
      },
    };
    await send([firstToken]);
    const [group] = await figures('SERVER_METRICS', ['MODEL']);
    const { queue_time: queued, time_to_first_token: first } = group?.figures.summaries ?? {};
    expect(group?.labels).toEqual(['llama']);
    expect([queued?.count, queued?.sum]).toEqual([100, expect.closeTo(10 * 300 + 90 * 1_300, 3)]);
    expect(queued?.quantile(0.5)).toBeCloseTo(1_300, -2);
    expect([first?.count, first?.sum]).toEqual([4, 1_060]);
    // 2^(−16/8) s is 250 ms: the first bucket's middle lies half a bucket above.
    expect(Math.abs((first?.quantile(0.5) ?? 0) / (250 * 2 ** (0.5 / 8)) - 1)).toBeLessThan(0.01);
  });

  it('of money are kept exactly', async () => {
    const cost = (value: number, at: number): TestMetric => ({
      name: 'claude_code.cost.usage',
      unit: 'USD',
      sum: { dataPoints: [{ ...pointAt(at), asDouble: value }], aggregationTemporality: DELTA, isMonotonic: true },
    });
    await send([cost(0.000948, NOW)]);
    await send([cost(0.0024492, NOW + MINUTE)]);
    const [group] = await figures('CLIENT_METRICS');
    expect(formatDollars(group?.figures.costPicodollars ?? 0n)).toBe('0.0033972');
  });

  it('from the future are left out, and their request is done', async () => {
    await send([
      tokens(5, { at: Date.now() + 30 * HOUR, temporality: DELTA }),
      tokens(6, { at: NOW, temporality: DELTA }),
    ]);
    expect(await inputTokens()).toBe(6);
    expect(await pending()).toEqual([]);
  });
});

describe('what a resource says in two dialects', () => {
  const gemini = (value: number, at: number): TestMetric => ({
    name: 'gemini_cli.token.usage',
    sum: {
      dataPoints: [{ ...pointAt(at, { type: 'input' }, NOW - MINUTE), asInt: String(value) }],
      aggregationTemporality: CUMULATIVE,
      isMonotonic: true,
    },
  });
  const genai = (value: number, at: number): TestMetric => ({
    name: 'gen_ai.client.token.usage',
    sum: {
      dataPoints: [{ ...pointAt(at, { 'gen_ai.token.type': 'input' }, NOW - MINUTE), asInt: String(value) }],
      aggregationTemporality: CUMULATIVE,
      isMonotonic: true,
    },
  });

  it('counts once, in two requests and over a restart of ours as in one', async () => {
    await send([gemini(1_000, NOW)]);
    await send([genai(1_000, NOW)]);
    expect(await inputTokens()).toBe(1_000);
    recorder = newRecorder();
    await send([genai(1_700, NOW + MINUTE)]);
    await send([gemini(1_700, NOW + MINUTE)]);
    expect(await inputTokens()).toBe(1_700);
  });

  it('counts twice only until the better one was heard', async () => {
    await send([genai(1_000, NOW)]);
    await send([gemini(1_000, NOW)]);
    for (const minute of [1, 2]) {
      await send([genai(1_000 + minute * 100, NOW + minute * MINUTE)]);
      await send([gemini(1_000 + minute * 100, NOW + minute * MINUTE)]);
    }
    expect(await inputTokens()).toBe(2_200);
  });

  it('is nothing between resources, and the other one counts from a day after the better one fell silent', async () => {
    await send([gemini(1_000, NOW)], { 'service.name': 'one' });
    await send([genai(500, NOW)], { 'service.name': 'two' });
    expect(await inputTokens()).toBe(1_500);
    await send([genai(1_000, NOW)], { 'service.name': 'one' });
    expect(await inputTokens()).toBe(1_500);
    recorder = newRecorder({ ...systemClock, now: () => Date.now() + 25 * HOUR });
    await send([genai(1_040, NOW + MINUTE)], { 'service.name': 'one' });
    expect(await inputTokens()).toBe(1_540);
  });
});

describe('what is asked of clients’ metrics', () => {
  const answer = async (metric: MetricName, statistic: Statistic) => {
    const calendar = new DecisionCalendar({ pool: database.pool, clock: systemClock });
    const [series] = await readSeries(
      { pool: database.pool, calendar },
      {
        fleet: FLEET,
        source: 'CLIENT_METRICS',
        metric,
        statistic,
        from: new Date(NOW - HOUR),
        to: new Date(NOW + HOUR),
        stepMs: null,
        groupBy: [],
        filter: {},
      },
    );
    return series?.value;
  };
  const answers = (metric: MetricName) =>
    Promise.all((['COUNT', 'SUM', 'AVG', 'MAX'] as const).map((each) => answer(metric, each)));
  const histogram = (
    name: string,
    unit: string,
    points: { attributes: Record<string, string>; values: number[] }[],
  ) => ({
    name,
    unit,
    histogram: {
      dataPoints: points.map(({ attributes, values }) => ({
        ...pointAt(NOW, attributes),
        count: String(values.length),
        sum: values.reduce((sum, value) => sum + value, 0),
        bucketCounts: ['0', String(values.length)],
        explicitBounds: [0.001],
      })),
      aggregationTemporality: DELTA,
    },
  });

  it('is answered of requests: their tokens and how they ended', async () => {
    const typed = (type: string, values: number[]) => ({ attributes: { 'gen_ai.token.type': type }, values });
    await send([
      histogram('gen_ai.client.token.usage', '{token}', [typed('input', [6_000]), typed('output', [3_000])]),
      histogram('gen_ai.client.operation.duration', 's', [
        { attributes: {}, values: Array<number>(8).fill(0.3) },
        { attributes: { 'error.type': '500' }, values: [0.3, 0.3] },
      ]),
    ]);
    expect(await answers('TOKEN_USAGE')).toEqual([1, 9_000, 9_000, 9_000]);
    expect(await answers('TOKEN_USAGE_PER_REQUEST')).toEqual([1, 9_000, 9_000, 9_000]);
    expect(await answers('ERROR_RATE')).toEqual([10, 2, 0.2, 1]);
    expect(await answers('INFERENCE_LATENCY')).toEqual([10, expect.closeTo(3_000, 6), 300, 300]);
    expect(await answer('INFERENCE_LATENCY', 'P95')).toBe(300);
    expect(await answers('DECISIONS')).toEqual([0, 0, null, null]);
  });

  it('costs nothing that is known where tokens were told and no cost, and what was told otherwise', async () => {
    expect(await answer('COST', 'SUM')).toBe(0);
    await send([tokens(9, { at: NOW, temporality: DELTA })]);
    expect(await answer('COST', 'SUM')).toBeNull();
    const cost = {
      dataPoints: [{ ...pointAt(NOW), asDouble: 0.25 }],
      aggregationTemporality: DELTA,
      isMonotonic: true,
    };
    await send([{ name: 'claude_code.cost.usage', unit: 'USD', sum: cost }]);
    expect(await answer('COST', 'SUM')).toBe(0.25);
  });
});

const pending = async () => {
  const ids: number[] = [];
  for await (const { id } of journal.pending()) ids.push(id);
  return ids;
};

describe('a request of metrics', () => {
  it('is done with its figures, and counts once however often it is taken up', async () => {
    const { id, points } = await journaled([tokens(9, { at: NOW, temporality: DELTA })]);
    expect(await pending()).toEqual([id]);
    await Promise.all([recorder.add(FLEET, points, id as number), newRecorder().add(FLEET, points, id as number)]);
    expect(await pending()).toEqual([]);
    expect(await inputTokens()).toBe(9);
  });

  it('that the database refuses stays in the journal and holds up no other', async () => {
    const bad = await journaled([tokens(9, { at: NOW, temporality: DELTA, model: 'bad' })]);
    const good = await journaled([tokens(4, { at: NOW, temporality: DELTA })]);
    // What no decoder lets through.
    const [point] = bad.points;
    const poisoned = bad.points.map((each) => ({ ...each, attributes: new Map([['model', 'a\0b']]) }));
    expect(point).toBeDefined();
    await Promise.all([
      recorder.add(FLEET, poisoned, bad.id as number),
      recorder.add(FLEET, good.points, good.id as number),
    ]);
    expect(await pending()).toEqual([bad.id]);
    expect(await inputTokens()).toBe(4);
    const { rows } = await database.pool.query('SELECT count(*)::int AS series FROM metric_series');
    // Its own, and what its resource speaks.
    expect(rows).toEqual([{ series: 2 }]);
  });

  it('that says nothing of ours is done and leaves no series', async () => {
    await send([{ name: 'process.cpu.time', unit: 's', sum: { ...tokens(1, { at: NOW }).sum } }]);
    expect(await pending()).toEqual([]);
    const { rows } = await database.pool.query('SELECT count(*)::int AS series FROM metric_series');
    expect(rows).toEqual([{ series: 0 }]);
  });
});
