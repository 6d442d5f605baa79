import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';

const SETTINGS = `agent_monitoring:
  prices:
    - {model: acme-kyc-*, input: 2.50, output: 10}
    - {model: acme-kyc-*, valid_from: 2026-11-22, input: 5, output: 10}
`;

let database: TestDatabase;
let server: TestServer;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'midwatch-reprice-'));
  writeFileSync(path.join(dir, 'midwatch.yaml'), SETTINGS);
  database = await createDatabase();
  // The server was started before anybody knew the price.
  server = await startServer({ databaseUrl: database.url });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  rmSync(dir, { recursive: true });
});

/** Runs the program where midwatch.yaml lies. */
function reprice(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/midwatch.js'), 'reprice', ...args], {
    cwd: dir,
    env: { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: dir },
  });
  const outcome = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    outcome.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    outcome.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}

interface Money {
  day: { costUsd: number | null; unpricedDecisions: number };
  metrics: { value: number }[];
  unpricedModels: { provider: string; model: string; decisions: number; tokens: number }[];
  ledger: {
    verify: { intact: boolean };
    entries: { nodes: { kind: string; subject: string; payload: Record<string, unknown> }[] };
  };
}

async function money(): Promise<Money> {
  const { data, errors } = await server.graphql<Money>(`{
    day: trace(traceId: "a-trace") { costUsd unpricedDecisions }
    metrics(query: { metric: COST, statistic: SUM, from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z" }) { value }
    unpricedModels(from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z") { provider model decisions tokens }
    ledger { verify { intact } entries(filter: { kinds: [REPRICE] }) { nodes { kind subject payload } } }
  }`);
  if (errors) throw new TypeError(JSON.stringify(errors));
  return data;
}

const decision = (id: string, day: string, model: string) => ({
  id,
  agent: 'kyc',
  traceId: 'a-trace',
  provider: 'acme',
  model,
  startedAt: `2026-11-${day}T12:00:00Z`,
  endedAt: `2026-11-${day}T12:00:01Z`,
  tokens: { input: 1_000, output: 100 },
});

describe('midwatch reprice', () => {
  it('gives history the price that was missing, beside the running server', async () => {
    const decisions = [
      decision('before', '21', 'acme-kyc-1'),
      decision('after', '22', 'acme-kyc-1'),
      { ...decision('stated', '22', 'acme-kyc-1'), costUsd: 0.1 },
      decision('unknown', '22', 'acme-fraud'),
    ];
    const { data } = await server.graphql<{ recordDecisions: { __typename: string } }>(
      'mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { __typename } }',
      { input: { decisions } },
    );
    expect(data.recordDecisions.__typename).toBe('RecordDecisionsSuccess');
    const recorded = await money();
    expect(recorded).toMatchObject({ day: { costUsd: 0.1, unpricedDecisions: 3 }, metrics: [{ value: 0.1 }] });
    expect(recorded.unpricedModels).toEqual([
      { provider: 'acme', model: 'acme-kyc-1', decisions: 2, tokens: 2_200 },
      { provider: 'acme', model: 'acme-fraud', decisions: 1, tokens: 1_100 },
    ]);

    const dry = await reprice('--from', '2026-11-01', '--to', '2026-12-01', '--dry-run', '--json');
    expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining('dry run') });
    expect(await money()).toEqual(recorded);

    const done = await reprice('--from', '2026-11-01', '--to', '2026-12-01', '--json');
    expect(done).toMatchObject({ code: 0, stderr: '', stdout: dry.stdout });
    expect(JSON.parse(done.stdout)).toEqual([
      {
        fleet: 'default',
        decisions: 2,
        costUsdBefore: '0',
        costUsdAfter: '0.0095',
        unpricedBefore: 2,
        unpricedAfter: 0,
      },
    ]);
    const repriced = await money();
    expect(repriced).toMatchObject({
      day: { costUsd: 0.1095, unpricedDecisions: 1 },
      metrics: [{ value: 0.1095 }],
      ledger: { verify: { intact: true } },
    });
    expect(repriced.unpricedModels).toMatchObject([{ model: 'acme-fraud', decisions: 1 }]);
    const { nodes } = repriced.ledger.entries;
    expect(nodes).toMatchObject([{ kind: 'REPRICE', subject: 'prices', payload: { decisions: 2 } }]);
    expect(nodes[0]?.payload.changes).toEqual([
      { id: 'after', costUsdBefore: null, costUsdAfter: '0.006' },
      { id: 'before', costUsdBefore: null, costUsdAfter: '0.0035' },
    ]);

    expect(await reprice('--from', '2026-11-01')).toEqual({
      code: 0,
      stdout: 'default: nothing to change\n',
      stderr: '',
    });
    expect(await money()).toEqual(repriced);
  });

  it.each([
    [[], '--from is required'],
    [['--from', 'yesterday'], '--from: "yesterday" is no day'],
    [['--from', '2026-02-30'], '--from: "2026-02-30" is no day'],
    [['--from', '2026-11-02', '--to', '2026-11-01'], '--from is not before --to'],
    [['--from', '2026-11-01', '--fleet', 'a b'], '--fleet: a fleet id is'],
  ])('refuses %j in one line, as bad usage', async (args, message) => {
    const { code, stdout, stderr } = await reprice(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^midwatch: .+\n$/);
    expect(stderr).toContain(message);
  });

  it('answers no to a fleet that is not there', async () => {
    expect(await reprice('--from', '2026-11-01', '--fleet', 'nope')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'midwatch: there is no fleet nope\n',
    });
  });
});
