import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { pullProvider } from '../../src/cost/provider/pull.js';
import { ProviderSchedule } from '../../src/cost/provider/schedule.js';
import { findCursor, listCursors, readProviderUsage } from '../../src/cost/provider/store.js';
import type { ProviderSetting } from '../../src/settings/settings.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type ProviderServer, startProvider } from '../support/provider-server.js';
import { until } from '../support/wait.js';

const KEY = 'sk-admin-s3cr3t-0f-the-house';
const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const OPENAI_USAGE = '/v1/organization/usage/completions';
const OPENAI_COSTS = '/v1/organization/costs';
const ANTHROPIC_USAGE = '/v1/organizations/usage_report/messages';
const ANTHROPIC_COSTS = '/v1/organizations/cost_report';

let database: TestDatabase;
let provider: ProviderServer;
let pausesMs: number[];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  provider = await startProvider({ key: KEY });
  pausesMs = [];
  await database.pool.query('DELETE FROM provider_usage');
  await database.asSuperuser('DELETE FROM provider_cursor');
});
afterEach(() => provider.close());

function setting(over: Partial<ProviderSetting> = {}): ProviderSetting {
  return {
    kind: 'openai',
    name: 'openai',
    fleet: 'default',
    url: provider.url,
    keyVariable: 'OPENAI_ADMIN_KEY',
    file: null,
    everyMs: 3_600_000,
    keys: {},
    ...over,
  };
}

const options = (nowMs = NOW) => ({
  pool: database.pool,
  clock: { now: () => nowMs },
  secretOf: (variable: string) => (variable === 'OPENAI_ADMIN_KEY' ? KEY : undefined),
  signal: new AbortController().signal,
  pause: async (durationMs: number) => {
    pausesMs.push(durationMs);
  },
});

const usageResult = (over: object = {}) => ({
  object: 'organization.usage.completions.result',
  model: 'gpt-4.1-2025-04-14',
  api_key_id: 'key_a',
  num_model_requests: 5,
  input_tokens: 1_000,
  input_cached_tokens: 400,
  output_tokens: 500,
  ...over,
});
const costResult = (value: string, lineItem: string | null, apiKey: string | null = 'key_a') =>
  `{"object":"organization.costs.result","amount":{"value":${value},"currency":"usd"},` +
  `"line_item":${JSON.stringify(lineItem)},"api_key_id":${JSON.stringify(apiKey)}}`;

const figures = () => readProviderUsage(database.pool, 'default', { from: '2026-01-01', until: '2027-01-01' });
const errorOf = async () => (await findCursor(database.pool, { fleet: 'default', source: 'openai' }))?.error;

test("OpenAI's usage and costs come page by page, exact, by day, model and key", async () => {
  await provider.close();
  provider = await startProvider({ key: KEY, daysAPage: 10 });
  provider.reports = {
    [OPENAI_USAGE]: { '2026-10-20': [usageResult()], '2026-11-24': [usageResult(), usageResult({ api_key_id: null })] },
    [OPENAI_COSTS]: {
      '2026-10-20': [
        costResult('0.1000000000000000055', 'gpt-4.1-2025-04-14, input'),
        costResult('"2E-7"', 'gpt-4.1-2025-04-14, output'),
        costResult('0.3', 'Web search tool calls'),
      ],
      '2026-11-24': [costResult('12.50', 'Text tokens', null)],
    },
  };
  await pullProvider(setting(), options());
  const rows = (await figures()).map(({ day, model, apiKey, requests, inputTokens, costPicodollars }) =>
    [day, model, apiKey, requests, inputTokens, costPicodollars].join(' '),
  );
  expect(rows).toEqual([
    '2026-10-20 * key_a   300000000000',
    '2026-10-20 gpt-4.1-2025-04-14 key_a 5 1000 100000200000',
    '2026-11-24 * *   12500000000000',
    '2026-11-24 gpt-4.1-2025-04-14  5 1000 ',
    '2026-11-24 gpt-4.1-2025-04-14 key_a 5 1000 ',
  ]);
  expect(provider.requests.filter(({ path: of }) => of === OPENAI_USAGE)).toHaveLength(4);
  expect(provider.requests[0]?.query.getAll('group_by')).toEqual(['model', 'api_key_id']);
  expect(provider.requests[0]?.query.get('start_time')).toBe(String(Date.parse('2026-10-20') / 1_000));
  expect(await findCursor(database.pool, { fleet: 'default', source: 'openai' })).toEqual({
    source: 'openai',
    settledUntil: '2026-11-25',
    pulledAt: new Date(NOW),
    error: null,
  });
});

