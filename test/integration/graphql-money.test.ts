import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPriceBook } from '../../src/cost/prices.js';
import type { OwnPrice } from '../../src/settings/settings.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
beforeAll(async () => {
  api = await startGraphQL({ fleets: ['mixed'], priceOf: createPriceBook([price('cheap', '1'), price('dear', '50')]) });
});
afterAll(() => api.close());

/** Dollars per million tokens, in as out. */
function price(model: string, perMillion: string): OwnPrice {
  const rates = { input: perMillion, output: perMillion, cacheRead: null, cacheWrite: null, reasoning: null };
  return { model, provider: 'acme', validFromMs: Number.NEGATIVE_INFINITY, ...rates };
}

const RANGE = 'from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z"';

describe('the cost of a trace', () => {
  it('is added exactly: no float in between', async () => {
    const costs = [0.1, 0.2, 0.3];
    await record(
      api,
      costs.map((costUsd, n) => decisionInput(`exact-${n}`, { traceId: 'exact', costUsd })),
    );
    const { data } = await api.ask('{ trace(traceId: "exact") { costUsd unpricedDecisions } }');
    expect(data.trace).toEqual({ costUsd: 0.6, unpricedDecisions: 0 });
    expect(costs.reduce((sum, cost) => sum + cost, 0)).not.toBe(0.6);
  });

  it('tells how many of its decisions it lacks: those that used tokens and have no price', async () => {
    await record(api, [
      decisionInput('part-1', { traceId: 'part', costUsd: 0.5 }),
      decisionInput('part-2', { traceId: 'part', model: 'nobody-knows', tokens: { input: 5 } }),
      decisionInput('part-3', { traceId: 'part' }),
    ]);
    const { data } = await api.ask('{ trace(traceId: "part") { costUsd unpricedDecisions } }');
    expect(data.trace).toEqual({ costUsd: 0.5, unpricedDecisions: 1 });
  });

  it('is unknown when no decision of it has a cost', async () => {
    await record(api, [decisionInput('none-1', { traceId: 'none', model: 'nobody-knows', tokens: { input: 5 } })]);
    const { data } = await api.ask('{ trace(traceId: "none") { costUsd unpricedDecisions } }');
    expect(data.trace).toEqual({ costUsd: null, unpricedDecisions: 1 });
  });
});

describe('the cost of a decision', () => {
  it.each([0.1, 1 / 3, 123_456_789.123_456_7, 1e-12, 0.30000000000000004])(
    'is the float nearest to the decimal: %d',
    async (costUsd) => {
      const id = `nearest-${costUsd}`;
      await record(api, [decisionInput(id, { costUsd })]);
      const { data } = await api.ask('query ($id: ID!) { decision(id: $id) { costUsd } }', { id });
      const { rows } = await api.pool.query('SELECT cost_usd::text AS cost FROM decision WHERE id = $1', [id]);
      expect(data.decision.costUsd).toBe(Number(rows[0].cost));
      // Twelve decimals are kept.
      expect(data.decision.costUsd).toBe(Number(costUsd.toFixed(12)));
    },
  );
});

describe('calls that are recorded', () => {
  it('are timed where they are calls of a model, and nothing else is', async () => {
    const step = (kind: string, durationMs: number) => ({
      kind,
      name: 'a step',
      startedAt: '2026-11-22T08:00:00Z',
      durationMs,
      tokens: { input: 5 },
    });
    const steps = [step('MODEL_CALL', 120), step('RETRIEVAL', 7_000), step('MODEL_CALL', 80)];
    await record(api, [decisionInput('timed', { agent: 'timed', model: 'timed', steps })]);
    const { data } = await api.ask(`{ metrics(query: {
      metric: INFERENCE_LATENCY, statistic: SUM, ${RANGE}, filter: { agents: ["timed"] } }) { value } }`);
    expect(data.metrics).toEqual([{ value: 200 }]);
  });
});

