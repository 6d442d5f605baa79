import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type ProviderServer, startProvider } from '../support/provider-server.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const KEY = 'sk-admin-s3cr3t-0f-the-house';
const DAY_MS = 86_400_000;
/** Within what the first pull reaches, wherever midnight falls. */
const YESTERDAY = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);

let database: TestDatabase;
let provider: ProviderServer;
let server: TestServer;
let folder: string;

beforeAll(async () => {
  database = await createDatabase();
  provider = await startProvider({ key: KEY });
  const used = { input_tokens: 1_000, output_tokens: 100, num_model_requests: 3 };
  const cost = '{"amount":{"value":1.25,"currency":"usd"},"line_item":"gpt-4.1, input","api_key_id":"key_shadow"}';
  provider.reports = {
    '/v1/organization/usage/completions': { [YESTERDAY]: [{ ...used, model: 'gpt-4.1', api_key_id: 'key_shadow' }] },
    '/v1/organization/costs': { [YESTERDAY]: [cost] },
  };
  folder = mkdtempSync(path.join(tmpdir(), 'midwatch-providers-'));
  writeFileSync(
    path.join(folder, 'midwatch.yaml'),
    [
      'agent_monitoring:',
      '  providers:',
      '    - kind: openai',
      `      url: ${provider.url}`,
      '      key_env: OPENAI_ADMIN_KEY',
      '      keys: {key_claims: [claims-*]}',
      '',
    ].join('\n'),
  );
  server = await startServer({ databaseUrl: database.url, env: environment(KEY) });
});
afterAll(async () => {
  await server?.stop();
  await provider.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

function environment(key: string): Record<string, string> {
  return {
    MIDWATCH_CONFIG: path.join(folder, 'midwatch.yaml'),
    MIDWATCH_LOG_LEVEL: 'trace',
    OPENAI_ADMIN_KEY: key,
  };
}

const QUERY = `query ($from: DateTime!, $to: DateTime!) {
  costReconciliation(from: $from, to: $to) {
    unmonitoredUsd sources { name pulledAt error }
    rows { provider model monitored keys { apiKey } difference { requests costUsd } }
  }
}`;

async function reconcile() {
  const range = { from: `${YESTERDAY}T00:00:00Z`, to: new Date(Date.parse(YESTERDAY) + DAY_MS).toISOString() };
  // biome-ignore lint/suspicious/noExplicitAny: answers are read freely in tests
  const { data } = await server.graphql<any>(QUERY, range);
  return data.costReconciliation;
}

async function midwatch(args: readonly string[], key = KEY): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/midwatch.js'), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: folder, ...environment(key) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

test('a server with a provider in its settings pulls, compares and tells nobody the key', async () => {
  const answer = await until(async () => {
    const found = await reconcile();
    return found.sources[0]?.pulledAt && found;
  });
  expect(answer).toMatchObject({
    unmonitoredUsd: 1.25,
    sources: [{ name: 'openai', error: null }],
    rows: [
      {
        provider: 'openai',
        model: 'gpt-4.1',
        monitored: false,
        keys: [{ apiKey: 'key_shadow' }],
        difference: { requests: 3, costUsd: 1.25 },
      },
    ],
  });
  expect(server.stderr()).toContain("pulled a provider's figures");
  expect(server.stderr() + server.stdout()).not.toContain(KEY);
});

test('the command line pulls at once, and says why it cannot', async () => {
  expect(await midwatch(['providers', 'pull'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('openai: 1 rows'),
  });
  const refused = await midwatch(['providers', 'pull', '--provider', 'openai'], 'sk-not-the-one');
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringContaining('401: the key in OPENAI_ADMIN_KEY is refused'),
  });
  expect(refused.output).not.toContain('sk-not-the-one');
  expect((await reconcile()).sources[0].error).toContain('401');
  expect(await midwatch(['providers', 'pull', '--provider', 'none'])).toMatchObject({ code: 2 });
});

test('the command line imports a file, whole or not at all', async () => {
  const file = path.join(folder, 'bedrock.csv');
  writeFileSync(file, `day,model,cost_usd\n${YESTERDAY},large,2\n${YESTERDAY},small,x\n`);
  const args = ['providers', 'import', file, '--provider', 'aws.bedrock'];
  expect(await midwatch(args)).toMatchObject({ code: 2, output: expect.stringContaining('line 3, column "cost_usd"') });
  writeFileSync(file, `day,model,cost_usd\n${YESTERDAY},large,2\n`);
  expect(await midwatch(args)).toMatchObject({
    code: 0,
    output: expect.stringContaining('took 1 rows of aws.bedrock'),
  });
  expect(await midwatch([...args, '--fleet', 'nowhere'])).toMatchObject({ code: 1 });
  expect(await reconcile()).toMatchObject({ unmonitoredUsd: 3.25 });
});

test('a server that waits for its next pull stops at once', async () => {
  const startedMs = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - startedMs).toBeLessThan(5_000);
});