test("Anthropic's usage counts every input token and its costs are cents", async () => {
  const usage = {
    uncached_input_tokens: 1_500,
    cache_creation: { ephemeral_1h_input_tokens: 1_000, ephemeral_5m_input_tokens: 500 },
    cache_read_input_tokens: 200,
    output_tokens: 500,
    server_tool_use: { web_search_requests: 10 },
    model: 'claude-sonnet-4-20250514',
    api_key_id: 'apikey_01',
    service_tier: null,
    context_window: null,
    workspace_id: null,
  };
  const cost = { amount: '123.78912', currency: 'USD', model: 'claude-sonnet-4-20250514', cost_type: 'tokens' };
  provider.reports = {
    [ANTHROPIC_USAGE]: { '2026-11-20': [usage] },
    [ANTHROPIC_COSTS]: {
      '2026-11-20': [
        cost,
        { ...cost, amount: '0.21088' },
        { ...cost, amount: '10', model: null, cost_type: 'web_search' },
      ],
    },
  };
  const anthropic = setting({ kind: 'anthropic', name: 'claude' });
  await pullProvider(anthropic, options());
  const row = { provider: 'anthropic', day: '2026-11-20', requests: null };
  const none = { inputTokens: null, outputTokens: null, cacheReadTokens: null, cacheWriteTokens: null };
  expect(await figures()).toEqual([
    { ...row, ...none, model: '*', apiKey: '*', costPicodollars: 100_000_000_000n },
    { ...row, ...none, model: 'claude-sonnet-4-20250514', apiKey: '*', costPicodollars: 1_240_000_000_000n },
    {
      ...row,
      model: 'claude-sonnet-4-20250514',
      apiKey: 'apikey_01',
      inputTokens: 3_200,
      outputTokens: 500,
      cacheReadTokens: 200,
      cacheWriteTokens: 1_500,
      costPicodollars: null,
    },
  ]);
  expect(provider.requests[0]?.headers['anthropic-version']).toBe('2023-06-01');
  expect(provider.requests[0]?.query.getAll('group_by[]')).toEqual(['model', 'api_key_id']);
  expect(provider.requests.filter(({ path: of }) => of === ANTHROPIC_USAGE)).toHaveLength(2);
});

test('the next pull takes the last days again, and what the provider took back is gone', async () => {
  provider.reports = {
    [OPENAI_USAGE]: {
      '2026-11-10': [usageResult()],
      '2026-11-23': [usageResult(), usageResult({ model: 'mistaken' })],
    },
    [OPENAI_COSTS]: {},
  };
  await pullProvider(setting(), options());
  provider.reports = {
    [OPENAI_USAGE]: { '2026-11-10': [], '2026-11-23': [usageResult({ num_model_requests: 7 })] },
    [OPENAI_COSTS]: {},
  };
  await pullProvider(setting(), options(NOW + 86_400_000));
  expect((await figures()).map(({ day, model, requests }) => [day, model, requests])).toEqual([
    ['2026-11-10', 'gpt-4.1-2025-04-14', 5],
    ['2026-11-23', 'gpt-4.1-2025-04-14', 7],
  ]);
});

test('429 waits as long as it is told and 500 ever longer, and then it works', async () => {
  provider.reports = { [OPENAI_USAGE]: { '2026-11-20': [usageResult()] }, [OPENAI_COSTS]: {} };
  provider.faults.push({ status: 429, headers: { 'retry-after': '7' } }, { status: 500 }, { status: 503 });
  await pullProvider(setting(), options());
  expect(pausesMs[0]).toBe(7_000);
  expect(pausesMs[2]).toBeGreaterThan(pausesMs[1] ?? Number.POSITIVE_INFINITY);
  expect(await figures()).toHaveLength(1);
});

test.each([
  [
    [{ status: 401, body: `{"error":{"message":"no such key: ${KEY}"}}` }],
    '401: the key in OPENAI_ADMIN_KEY is refused',
  ],
  [[{ status: 403 }], '403: the key in OPENAI_ADMIN_KEY is refused'],
  [[{ status: 302, headers: { location: 'http://169.254.169.254/' } }], '302: a redirect, which is not followed'],
  [[{ status: 404 }], 'status 404'],
  [Array.from({ length: 5 }, () => ({ status: 502 })), 'status 502'],
  [[{ status: 429, headers: { 'retry-after': '86400' } }], 'status 429'],
  [[{ status: 200, body: '<html>' }], 'the answer is not JSON'],
  [[{ status: 200, body: '{"data":[]}' }], 'not as documented: has_more'],
  [
    [{ status: 200, body: '{"data":[{"start_time":1.5,"results":[]}],"has_more":false}' }],
    'not as documented: data.0.start_time',
  ],
  [
    [{ status: 200, body: '{"data":[{"start_time":0,"results":[]}],"has_more":false}' }],
    'a bucket is not one of the days',
  ],
  [[{ status: 200, body: '{"data":[],"has_more":true,"next_page":null}' }], 'has_more without a new next_page'],
  [
    [1, 2].map(() => ({ status: 200, body: '{"data":[],"has_more":true,"next_page":"same"}' })),
    'has_more without a new next_page',
  ],
])('%#: what cannot be read is named, and changes nothing', async (faults, message) => {
  provider.reports = { [OPENAI_USAGE]: { '2026-11-20': [usageResult()] }, [OPENAI_COSTS]: {} };
  await pullProvider(setting(), options());
  provider.faults.push(...faults);
  const error: unknown = await pullProvider(setting(), options()).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(message) });
  expect(String(error)).not.toContain(KEY);
  expect(await figures()).toHaveLength(1);
});

