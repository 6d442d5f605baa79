import { describe, expect, it } from 'vitest';
import { formatDollars } from '../../../src/cost/dollars.js';
import { hearDialects, isSaidBetter } from '../../../src/ingest/convention/metric/dialect.js';
import { type Addition, contributionOf } from '../../../src/ingest/convention/metric/figures.js';
import { readMetrics } from '../../../src/ingest/convention/metric/read.js';
import { bucketsOf } from '../../../src/ingest/metric/buckets.js';
import { requestTokensOf } from '../../../src/ingest/metric/request-tokens.js';
import { CUMULATIVE, DELTA, decoded, pointAt, type TestMetric } from '../../support/otlp-metrics.js';

const T = 1_795_000_000_000;
const MINUTE_MS = 60_000;

/** What counts of the readings of a request that is the first of its resource. */
function additionsOf(metrics: readonly TestMetric[], resource?: Record<string, string>): Addition[] {
  const readings = readMetrics(decoded(metrics, resource).points);
  const dialects = hearDialects({}, readings, T);
  return readings
    .filter((reading) => !isSaidBetter(reading, dialects))
    .map((reading) => ({ reading, added: reading.point.data }));
}

/** What each of them adds. */
function contributionsOf(metrics: readonly TestMetric[], resource?: Record<string, string>) {
  return additionsOf(metrics, resource).flatMap((addition) => contributionOf(addition) ?? []);
}

const counter = (
  name: string,
  value: number,
  attributes: Record<string, string> = {},
  unit = '{token}',
): TestMetric => ({
  name,
  unit,
  sum: {
    dataPoints: [{ ...pointAt(T, attributes), asDouble: value }],
    aggregationTemporality: DELTA,
    isMonotonic: true,
  },
});
const duration = (name: string, unit: string, attributes: Record<string, string> = {}): TestMetric => ({
  name,
  unit,
  histogram: {
    dataPoints: [
      { ...pointAt(T, attributes), count: '3', sum: 6, min: 1, max: 3, bucketCounts: ['1', '2'], explicitBounds: [1] },
    ],
    aggregationTemporality: CUMULATIVE,
  },
});

/** The counts that are not 0. */
const countsOf = (metrics: readonly TestMetric[], resource?: Record<string, string>) => {
  const totals: Record<string, number> = {};
  for (const { counts } of contributionsOf(metrics, resource)) {
    for (const [name, count] of Object.entries(counts)) if (count > 0) totals[name] = (totals[name] ?? 0) + count;
  }
  return totals;
};

describe('tokens', () => {
  it.each<[string, TestMetric[], Record<string, number>]>([
    [
      'of GenAI, by type',
      [
        counter('gen_ai.client.token.usage', 100, { 'gen_ai.token.type': 'input' }),
        counter('gen_ai.client.token.usage', 20, { 'gen_ai.token.type': 'output' }),
        counter('gen_ai.client.token.usage', 5, { 'gen_ai.token.type': 'unheard-of' }),
      ],
      { input_tokens: 100, output_tokens: 20 },
    ],
    [
      'of GenAI, by name',
      [
        counter('gen_ai.client.inference.usage.input_tokens', 100),
        counter('gen_ai.client.inference.usage.cache_read.input_tokens', 60),
        counter('gen_ai.client.inference.usage.output_tokens', 20),
        counter('gen_ai.client.inference.usage.reasoning.output_tokens', 5),
      ],
      { input_tokens: 100, cache_read_tokens: 60, output_tokens: 20, reasoning_tokens: 5 },
    ],
    [
      'of Claude Code, whose input leaves the cache out',
      [
        counter('claude_code.token.usage', 100, { type: 'input' }),
        counter('claude_code.token.usage', 60, { type: 'cacheRead' }),
        counter('claude_code.token.usage', 30, { type: 'cacheCreation' }),
        counter('claude_code.token.usage', 20, { type: 'output' }),
      ],
      { input_tokens: 190, cache_read_tokens: 60, cache_write_tokens: 30, output_tokens: 20 },
    ],
    [
      'of Gemini CLI, whose output leaves thoughts out',
      [
        counter('gemini_cli.token.usage', 100, { type: 'input' }),
        counter('gemini_cli.token.usage', 60, { type: 'cache' }),
        counter('gemini_cli.token.usage', 20, { type: 'output' }),
        counter('gemini_cli.token.usage', 5, { type: 'thought' }),
      ],
      { input_tokens: 100, cache_read_tokens: 60, output_tokens: 25, reasoning_tokens: 5 },
    ],
    [
      'of vLLM, under both spellings',
      [
        counter('vllm:prompt_tokens_total', 100),
        counter('vllm_generation_tokens', 20),
        counter('vllm_prompt_tokens_cached_total', 7),
      ],
      { input_tokens: 100, output_tokens: 20, cache_read_tokens: 7 },
    ],
  ])('%s', (_name, metrics, expected) => {
    expect(countsOf(metrics)).toEqual(expected);
  });

  it('said twice by one resource count once', () => {
    const twice = [
      counter('gen_ai.client.token.usage', 100, { 'gen_ai.token.type': 'input' }),
      counter('gemini_cli.token.usage', 100, { type: 'input' }),
      counter('gemini_cli.token.usage', 60, { type: 'cache' }),
    ];
    expect(countsOf(twice)).toEqual({ input_tokens: 100, cache_read_tokens: 60 });
  });

  it('of an operation that contains calls are not those of a call', () => {
    const of = (operation: string) =>
      counter('gen_ai.client.token.usage', 10, { 'gen_ai.token.type': 'input', 'gen_ai.operation.name': operation });
    expect(countsOf([of('chat'), of('invoke_agent'), of('embeddings'), of('responses')])).toEqual({ input_tokens: 30 });
  });

  it('come from sums that only grow, and from no gauge', () => {
    const { sum } = counter('vllm:prompt_tokens', 5);
    const state = { name: 'vllm:prompt_tokens', gauge: { dataPoints: [{ ...pointAt(T), asInt: '5' }] } };
    expect(contributionsOf([{ name: 'vllm:prompt_tokens', sum: { ...sum, isMonotonic: false } }])).toEqual([]);
    expect(contributionsOf([state])).toEqual([]);
  });
});

