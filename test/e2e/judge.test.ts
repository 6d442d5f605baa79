import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ModelServer, opinion, startModel } from '../support/model-server.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { ROOT, startServer } from '../support/server.js';
import { until } from '../support/wait.js';

const KEY = 'sk-canary-4242';
const directory = mkdtempSync(path.join(tmpdir(), 'midwatch-judge-'));
const file = path.join(directory, 'midwatch.yaml');

let database: TestDatabase;
let model: ModelServer;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  model = await startModel();
  model.react = () => opinion(0.9, 'It is in Lyon.');
  const judge = `{url: "${model.url}", model: qwen3, key_env: JUDGE_KEY, share: 100%}`;
  writeFileSync(file, `agent_monitoring:\n  judge: ${judge}\n`);
});
afterAll(async () => {
  await model.close();
  await database.drop();
  rmSync(directory, { recursive: true });
});

const RECORD = `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { __typename } }`;
const ANOMALIES = '{ anomalies(first: 5) { nodes { kind summary evidence decision { id hallucinationScore } } } }';

test('an answer is judged by the model that midwatch.yaml names, and the key is nowhere to be read', async () => {
  const env = { MIDWATCH_CONFIG: file, MIDWATCH_LOG_LEVEL: 'trace', JUDGE_KEY: KEY };
  const server = await startServer({ databaseUrl: database.url, env });
  const nowMs = Date.now();
  const at = (ms: number) => new Date(nowMs + ms).toISOString();
  const decision = {
    id: 'd1',
    agent: 'support',
    startedAt: at(-2_000),
    endedAt: at(0),
    input: 'Where is my parcel?',
    output: 'It is in Lyon.',
    steps: [
      {
        kind: 'TOOL_CALL',
        name: 'track',
        toolName: 'track',
        startedAt: at(-1_000),
        durationMs: 10,
        result: 'The parcel is in Lyon.',
      },
    ],
  };
  const { errors } = await server.graphql(RECORD, { input: { decisions: [decision] } });
  expect(errors).toBeUndefined();
  type Anomalies = { anomalies: { nodes: { decision: { hallucinationScore: number } }[] } };
  const [anomaly] = await until(async () => {
    const { nodes } = (await server.graphql<Anomalies>(ANOMALIES)).data.anomalies;
    return nodes.length > 0 && nodes;
  });
  expect(anomaly).toMatchObject({
    kind: 'UNGROUNDED_ANSWER',
    summary: 'qwen3, asked for a second opinion, says that the answer of support is made up by 90 %.',
    evidence: { model: 'qwen3', score: 0.9 },
    decision: { id: 'd1' },
  });
  expect(anomaly?.decision.hallucinationScore).toBeLessThan(0.5);
  expect(model.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`]);
  await server.stop();
  expect(server.stderr() + server.stdout()).not.toContain(KEY);
});

test('a key that is missing ends the start', () => {
  const env = { PATH: process.env.PATH, PORT: '0', DATABASE_URL: database.url, MIDWATCH_CONFIG: file };
  const { status, stderr } = spawnSync(process.execPath, ['dist/main.js'], { cwd: ROOT, env, encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('midwatch: judge: JUDGE_KEY is not set\n');
});
