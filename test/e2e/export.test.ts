import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionInput } from '../support/graphql.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

let database: TestDatabase;
let server: TestServer;
let folder: string;
let publicKey: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'midwatch-export-'));
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  const decisions = ['a', 'b', 'c'].map((id) =>
    decisionInput(id, { input: 'what?', output: 'this', conversationId: id }),
  );
  const recorded = `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { __typename } }`;
  await server.graphql(recorded, { input: { decisions } });
  const published = () => server.graphql<{ ledger: Ledger }>('{ ledger { publicKey checkpoint { size } } }');
  publicKey = await until(async () => {
    const { ledger } = (await published()).data;
    return (ledger.checkpoint?.size ?? 0) >= 3 && ledger.publicKey;
  });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

interface Ledger {
  publicKey: string;
  checkpoint: { size: number } | null;
}

function midwatch(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: folder };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(ROOT, 'bin/midwatch.js'), ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('midwatch export', () => {
  it('writes what midwatch verify finds intact with the key the API gives out', async () => {
    const exported = await midwatch('export', '--fleet', 'default', '--output', 'whole.jsonl');
    expect(exported).toMatchObject({ code: 0, stdout: '' });
    expect(exported.stderr).toMatch(/^\d+ entries, proven by the checkpoint of size \d+\n$/);
    const { code, stdout } = await midwatch('verify', 'whole.jsonl', '--public-key', publicKey, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'intact',
      manifest: { fleet: 'default' },
      openings: { opened: 6 },
    });
  });

  it('writes the entries that were chosen to standard output', async () => {
    const { code, stdout } = await midwatch('export', '--fleet', 'default', '--conversation', 'b', '--without-content');
    expect(code).toBe(0);
    const types = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types).toEqual(['manifest', 'key', 'checkpoint', 'entry', 'inclusion', 'end']);
    const both = await midwatch(
      'export',
      '--fleet',
      'default',
      '--decision',
      'a',
      '--decision',
      'c',
      '--output',
      'two.jsonl',
    );
    expect(both.code).toBe(0);
    expect(readFileSync(path.join(folder, 'two.jsonl'), 'utf8').match(/"subject":"[ac]"/g)).toHaveLength(2);
    expect(await midwatch('verify', 'two.jsonl', '--public-key', publicKey)).toMatchObject({ code: 0 });
  });

  it.each([
    [[], '--fleet is required'],
    [['--fleet', 'default', '--from', 'x'], '--from: "x" is no seq'],
    [['--fleet', 'default', '--from', '1', '--decision', 'a'], 'give either'],
    [['--fleet', 'default', '--from', '9000'], 'there is no range from 9000'],
  ])('refuses %j as bad usage', async (args, message) => {
    const { code, stdout, stderr } = await midwatch('export', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says of a decision that is not there that it is not', async () => {
    expect(await midwatch('export', '--fleet', 'default', '--decision', 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no entries about this'),
    });
  });
});