describe('money', () => {
  it('is exact to a picodollar', () => {
    const [contribution] = contributionsOf([counter('claude_code.cost.usage', 0.0009603999999999999, {}, 'USD')]);
    expect(formatDollars(contribution?.costPicodollars ?? 0n)).toBe('0.0009604');
  });
});

describe('tokens a request', () => {
  const histogram = (name: string, counts: number[], sum: number, attributes: Record<string, string> = {}) => ({
    name,
    histogram: {
      dataPoints: [
        {
          ...pointAt(T, { 'gen_ai.request.model': 'gpt-4o', ...attributes }),
          count: String(counts.reduce((all, each) => all + each, 0)),
          sum,
          bucketCounts: counts.map(String),
          explicitBounds: [100, 1_000],
        },
      ],
      aggregationTemporality: DELTA,
    },
  });
  const requestsOf = (metrics: TestMetric[]) =>
    requestTokensOf(additionsOf(metrics)).map(({ summaries: { token_usage: usage } }) => [
      usage?.count,
      usage?.sum,
      usage?.min,
      usage?.max,
    ]);
  const ofType = (type: string, counts: number[], sum: number, attributes: Record<string, string> = {}) =>
    histogram('gen_ai.client.token.usage', counts, sum, { 'gen_ai.token.type': type, ...attributes });

  it('are input and output together, the largest with the largest', () => {
    const metrics = [ofType('input', [2, 0, 1], 2 * 50 + 5_000), ofType('output', [2, 0, 1], 2 * 50 + 2_000)];
    expect(requestsOf(metrics)).toEqual([[3, 7_200, 100, 7_000]]);
  });

  it('count once however their tokens are named, those without an output too', () => {
    const input = histogram('gen_ai.client.inference.usage.input_tokens', [0, 4, 0], 2_000);
    const output = histogram('gen_ai.client.inference.usage.output_tokens', [3, 0, 0], 150);
    expect(requestsOf([input, output])).toEqual([[4, 2_150, 500, 550]]);
  });

  it('are those of one model and one time, whatever it is that counters say', () => {
    const other = ofType('output', [1, 0, 0], 70, { 'gen_ai.request.model': 'o3' });
    expect(requestsOf([ofType('input', [0, 1, 0], 400), other])).toEqual([
      [1, 400, 400, 400],
      [1, 70, 70, 70],
    ]);
    expect(requestsOf([counter('gen_ai.client.token.usage', 100, { 'gen_ai.token.type': 'input' })])).toEqual([]);
  });
});

