import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/access/store.js';
import { formatVerifierKey, parseVerifierKey, signerKey } from '../../src/ledger/note/key.js';
import { parsePolicy } from '../../src/ledger/note/policy.js';
import { openCheckpoint } from '../../src/ledger/note/trust.js';
import { check } from '../support/bundle.js';
import { disarm } from '../support/disarm.js';
import { decisionInput } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { freePort } from '../support/port.js';
import { copyDatabase, createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';
import { startWitness, type TestWitness } from '../support/witness.js';

const SEED = randomBytes(32);

let dir: string;
let database: TestDatabase;
let backups: { url: string; drop(): Promise<void> }[];
let running: { stop(signal?: NodeJS.Signals): Promise<unknown> }[];

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'midwatch-cosigning-'));
  database = await createDatabase();
  [backups, running] = [[], []];
});
afterEach(async () => {
  for (const process of running.toReversed()) await process.stop('SIGKILL');
  for (const backup of backups) await backup.drop();
  await database.drop();
  rmSync(dir, { recursive: true });
});

const policyFile = () => path.join(dir, 'policy.txt');

function writePolicy(witnesses: readonly Pick<TestWitness, 'vkey' | 'url'>[], threshold: number): void {
  const lines = witnesses.map(({ vkey, url }, index) => `witness w${index} ${vkey} ${url}\n`);
  const names = witnesses.map((_, index) => `w${index}`).join(' ');
  writeFileSync(policyFile(), `${lines.join('')}group all ${threshold} ${names}\nquorum all\n`);
}

async function startMidwatch(databaseUrl = database.url): Promise<TestServer> {
  const env = { MIDWATCH_LEDGER_POLICY: policyFile(), MIDWATCH_LEDGER_KEY: SEED.toString('base64') };
  const server = await startServer({ databaseUrl, dataDir: path.join(dir, 'data'), env });
  running.push(server);
  return server;
}

async function witness(name: string, ...options: string[]): Promise<TestWitness> {
  const started = await startWitness(path.join(dir, name), ...options);
  running.push(started);
  return started;
}

interface LedgerAnswer {
  ledger: {
    size: number;
    publicKey: string;
    checkpoint: { size: number; note: string; witnessedAt: string | null; cosignatures: { name: string }[] } | null;
    witnesses: { name: string; cosignedSize: number | null }[];
    contradictions: {
      witness: string;
      kind: string;
      witnessSize: number;
      ownSize: number;
      evidence: string | null;
      overBy: string | null;
    }[];
    head: { level: string } | null;
    rootLog: { checkpoint: { witnessedAt: string | null } | null };
  };
}

async function ledger(server: TestServer): Promise<LedgerAnswer['ledger']> {
  const { data } = await server.graphql<LedgerAnswer>(`{ ledger {
    size publicKey checkpoint { size note witnessedAt cosignatures { name } } witnesses { name cosignedSize }
    contradictions { witness kind witnessSize ownSize evidence overBy } head { level }
    rootLog { checkpoint { witnessedAt } }
  } }`);
  return data.ledger;
}

const RECORD = `mutation Record($input: RecordDecisionsInput!) {
  recordDecisions(input: $input) { __typename ... on ValidationError { message } }
}`;

function record(server: TestServer, ...ids: string[]) {
  return server.graphql(RECORD, { input: { decisions: ids.map((id) => decisionInput(id)) } });
}

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

/** Of the log that signs as all ledgers of the installation. */
async function installationKey(): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM installation');
  return formatVerifierKey(signerKey(`midwatch/${rows[0]?.id}`, SEED, 'note'));
}

/** Witnesses that know the installation, and a server whose policy asks them. */
async function startWitnessed(count = 1, threshold = count): Promise<{ server: TestServer; witnesses: TestWitness[] }> {
  const key = await installationKey();
  const witnesses: TestWitness[] = [];
  for (let index = 0; index < count; index += 1) witnesses.push(await witness(`w${index}`, '--installation', key));
  writePolicy(witnesses, threshold);
  return { server: await startMidwatch(), witnesses };
}

async function witnessed(server: TestServer, size: number): Promise<LedgerAnswer['ledger']> {
  return until(async () => {
    const found = await ledger(server);
    return found.checkpoint?.size === size && found.checkpoint.witnessedAt !== null && found;
  }, 30_000);
}

