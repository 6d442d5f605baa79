import { afterAll, beforeAll, expect, test } from 'vitest';
import { importUsage } from '../../src/cost/provider/store.js';
import { NO_FIGURES, type ProviderUsage } from '../../src/cost/provider/usage.js';
import type { ProviderSetting } from '../../src/settings/settings.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

const DAY = '2026-11-22';
const openai: ProviderSetting = {
  kind: 'openai',
  name: 'openai',
  fleet: 'default',
  url: null,
  keyVariable: 'OPENAI_ADMIN_KEY',
  file: null,
  everyMs: 3_600_000,
  keys: { key_a: ['claims-*'] },
};

let fixture: GraphQLFixture;

beforeAll(async () => {
  fixture = await startGraphQL({ providers: [openai], fleets: ['other'] });
});
afterAll(() => fixture.close());

const IMPORT = `mutation ($input: ImportProviderUsageInput!) {
  importProviderUsage(input: $input) {
    __typename
    ... on ImportProviderUsageSuccess { rows }
    ... on UserError { message path code }
  }
}`;
const RECONCILE = `query ($from: DateTime!, $to: DateTime!) {
  costReconciliation(from: $from, to: $to) {
    unmonitoredUsd
    billed { costUsd } seen { costUsd } difference { costUsd }
    sources { name error }
    rows {
      day provider model modelNames agents monitored costRatio tokenRatio unpricedDecisions
      keys { apiKey figures { requests } }
      billed { requests inputTokens costUsd } seen { requests inputTokens costUsd } difference { requests inputTokens costUsd }
    }
  }
}`;
const DAYS = { from: `${DAY}T07:00:00Z`, to: `${DAY}T09:00:00Z` };

const take = async (input: object, ask = {}) => {
  const { data, errors } = await fixture.ask(IMPORT, { input }, ask);
  return data?.importProviderUsage ?? errors;
};

test('what bypasses monitoring shows up by day, model and key', async () => {
  const call = { kind: 'MODEL_CALL', name: 'chat', startedAt: `${DAY}T08:00:00Z`, durationMs: 900 };
  await record(fixture, [
    decisionInput('d-1', {
      agent: 'claims-eu',
      provider: 'openai',
      model: 'gpt-4.1',
      tokens: { input: 1_000, output: 100 },
      costUsd: 0.4,
      steps: [{ ...call, model: 'gpt-4.1', tokens: { input: 1_000, output: 100 } }],
    }),
    decisionInput('d-2', {
      agent: 'claims-us',
      provider: 'openai',
      model: 'gpt-4.1',
      tokens: { input: 500 },
      costUsd: 0.1,
    }),
    decisionInput('d-3', { agent: 'kyc', provider: 'mistral', model: 'large', tokens: { input: 500 }, costUsd: 9 }),
  ]);
  const row = (apiKey: string, requests: number, inputTokens: number, cost: bigint): ProviderUsage => ({
    ...NO_FIGURES,
    day: DAY,
    model: 'gpt-4.1-2025-04-14',
    apiKey,
    requests,
    inputTokens,
    costPicodollars: cost,
  });
  await importUsage(
    fixture.pool,
    { origin: { fleet: 'default', source: 'openai', provider: 'openai' }, importedAt: new Date() },
    [row('key_a', 2, 1_500, 500_000_000_000n), row('key_shadow', 40, 70_000, 12_250_000_000_000n)],
  );
  const { data, errors } = await fixture.ask(RECONCILE, DAYS, { role: 'VIEWER' });
  expect(errors).toBeUndefined();
  expect(data.costReconciliation).toMatchObject({
    unmonitoredUsd: 12.25,
    billed: { costUsd: 12.75 },
    seen: { costUsd: 0.5 },
    difference: { costUsd: 12.25 },
    sources: [{ name: 'openai', error: null }],
  });
  const common = { day: `${DAY}T00:00:00.000Z`, provider: 'openai', model: 'gpt-4.1' };
  expect(data.costReconciliation.rows).toMatchObject([
    {
      ...common,
      keys: [{ apiKey: 'key_shadow', figures: { requests: 40 } }],
      monitored: false,
      agents: null,
      costRatio: 0,
      difference: { requests: 40, inputTokens: 70_000, costUsd: 12.25 },
    },
    {
      ...common,
      modelNames: ['gpt-4.1', 'gpt-4.1-2025-04-14'],
      keys: [{ apiKey: 'key_a', figures: { requests: 2 } }],
      monitored: true,
      agents: ['claims-*'],
      costRatio: 1,
      billed: { requests: 2, inputTokens: 1_500, costUsd: 0.5 },
      seen: { requests: 1, inputTokens: 1_500, costUsd: 0.5 },
      difference: { requests: 1, inputTokens: 0, costUsd: 0 },
    },
  ]);
});

test('a CSV is taken whole, and again changes what it says anew', async () => {
  const csv = 'day,model,requests,cost_usd\n2026-11-22,large,3,9.5\n2026-11-21,large,1,0.1\n';
  expect(await take({ provider: 'mistral', csv })).toEqual({ __typename: 'ImportProviderUsageSuccess', rows: 2 });
  expect(await take({ provider: 'mistral', csv: 'day,model,cost_usd\n2026-11-22,large,10' })).toMatchObject({
    rows: 1,
  });
  const { data } = await fixture.ask(RECONCILE, DAYS);
  expect(
    data.costReconciliation.rows.filter(({ provider }: { provider: string }) => provider === 'mistral'),
  ).toMatchObject([
    {
      monitored: null,
      keys: [{ apiKey: null }],
      billed: { costUsd: 10 },
      seen: { costUsd: 9 },
      difference: { costUsd: 1 },
    },
  ]);
});

test('a CSV that is wrong in one place is refused whole, with the place', async () => {
  const csv = 'day,model,cost_usd\n2026-11-22,refused,1\n2026-11-22,also,one\n';
  expect(await take({ provider: 'cohere', csv })).toEqual({
    __typename: 'ValidationError',
    message: 'line 3, column "cost_usd": "one" is not an amount in dollars such as 12.5',
    path: ['csv', '3', 'cost_usd'],
    code: 'VALIDATION_FAILED',
  });
  const { rows } = await fixture.pool.query("SELECT 1 FROM provider_usage WHERE provider = 'cohere'");
  expect(rows).toEqual([]);
});

test('a name that is none, a provider that is pulled and a caller who may not are refused', async () => {
  const csv = 'day,model,cost_usd\n2026-11-22,m,1\n';
  expect(await take({ provider: 'no such/name', csv })).toMatchObject({
    __typename: 'ValidationError',
    path: ['provider'],
  });
  expect(await take({ provider: 'openai', csv })).toMatchObject({ __typename: 'ConflictError', path: ['provider'] });
  expect(await take({ provider: 'cohere', csv }, { role: 'OPERATOR' })).toMatchObject({ __typename: 'ForbiddenError' });
});

test('nothing of another fleet is in it', async () => {
  const { data } = await fixture.ask(RECONCILE, DAYS, { fleet: 'other' });
  expect(data.costReconciliation).toMatchObject({
    rows: [],
    sources: [],
    unmonitoredUsd: 0,
    billed: { costUsd: null },
  });
});

test.each([
  [{ from: DAYS.to, to: DAYS.from }, 'from must be before to'],
  [{ from: '2026-01-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }, '334 days are too many'],
])('%j is refused', async (range, message) => {
  const { errors } = await fixture.ask(RECONCILE, range);
  expect(errors?.[0]).toMatchObject({
    message: expect.stringContaining(message),
    extensions: { code: 'VALIDATION_FAILED' },
  });
});