describe('durations', () => {
  it.each([
    ['gen_ai.client.operation.duration', 'CLIENT_METRICS', 'inference_latency'],
    ['gen_ai.client.inference.duration', 'CLIENT_METRICS', 'inference_latency'],
    ['gen_ai.client.operation.time_to_first_chunk', 'CLIENT_METRICS', 'time_to_first_token'],
    ['gen_ai.invoke_agent.duration', 'CLIENT_METRICS', 'latency'],
    ['gen_ai.server.request.duration', 'SERVER_METRICS', 'inference_latency'],
    ['gen_ai.server.time_to_first_token', 'SERVER_METRICS', 'time_to_first_token'],
    ['vllm:request_queue_time_seconds', 'SERVER_METRICS', 'queue_time'],
    ['vllm_time_to_first_token_seconds', 'SERVER_METRICS', 'time_to_first_token'],
    ['vllm:e2e_request_latency_seconds', 'SERVER_METRICS', 'inference_latency'],
    ['sglang:queue_time_seconds', 'SERVER_METRICS', 'queue_time'],
    ['tgi_request_queue_duration', 'SERVER_METRICS', 'queue_time'],
  ] as const)('%s is %s %s', (name, source, measure) => {
    const [contribution] = contributionsOf([duration(name, 's')]);
    expect(contribution?.slice.source).toBe(source);
    expect(contribution?.minuteMs).toBe(Math.floor(T / MINUTE_MS) * MINUTE_MS);
    const summary = contribution?.summaries[measure];
    expect([summary?.count, summary?.sum, summary?.min, summary?.max]).toEqual([
      3,
      6_000,
      1_000,
      expect.closeTo(3_000, -2),
    ]);
    expect(contribution?.counts.decisions).toBe(0);
  });

  it.each([
    ['ms', 6],
    ['s', 6_000],
    ['us', 0.006],
    ['', 6_000],
  ])('in %s are read in milliseconds', (unit, sumMs) => {
    const [contribution] = contributionsOf([duration('gen_ai.client.operation.duration', unit)]);
    expect(contribution?.summaries.inference_latency?.sum).toBeCloseTo(sumMs, 9);
  });

  it('in a unit that is none of time say nothing', () => {
    expect(contributionsOf([duration('gen_ai.client.operation.duration', 'By')])).toEqual([]);
  });

  it('of calls that failed are errors, under their outcome', () => {
    const name = 'gen_ai.client.operation.duration';
    const seen = contributionsOf([duration(name, 's'), duration(name, 's', { 'error.type': '500' })]);
    expect(seen.map(({ slice, counts }) => [slice.labels.OUTCOME, counts.steps, counts.errors])).toEqual([
      ['SUCCESS', 3, 0],
      ['ERROR', 3, 3],
    ]);
    expect(contributionsOf([duration('vllm:e2e_request_latency_seconds', 's')])[0]?.counts.steps).toBe(0);
  });
});

describe('labels', () => {
  const resource = {
    'service.name': 'billing-svc',
    'service.version': '2.1',
    'cloud.region': 'eu-west-1',
    'deployment.environment.name': 'prod',
  };
  const labelsOf = (attributes: Record<string, string>, of = resource as Record<string, string>) =>
    contributionsOf([counter('gen_ai.client.token.usage', 1, { 'gen_ai.token.type': 'input', ...attributes })], of)[0]
      ?.slice.labels;

  it('come from the point first, then from its resource', () => {
    const attributes = {
      'gen_ai.agent.name': 'BillingAgent',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.system': 'OpenAI',
    };
    expect(labelsOf(attributes)).toMatchObject({
      AGENT: 'BillingAgent',
      MODEL: 'gpt-4o-2024-08-06',
      PROVIDER: 'openai',
      REGION: 'eu-west-1',
      ENVIRONMENT: 'prod',
      AGENT_VERSION: '2.1',
      OUTCOME: '',
    });
    expect(labelsOf({ model_name: 'meta-llama/Llama-3' })).toMatchObject({
      AGENT: 'billing-svc',
      MODEL: 'meta-llama/Llama-3',
    });
  });

  it('are bounded, since they are indexed', () => {
    expect(labelsOf({ 'gen_ai.agent.name': 'x'.repeat(10_000) })?.AGENT.length).toBeLessThan(400);
  });
});

describe('the values that stand for buckets', () => {
  const recorded = { sum: null, min: null, max: null };

  it('are geometric middles, within what is known', () => {
    const data = { kind: 'histogram' as const, count: 6, ...recorded, bounds: [1, 4, 16], counts: [1, 2, 0, 3] };
    expect(bucketsOf(data)).toEqual([
      [0.5, 1],
      [2, 2],
      [16, 3],
    ]);
    expect(bucketsOf({ ...data, min: 0.9, max: 64 })).toEqual([
      [0.9, 1],
      [2, 2],
      [32, 2],
      [64, 1],
    ]);
  });

  it('are the mean where no buckets were sent', () => {
    expect(bucketsOf({ kind: 'histogram', count: 4, ...recorded, sum: 10, bounds: [], counts: [] })).toEqual([
      [2.5, 4],
    ]);
    expect(bucketsOf({ kind: 'histogram', count: 0, ...recorded, bounds: [], counts: [] })).toEqual([]);
  });

  it('of exponential buckets lie in the middle of two powers', () => {
    const data = { kind: 'exponential' as const, count: 6, ...recorded, scale: 1, zeroCount: 2, zeroThreshold: 0 };
    const buckets = bucketsOf({
      ...data,
      positive: { offset: 2, counts: [1, 0, 2] },
      negative: { offset: 0, counts: [1] },
    });
    expect(buckets).toEqual([
      [0, 3],
      [2 ** 1.25, 1],
      [2 ** 2.25, 2],
    ]);
  });
});