describe('the ledgers of a server with a policy', { timeout: 180_000 }, () => {
  it('are cosigned as they grow, so that a stranger with the policy believes them', async () => {
    const { server } = await startWitnessed(2);
    await record(server, ...ids('a', 3));
    await witnessed(server, 3);
    // Read again: of one answer, a part may be from before the last cosignature.
    const first = await ledger(server);
    expect(first.head?.level).toBe('WITNESSED');
    expect(first.witnesses).toEqual([
      { name: 'w0', cosignedSize: 3 },
      { name: 'w1', cosignedSize: 3 },
    ]);
    await record(server, ...ids('b', 300));
    const { checkpoint, publicKey } = await witnessed(server, 303);
    const policy = parsePolicy(readFileSync(policyFile(), 'utf8'));
    const opened = openCheckpoint(checkpoint?.note ?? '', {
      ...policy,
      logs: [parseVerifierKey(publicKey) ?? expect.fail()],
    });
    expect(opened).toMatchObject({ checkpoint: { size: 303n } });
    await until(async () => (await ledger(server)).rootLog.checkpoint?.witnessedAt, 30_000);
    const headers = { authorization: `Bearer ${await server.token()}` };
    const { data } = await server.graphql<{ requestReport: { report: { id: string } } }>(
      `mutation { requestReport(input: { preset: AUDITOR, from: "2020-01-01T00:00:00Z", to: "2030-01-01T00:00:00Z" }) {
        ... on RequestReportSuccess { report { id } } } }`,
    );
    const bundleOfReport = await until(async () => {
      const asked = await server.graphql<{ report: { bundleUrl: string | null } }>(
        'query ($id: ID!) { report(id: $id) { bundleUrl } }',
        { id: data.requestReport.report.id },
      );
      return asked.data.report.bundleUrl;
    }, 60_000);
    const policyLine = JSON.stringify({ text: readFileSync(policyFile(), 'utf8'), type: 'policy' });
    const download = async (url: string) => (await fetch(server.url + url, { headers })).text();
    expect(await download(bundleOfReport)).toContain(policyLine);
    await record(server, ...ids('c', 2));
    // What was signed just now waits for its witnesses, and so does the log of the installation.
    const bundle = await until(async () => {
      const text = await download('/ledger/default/bundle.jsonl');
      const { outcome, installation } = await check(text, { key: parseVerifierKey(publicKey), policy, held: [] });
      return outcome === 'intact' && installation?.doubt === null && text;
    }, 30_000);
    expect(bundle).toContain(policyLine);
    const health = await fetch(`${server.url}/healthz/ledger`);
    expect([health.status, await health.json()]).toMatchObject([
      200,
      { status: 'ok', stoppedLedgers: 0, silentWitnesses: [] },
    ]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/midwatch_witness_requests_total\{witness="w0",outcome="cosigned"\} [1-9]/);
  });

  it('grow while witnesses are away, and are cosigned when a quorum is back', async () => {
    const { server, witnesses } = await startWitnessed(3, 2);
    const [gone, returning] = witnesses as [TestWitness, TestWitness, TestWitness];
    await gone.stop('SIGKILL');
    await returning.stop('SIGKILL');
    await record(server, ...ids('a', 5));
    const alone = await until(async () => {
      const found = await ledger(server);
      return found.checkpoint?.size === 5 && found.checkpoint.cosignatures.length === 1 && found;
    }, 30_000);
    expect([alone.checkpoint?.witnessedAt, alone.head?.level]).toEqual([null, 'PUBLISHED']);
    await witness('w1', '--listen', new URL(returning.url).host, '--installation', await installationKey());
    await witnessed(server, 5);
  });

  it('stand still when an old backup is restored, until the newest one is', async () => {
    const { server, witnesses } = await startWitnessed();
    await record(server, ...ids('a', 5));
    await witnessed(server, 5);
    await server.stop();
    const backup = await copyDatabase(database.url);
    backups.push(backup);
    const second = await startMidwatch();
    await record(second, ...ids('b', 4));
    await witnessed(second, 9);
    await second.stop();

    const restored = await startMidwatch(backup.url);
    const health = await fetch(`${restored.url}/healthz/ledger`);
    expect([health.status, await health.json()]).toMatchObject([503, { stoppedLedgers: expect.any(Number) }]);
    expect(await (await fetch(`${restored.url}/readyz`)).json()).toMatchObject({ status: 'ready' });
    const { contradictions, size } = await ledger(restored);
    expect(size).toBe(5);
    expect(contradictions).toMatchObject([{ witness: 'w0', kind: 'AHEAD', witnessSize: 9, ownSize: 5, overBy: null }]);
    expect(contradictions[0]?.evidence).toMatch(/^midwatch\/[0-9a-f]{16}\/default\n9\n/);

    const refused = await record(restored, 'late');
    expect(refused.errors?.[0]).toMatchObject({ extensions: { code: 'LEDGER_INTEGRITY' } });
    expect(refused.errors?.[0]?.message).toMatch(
      /the witness w0 has cosigned 9 entries, this database has 5.+docs\/WITNESS.md/,
    );
    expect((await restored.send('{"resourceSpans":[]}')).status).toBe(503);
    expect((await ledger(restored)).size).toBe(5);
    expect(restored.stderr()).toContain('the ledger stands still');
    await restored.stop();

    const newest = await startMidwatch();
    expect((await fetch(`${newest.url}/healthz/ledger`)).status).toBe(200);
    await record(newest, 'late');
    await witnessed(newest, 10);
    expect(witnesses).toHaveLength(1);
  });

  it('stand still when a restored backup had grown otherwise while witnesses were away', async () => {
    const { server, witnesses } = await startWitnessed();
    const [gone] = witnesses as [TestWitness];
    await record(server, ...ids('a', 5));
    await witnessed(server, 5);
    await server.stop();
    const backup = await copyDatabase(database.url);
    backups.push(backup);
    const second = await startMidwatch();
    await record(second, ...ids('b', 4));
    await witnessed(second, 9);
    const key = await installationKey();
    await second.stop();
    await gone.stop();

    const restored = await startMidwatch(backup.url);
    await record(restored, ...ids('c', 20));
    expect((await ledger(restored)).size).toBe(25);
    const health = await (await fetch(`${restored.url}/healthz/ledger`)).json();
    expect(health).toMatchObject({ stoppedLedgers: 0, silentWitnesses: ['w0'] });
    await witness('w0', '--listen', new URL(gone.url).host, '--installation', key);
    const { contradictions } = await until(async () => {
      const found = await ledger(restored);
      return found.contradictions.length > 0 && found;
    }, 60_000);
    expect(contradictions).toMatchObject([{ kind: 'INCONSISTENT', witnessSize: 9, evidence: expect.any(String) }]);
    expect((await record(restored, 'late')).errors?.[0]).toMatchObject({ extensions: { code: 'LEDGER_INTEGRITY' } });
    const anomaly = await until(async () => {
      const { data } = await restored.graphql<{
        anomalies: { nodes: { kind: string; severity: string; summary: string }[] };
      }>('{ anomalies(first: 10) { nodes { kind severity summary } } }');
      return data.anomalies.nodes.find(({ kind }) => kind === 'LEDGER_FAULT');
    });
    expect(anomaly).toMatchObject({ severity: 'CRITICAL', summary: expect.stringContaining('the witness w0') });
  });

  it('go on after a restored database had only not published what it has', async () => {
    const { server } = await startWitnessed();
    await record(server, ...ids('a', 5));
    await witnessed(server, 5);
    await server.stop();
    // As it is after a restore to the moment between a commit and the checkpoint over it.
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await disarm(owner);
    await owner.query(`DELETE FROM ledger_checkpoint WHERE fleet_id = 'default'`);
    await owner.query(`DELETE FROM ledger_tree WHERE fleet_id = 'default'`);
    await owner.end();
    const again = await startMidwatch();
    await record(again, 'late');
    await witnessed(again, 6);
    expect((await ledger(again)).contradictions).toEqual([]);
  });

  it.each([
    ['that is no policy', 'nonsense\n', /line 1: nonsense/],
    ['without a witness to ask', 'quorum none\n', /no witness has a URL/],
  ])('are not served with a policy %s', async (_, text, problem) => {
    writeFileSync(policyFile(), text);
    const failure = await startMidwatch().catch((error: Error) => error.message);
    expect(failure).toMatch(/^ended with 2: midwatch: MIDWATCH_LEDGER_POLICY: [^\n]+\n$/);
    expect(failure).toMatch(problem);
  });

  it('go on after a witness that proved nothing was taken out of the policy', async () => {
    const liar = createServer((_, response) =>
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('99\n'),
    );
    const port = await freePort();
    await new Promise<void>((resolve) => liar.listen(port, '127.0.0.1', resolve));
    try {
      const vkey = formatVerifierKey(signerKey('liar.example', SEED, 'cosignature'));
      writePolicy([{ vkey, url: `http://127.0.0.1:${port}` }], 1);
      const { apiKey } = await createApiKey(
        database.pool,
        { fleetId: 'default', role: 'INGEST', name: 'leaked' },
        { actor: 'ada', nowMs: Date.now() },
      );
      const stopped = await startMidwatch();
      await until(async () => (await fetch(`${stopped.url}/healthz/ledger`)).status === 503);
      expect((await ledger(stopped)).contradictions).toMatchObject([
        { kind: 'AHEAD', witnessSize: 99, evidence: null },
      ]);
      const made =
        'mutation { createApiKey(input: { role: INGEST, name: "n" }) { ... on CreateApiKeySuccess { apiKey { id } } } }';
      expect((await stopped.graphql(made)).errors).toMatchObject([{ extensions: { code: 'LEDGER_INTEGRITY' } }]);
      const revoke = `mutation { revokeApiKey(input: { id: "ApiKey:${apiKey.id}" }) { ... on RevokeApiKeySuccess { owed } } }`;
      expect((await stopped.graphql(revoke)).data).toEqual({ revokeApiKey: { owed: true } });
      await stopped.stop('SIGKILL');
      const other = await witness('w0');
      writeFileSync(policyFile(), `witness other ${other.vkey} ${other.url}\nquorum other\n`);
      const server = await startMidwatch();
      expect((await fetch(`${server.url}/healthz/ledger`)).status).toBe(200);
      expect((await ledger(server)).contradictions).toMatchObject([{ overBy: 'LEFT_POLICY' }]);
      const revoked = await until(async () => {
        const entries = await checkLedger(database.pool, 'default');
        return entries.find(({ canonical }) => canonical.includes('"change":"REVOKED"'));
      });
      expect(JSON.parse(revoked.canonical)).toMatchObject({
        subject: `ApiKey:${apiKey.id}`,
        payload: { owedSince: expect.any(String) },
      });
      expect((await record(server, 'a')).errors).toBeUndefined();
    } finally {
      liar.close();
      liar.closeAllConnections();
    }
  });
});