describe('a decision that calls several models', () => {
  const step = (model: string, input: number, durationMs: number) => ({
    kind: 'MODEL_CALL',
    name: 'chat',
    startedAt: '2026-11-22T08:00:00Z',
    durationMs,
    model,
    tokens: { input, output: 0 },
  });
  const sum = async (metric: string, rest: string) => {
    const { data, errors } = await api.ask(
      `{ metrics(query: { metric: ${metric}, statistic: SUM, ${rest} }) { labels { value } value } }`,
      {},
      { fleet: 'mixed' },
    );
    expect(errors).toBeUndefined();
    return Object.fromEntries(
      data.metrics.map(({ labels, value }: { labels: { value: string }[]; value: number }) => [
        labels.map((label) => label.value).join(),
        value,
      ]),
    );
  };
  // From the rollups, and cut off in the middle of a minute from the decisions themselves.
  const ranges = [RANGE, 'from: "2026-11-22T07:59:30Z", to: "2026-11-22T08:00:30Z"'];

  it('shares its tokens, its cost and its calls among them; the decision is the answering model’s', async () => {
    const steps = [step('dear', 100_000, 4_000), step('cheap', 1_000, 300), step('cheap', 1_000, 200)];
    await record(api, [decisionInput('mixed', { agent: 'mixer', provider: 'acme', model: 'cheap', steps })], {
      fleet: 'mixed',
    });
    for (const range of ranges) {
      expect(await sum('COST', `${range}, groupBy: [MODEL]`)).toEqual({ dear: 5, cheap: 0.002 });
      expect(await sum('TOKEN_USAGE', `${range}, groupBy: [MODEL]`)).toEqual({ dear: 100_000, cheap: 2_000 });
      expect(await sum('INFERENCE_LATENCY', `${range}, groupBy: [MODEL]`)).toEqual({ dear: 4_000, cheap: 500 });
      expect(await sum('DECISIONS', `${range}, groupBy: [MODEL]`)).toMatchObject({ cheap: 1 });
      expect(await sum('COST', `${range}, filter: { models: ["dear"] }`)).toEqual({ '': 5 });
      expect(await sum('DECISIONS', `${range}, filter: { models: ["dear"] }`)).toEqual({ '': 0 });
      expect(await sum('COST', range)).toEqual({ '': 5.002 });
      expect(await sum('DECISIONS', range)).toEqual({ '': 1 });
    }
  });

  it('is unpriced with the model that has no price, and not with the others', async () => {
    const steps = [step('dear', 1_000, 4_000), step('nobody-knows', 70, 300)];
    await record(api, [decisionInput('half', { agent: 'half', provider: 'acme', model: 'dear', steps })], {
      fleet: 'mixed',
    });
    const { data } = await api.ask(`{ unpricedModels(${RANGE}) { model decisions tokens } }`, {}, { fleet: 'mixed' });
    expect(data.unpricedModels).toEqual([{ model: 'nobody-knows', decisions: 1, tokens: 70 }]);
  });
});

describe('models without a price', () => {
  it('are listed with what they used, the most tokens first, and never those whose cost is stated', async () => {
    const used = (model: string | null, input: number) => ({ model, provider: 'acme', tokens: { input, output: 1 } });
    await record(
      api,
      [
        decisionInput('small-1', used('small', 10)),
        decisionInput('small-2', used('small', 20)),
        decisionInput('large-1', used('large', 1_000)),
        decisionInput('large-2', { ...used('large', 7_777), costUsd: 1 }),
        decisionInput('stated', { ...used('stated', 7_777), costUsd: 1 }),
        decisionInput('idle', { model: 'idle' }),
        decisionInput('nameless', { tokens: { input: 3 } }),
      ],
      { fleet: 'default' },
    );
    const { data } = await api.ask(`{ unpricedModels(${RANGE}) { provider model decisions tokens } }`);
    expect(data.unpricedModels.filter(({ provider }: { provider: string }) => provider === 'acme')).toEqual([
      { provider: 'acme', model: 'large', decisions: 1, tokens: 1_001 },
      { provider: 'acme', model: 'small', decisions: 2, tokens: 32 },
    ]);
    expect(data.unpricedModels).toContainEqual({ provider: '', model: '', decisions: 1, tokens: 3 });
  });

  it('of a range that is none are an error that says so', async () => {
    const { errors } = await api.ask(
      '{ unpricedModels(from: "2026-11-23T00:00:00Z", to: "2026-11-22T00:00:00Z") { model } }',
    );
    expect(errors).toMatchObject([{ extensions: { code: 'VALIDATION_FAILED' } }]);
  });
});
