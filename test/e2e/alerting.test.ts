import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { socketUrl, untilSubscribed } from '../support/live.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type ReceiverServer, startReceiver } from '../support/receiver-server.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const SECRET_BYTES = Buffer.from('0123456789abcdef0123456789abcdef');
/** The three rules that are handed out with the configuration. */
const RULES = `
    - condition: token_usage > 5000
      severity: warning
    - condition: decision_latency_p95 > 2s
      severity: critical
    - condition: tool_invocation_success_rate < 0.95
      severity: warning`;

let directory: string;
let database: TestDatabase;
let receiver: ReceiverServer;
let server: TestServer;
const settingsFile = () => path.join(directory, 'midwatch.yaml');

function writeSettings(rules: string): void {
  writeFileSync(
    settingsFile(),
    `agent_monitoring:
  alerting:${rules}
  notifications:
    receivers:
      - name: hook
        webhook: {url: "${receiver.url}/hook", secret_env: HOOK_SECRET, allow_private_addresses: true}
    routes:
      - receivers: [hook]
        group_wait: 0s
        group_interval: 1s
    heartbeat: {url: "${receiver.url}/heartbeat", every: 1s}
`,
  );
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'midwatch-alerting-'));
  database = await createDatabase(inject('postgresUrl'));
  receiver = await startReceiver();
  writeSettings(RULES);
  server = await startServer({
    databaseUrl: database.url,
    env: { MIDWATCH_CONFIG: settingsFile(), HOOK_SECRET: `whsec_${SECRET_BYTES.toString('base64')}` },
  });
});
afterAll(async () => {
  await server.stop();
  await receiver.close();
  await database.drop();
  rmSync(directory, { recursive: true });
});

interface SeenAlert {
  id: string;
  changeId: string;
  ruleName: string;
  state: string;
  severity: string;
  agent: { name: string };
  decisions: { id: string }[];
}
const FIELDS = 'id changeId ruleName state severity agent { name } decisions { id }';

