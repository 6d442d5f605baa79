import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compactRollups } from '../../src/metric/compact.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
const DAY = '(from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z")';

beforeAll(async () => {
  api = await startGraphQL();
  await record(api, [
    decisionInput('p1', { agent: 'router', region: 'eu', requestType: 'claim', traceId: 't1' }),
    decisionInput('c1', {
      agent: 'pricing',
      region: 'us',
      requestType: 'claim',
      traceId: 't1',
      parentId: 'p1',
      costUsd: 0.5,
    }),
    decisionInput('p2', { agent: 'router', region: 'eu', requestType: 'claim', minute: 1 }),
    decisionInput('c2', {
      agent: 'pricing',
      region: 'us',
      requestType: 'claim',
      parentId: 'p2',
      minute: 1,
      outcome: 'ERROR',
    }),
    decisionInput('q1', { agent: 'router', region: 'eu', requestType: 'question', minute: 2 }),
  ]);
  // The child is recorded before its parent, and the parent after a compaction.
  await record(api, [decisionInput('c3', { agent: 'fraud', parentId: 'p3', minute: 3 })]);
  await compactRollups(api.database.recorderPool);
  await record(api, [decisionInput('p3', { agent: 'pricing', region: 'us', requestType: 'claim', minute: 3 })]);
  await record(api, [decisionInput('old', { agent: 'retired', minute: -60 * 24 * 3 })]);
});
afterAll(() => api.close());

describe('the fleet', () => {
  it('says which agents take which requests', async () => {
    const { data, errors } = await api.ask(
      `{ fleet { routes${DAY} { agent requestType share stats { decisions errorRate } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.fleet.routes).toHaveLength(4);
    expect(data.fleet.routes).toEqual(
      expect.arrayContaining([
        { agent: 'router', requestType: 'claim', share: 0.4, stats: { decisions: 2, errorRate: 0 } },
        { agent: 'router', requestType: 'question', share: 1, stats: { decisions: 1, errorRate: 0 } },
        { agent: 'pricing', requestType: 'claim', share: 0.6, stats: { decisions: 3, errorRate: 1 / 3 } },
        { agent: 'fraud', requestType: '', share: 1, stats: { decisions: 1, errorRate: 0 } },
      ]),
    );
  });

  it('says how the work is spread and who is idle', async () => {
    const { data } = await api.ask(
      `{ fleet { load${DAY} { decisions skew idle agents { name decisions share busyMs } regions { name share } } } }`,
    );
    expect(data.fleet.load).toMatchObject({ decisions: 7, idle: ['retired'] });
    expect(data.fleet.load.agents).toEqual([
      { name: 'pricing', decisions: 3, share: 3 / 7, busyMs: 4_500 },
      { name: 'router', decisions: 3, share: 3 / 7, busyMs: 4_500 },
      { name: 'fraud', decisions: 1, share: 1 / 7, busyMs: 1_500 },
    ]);
    expect(data.fleet.load.regions.map(({ name }: { name: string }) => name)).toEqual(['eu', 'us', '']);
    expect(data.fleet.load.skew).toBeCloseTo(0.393, 2);
  });

  it('draws who calls whom, whichever side was recorded first', async () => {
    const { data } = await api.ask(
      `{ fleet { callGraph${DAY} { agents calls { caller callee calls errors errorRate costUsd latencyMs { count p95 } } } } }`,
    );
    expect(data.fleet.callGraph).toEqual({
      agents: ['fraud', 'pricing', 'router'],
      calls: [
        {
          caller: 'router',
          callee: 'pricing',
          calls: 2,
          errors: 1,
          errorRate: 0.5,
          costUsd: 0.5,
          latencyMs: { count: 2, p95: 1_500 },
        },
        {
          caller: 'pricing',
          callee: 'fraud',
          calls: 1,
          errors: 0,
          errorRate: 0,
          costUsd: 0,
          latencyMs: { count: 1, p95: 1_500 },
        },
      ],
    });
  });

  it('refuses a window that ends before it begins', async () => {
    const { errors } = await api.ask(
      '{ fleet { load(from: "2026-11-23T00:00:00Z", to: "2026-11-22T00:00:00Z") { skew } } }',
    );
    expect(errors?.[0]?.extensions.code).toBe('VALIDATION_FAILED');
  });

  it('folds what is beyond the bound on cardinality, and answers a filter on it from the decisions', async () => {
    const many = Array.from({ length: 520 }, (_, index) =>
      decisionInput(`s${index}`, {
        agent: 'crowded',
        customerSegment: `segment-${String(index).padStart(3, '0')}`,
        minute: 60 * 24,
      }),
    );
    await record(api, many);
    const range = 'from: "2026-11-23T00:00:00Z", to: "2026-11-24T00:00:00Z"';
    const { data, errors } = await api.ask(`{
      folded: metrics(query: { metric: DECISIONS, statistic: SUM, ${range}, groupBy: [CUSTOMER_SEGMENT] }) { labels { value isFolded } value }
      one: metrics(query: { metric: DECISIONS, statistic: SUM, ${range}, filter: { customerSegments: ["segment-519"] } }) { value }
    }`);
    expect(errors).toBeUndefined();
    expect(data.folded).toHaveLength(501);
    expect(data.folded[0]).toEqual({ labels: [{ value: 'other', isFolded: true }], value: 20 });
    expect(data.one).toEqual([{ value: 1 }]);
  });
});