test('a currency that is not the dollar is refused', async () => {
  provider.reports = {
    [OPENAI_USAGE]: {},
    [OPENAI_COSTS]: { '2026-11-20': [{ amount: { value: 1, currency: 'eur' }, line_item: null }] },
  };
  await expect(pullProvider(setting(), options())).rejects.toThrow('amount.currency: must be usd');
});

test.each([
  [{ keyVariable: 'MISSING_KEY' }, 'MISSING_KEY with its admin key is not set'],
  [{ url: 'file:///etc/passwd' }, 'url must be one such as'],
  [{ url: 'https://user:secret@api.example.com' }, 'url must be one such as'],
] as const)('%j cannot be pulled', async (over, message) => {
  await expect(pullProvider(setting(over), options())).rejects.toThrow(message);
});

test('a provider that is away is asked five times', async () => {
  await provider.close();
  await expect(pullProvider(setting(), options())).rejects.toThrow('the connection failed (ECONNREFUSED)');
  expect(pausesMs).toHaveLength(4);
});

test('a key that is no header is refused before anyone quotes it', async () => {
  const secretOf = () => `${KEY}\nx`;
  const error: unknown = await pullProvider(setting(), { ...options(), secretOf }).catch((cause: unknown) => cause);
  expect(String(error)).toContain('what is in OPENAI_ADMIN_KEY is not a key');
  expect(String(error)).not.toContain(KEY);
});

test('the schedule pulls what is due, keeps why it could not and never logs the key', async () => {
  let lines = '';
  const log = pino(
    { level: 'trace' },
    new Writable({
      write: (chunk, _encoding, done) => {
        lines += chunk;
        done();
      },
    }),
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'midwatch-csv-'));
  const file = path.join(folder, 'usage.csv');
  writeFileSync(file, 'day,model,cost_usd\n2026-11-20,m,1\n');
  const providers = [
    setting({ url: `${provider.url}/v1/` }),
    setting({ kind: 'anthropic', name: 'claude', everyMs: 1 }),
    setting({ kind: 'csv', name: 'aws.bedrock', file, keyVariable: null, everyMs: 1 }),
  ];
  provider.reports = { [OPENAI_USAGE]: { '2026-11-20': [usageResult()] }, [OPENAI_COSTS]: {} };
  const { signal: _signal, ...rest } = options();
  // Its days begin again and again, so that everything is always due.
  let nowMs = NOW;
  const schedule = new ProviderSchedule({ ...rest, clock: { now: () => (nowMs += 10) }, providers, log });
  schedule.start();
  try {
    const cursors = await until(async () => {
      const all = await listCursors(database.pool, 'default');
      return all.length === 3 && all;
    });
    expect(cursors.map(({ source, error }) => [source, error])).toEqual([
      ['aws.bedrock', null],
      ['claude', expect.stringContaining(`${ANTHROPIC_USAGE}: status 404`)],
      ['openai', null],
    ]);
    expect((await figures()).map(({ provider: of, model }) => `${of} ${model}`)).toEqual([
      'aws.bedrock m',
      'openai gpt-4.1-2025-04-14',
    ]);
    writeFileSync(file, 'day,model,cost_usd\n2026-11-20,m,not money\n');
    const error = await until(
      async () => (await findCursor(database.pool, { fleet: 'default', source: 'aws.bedrock' }))?.error,
    );
    expect(error).toContain('usage.csv: line 2, column "cost_usd"');
    await until(() => provider.requests.filter(({ path: of }) => of === ANTHROPIC_USAGE).length > 2);
  } finally {
    await schedule.stop();
    rmSync(folder, { recursive: true });
  }
  const seen = provider.requests.length;
  expect(lines.match(/status 404/g)).toHaveLength(1);
  expect(lines).toContain("pulled a provider's figures");
  expect(lines).not.toContain(KEY);
  expect(provider.requests).toHaveLength(seen);
});

test('a refused key is kept as an error, without the key', async () => {
  const log = pino({ level: 'silent' });
  const { signal: _signal, ...rest } = options();
  const schedule = new ProviderSchedule({ ...rest, secretOf: () => 'sk-wrong', providers: [setting()], log });
  schedule.start();
  await until(errorOf);
  await schedule.stop();
  expect(await errorOf()).toContain('401: the key in OPENAI_ADMIN_KEY is refused');
  expect(await errorOf()).not.toContain('sk-wrong');
});