async function follow(after: string | null, seen: SeenAlert[]): Promise<() => void> {
  const client = createClient({
    url: socketUrl(server),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${await server.token(['VIEWER'])}`, 'x-fleet-id': 'default' },
  });
  client.subscribe<{ alertChanged: SeenAlert }>(
    { query: `subscription ($after: ID) { alertChanged(after: $after) { ${FIELDS} } }`, variables: { after } },
    {
      next: ({ data }) => data && seen.push(data.alertChanged),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return () => void client.dispose();
}

/** A decision that every rule is about: many tokens, slow, and its tool failed. */
async function recordBadDecision(): Promise<void> {
  const startedAt = new Date(Date.now() - 4_000).toISOString();
  const endedAt = new Date(Date.now() - 500).toISOString();
  const step = { kind: 'TOOL_CALL', name: 'look_up', toolName: 'look_up', startedAt, durationMs: 5, outcome: 'ERROR' };
  const decision = {
    id: 'bad',
    agent: 'claims',
    startedAt,
    endedAt,
    tokens: { input: 9_000, output: 10 },
    steps: [step],
  };
  const { data } = await server.graphql<{ recordDecisions: { __typename: string } }>(
    'mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { __typename } }',
    { input: { decisions: [decision] } },
  );
  expect(data.recordDecisions.__typename).toBe('RecordDecisionsSuccess');
}

const hooks = () => receiver.requests.filter(({ path: each }) => each === '/hook');
const told = (type: string) =>
  hooks().flatMap(({ body }) => (body.type === type ? body.data.alerts.map(({ rule }: { rule: string }) => rule) : []));
const NAMES = ['decision_latency_p95 > 2s', 'token_usage > 5000', 'tool_invocation_success_rate < 0.95'];

describe('rules of midwatch.yaml', () => {
  const seen: SeenAlert[] = [];

  test('fire, are told live and to the receiver, each once and signed', async () => {
    const stop = await follow(null, seen);
    await untilSubscribed(server, 1);
    await recordBadDecision();
    await until(() => told('alerts.firing').length >= 3 && seen.length >= 3);
    expect(seen.map(({ ruleName }) => ruleName).sort()).toEqual(NAMES);
    for (const alert of seen) {
      expect(alert).toMatchObject({ state: 'FIRING', agent: { name: 'claims' }, decisions: [{ id: 'bad' }] });
    }
    expect(told('alerts.firing').sort()).toEqual(NAMES);
    for (const { headers, text } of hooks()) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
      const signature = createHmac('sha256', SECRET_BYTES).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    }
    stop();
  });

  test('a heartbeat says that they are looked at', async () => {
    await until(() => receiver.requests.some(({ path: each }) => each === '/heartbeat'));
    expect((await fetch(`${server.url}/healthz/alerting`)).status).toBe(200);
  });

  test('hold on when the file is wrong', async () => {
    writeSettings('\n    - condition: token_usage > many');
    server.process.kill('SIGHUP');
    await until(() => server.stderr().includes('were not read anew'));
    const { data } = await server.graphql<{ alertRules: unknown[] }>('{ alertRules { name } }');
    expect(data.alertRules).toHaveLength(3);
    const { data: refused } = await server.graphql<{ reloadSettings: unknown }>(
      'mutation { reloadSettings { ... on UserError { code message } } }',
    );
    expect(refused.reloadSettings).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringMatching(/midwatch\.yaml:3:\d+: .*alerting\[0\]/),
    });
  });

  test('are read anew on SIGHUP; what is no longer asked for resolves, and is told to be over, once', async () => {
    const last = seen.at(-1)?.changeId ?? null;
    writeSettings('\n    - {name: other, condition: error_rate > 50%}');
    server.process.kill('SIGHUP');
    const since: SeenAlert[] = [];
    const stop = await follow(last, since);
    await until(() => told('alerts.resolved').length >= 3 && since.length >= 3);
    expect(since.map(({ state }) => state)).toEqual(['RESOLVED', 'RESOLVED', 'RESOLVED']);
    expect(told('alerts.resolved').sort()).toEqual(NAMES);
    const { data } = await server.graphql<{ ledger: { verify: { intact: boolean }; entries: { nodes: unknown[] } } }>(
      '{ ledger { verify { intact } entries(filter: { kinds: [ALERT, SETTINGS] }) { nodes { kind } } } }',
    );
    expect(data.ledger).toMatchObject({ verify: { intact: true } });
    expect(data.ledger.entries.nodes).toHaveLength(7);
    stop();
  });
});

describe('midwatch backtest --rules', () => {
  const backtest = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['bin/midwatch.js', 'backtest', ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, DATABASE_URL: database.url },
    });

  test('says what would have fired over the stored history, when, and for how long', async () => {
    const file = path.join(directory, 'proposed.yaml');
    writeFileSync(
      file,
      'agent_monitoring:\n  alerting:\n    - {name: dear, condition: token_usage > 5000, window: 10s}\n',
    );
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const to = new Date(Date.now() + 60_000).toISOString();
    const { stdout } = await backtest('--rules', file, '--from', from, '--to', to, '--every', '5s', '--json');
    expect(JSON.parse(stdout)).toMatchObject([{ rule: 'dear', severity: 'WARNING', group: ['claims'], peak: 9_010 }]);
    const { stderr } = await backtest('--rules', file, '--from', from, '--to', to, '--every', '5s');
    expect(stderr).toMatch(/^dear: would have fired once, for 1 of its groups, \d+\.\d s altogether$/m);
  });

  test.each([
    [['--rules', 'nowhere.yaml', '--from', '2026-11-01'], 'there is no such file'],
    [['--rules', 'midwatch.yaml'], 'there is no such file'],
    [[], '--csv or --rules is required'],
    [['--csv', 'a', '--rules', 'b'], 'not both'],
  ])('%j is bad usage', async (args, message) => {
    await expect(backtest(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
