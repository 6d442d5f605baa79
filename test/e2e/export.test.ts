import { execFile, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { formatVerifierKey, verifierKey } from '../../src/ledger/note/key.js';
import { decisionInput } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';
import { unread } from '../support/unread.js';
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

function midwatch(
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: folder, ...more };
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
  it('ends without a word when nobody reads on', async () => {
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: folder };
    const args = [path.join(ROOT, 'bin/midwatch.js'), 'export', '--fleet', 'default'];
    expect(await unread(process.execPath, args, { cwd: folder, env })).toEqual({ code: 1, stderr: '' });
  });

  it('writes what midwatch verify finds intact with the key the API gives out', async () => {
    const exported = await midwatch(['export', '--fleet', 'default', '--output', 'whole.jsonl']);
    expect(exported).toMatchObject({ code: 0, stdout: '' });
    const said = /^(\d+) entries, proven by the checkpoint of size (\d+); sealed as (Bundle:[0-9a-f]{16})\n$/;
    const [, entries, size, sealedAs] = said.exec(exported.stderr) ?? [];
    const { kind, subject, canonical } = (await checkLedger(database.pool, 'default')).at(-1) ?? {};
    expect({ kind, subject, payload: JSON.parse(canonical ?? '').payload }).toEqual({
      kind: 'EXPORT',
      subject: sealedAs,
      payload: {
        actor: 'cli',
        change: 'EXPORTED',
        checkpointSize: Number(size),
        content: 'DISCLOSED',
        conversationId: null,
        decisionIds: [],
        entries: Number(entries),
        from: 0,
        scope: 'RANGE',
        to: Number(entries),
      },
    });
    expect(readFileSync(path.join(folder, 'whole.jsonl'), 'utf8')).not.toContain(sealedAs);
    const { code, stdout } = await midwatch(['verify', 'whole.jsonl', '--public-key', publicKey, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'intact',
      manifest: { fleet: 'default' },
      openings: { opened: 6 },
    });
  });

  it('writes the entries that were chosen to standard output', async () => {
    const { code, stdout } = await midwatch([
      'export',
      '--fleet',
      'default',
      '--conversation',
      'b',
      '--without-content',
    ]);
    expect(code).toBe(0);
    const types = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types).toEqual(['manifest', 'key', 'checkpoint', 'entry', 'inclusion', 'installation', 'end']);
    const both = await midwatch([
      'export',
      ...['--fleet', 'default'],
      ...['--decision', 'a'],
      ...['--decision', 'c'],
      ...['--output', 'two.jsonl'],
    ]);
    expect(both.code).toBe(0);
    expect(readFileSync(path.join(folder, 'two.jsonl'), 'utf8').match(/"subject":"[ac]"/g)).toHaveLength(2);
    expect(await midwatch(['verify', 'two.jsonl', '--public-key', publicKey])).toMatchObject({ code: 0 });
  });

  it('has the policy of the witnesses in it, which both verifiers take', async () => {
    const { publicKey: raw } = generateKeyPairSync('ed25519');
    const bytes = raw.export({ format: 'der', type: 'spki' }).subarray(-32);
    const vkey = formatVerifierKey(verifierKey('w.example', bytes, 'cosignature'));
    const policy = `log ${publicKey}\nwitness W ${vkey} http://127.0.0.1:1/\nquorum none\n`;
    writeFileSync(path.join(folder, 'policy.txt'), policy);
    const args = ['export', '--fleet', 'default', '--output', 'with-policy.jsonl'];
    expect(await midwatch(args, { MIDWATCH_LEDGER_POLICY: 'policy.txt' })).toMatchObject({ code: 0 });
    const lines = readFileSync(path.join(folder, 'with-policy.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'policy')).toEqual([
      { type: 'policy', text: policy },
    ]);
    expect(await midwatch(['verify', 'with-policy.jsonl', '--public-key', publicKey])).toMatchObject({ code: 0 });
    const python = spawnSync(
      'python3',
      [path.join(ROOT, 'verifier/midwatch_verify.py'), 'with-policy.jsonl', '--public-key', publicKey],
      { cwd: folder, encoding: 'utf8' },
    );
    // Where there is no Python, the corpus of the second verifier is not tested either.
    if (python.error === undefined) expect(python).toMatchObject({ status: 0 });
  });

  it('gives out no content of a ledger that cannot seal it, and entries as ever', async () => {
    await keepContradiction(database.pool, {
      fleet: 'default',
      witness: 'w.example',
      kind: 'AHEAD',
      witnessSize: 99,
      ownSize: 3,
      evidence: null,
      at: new Date(),
    });
    const entries = (await checkLedger(database.pool, 'default')).length;
    const refused = await midwatch(['export', '--fleet', 'default', '--output', 'refused.jsonl']);
    const withheld = ['export', '--fleet', 'default', '--without-content', '--output', 'withheld.jsonl'];
    expect(await midwatch(withheld)).toMatchObject({ code: 0, stderr: expect.stringContaining('owed as Bundle:') });
    await endContradiction(database.pool, { fleet: 'default', witness: 'w.example', at: new Date() });
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('the ledger stands still') });
    expect(existsSync(path.join(folder, 'refused.jsonl'))).toBe(false);
    expect(await checkLedger(database.pool, 'default')).toHaveLength(entries);
  });

  it.each([
    [[], '--fleet is required'],
    [['--fleet', 'default', '--from', 'x'], '--from: "x" is no seq'],
    [['--fleet', 'default', '--from', '1', '--decision', 'a'], 'give either'],
    [['--fleet', 'default', '--from', '9000'], 'there is no range from 9000'],
  ])('refuses %j as bad usage', async (args, message) => {
    const { code, stdout, stderr } = await midwatch(['export', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says of a decision that is not there that it is not', async () => {
    expect(await midwatch(['export', '--fleet', 'default', '--decision', 'nobody'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no entries about this'),
    });
  });
});
