import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newFleet } from '../support/access.js';
import { checkLedger } from '../support/ledger.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';
import { issueSigner, type SigningFiles } from '../support/signing-identity.js';
import { until } from '../support/wait.js';

const MIDWATCH = path.join(ROOT, 'bin/midwatch.js');
const REPORT =
  'id state progress pages decisions sha256 sizeBytes pdfUrl bundleUrl error ledgerEntry { kind subject payload }';
const REQUEST = `mutation ($input: RequestReportInput!) { requestReport(input: $input) {
  __typename ... on RequestReportSuccess { report { ${REPORT} } } ... on UserError { code message path } } }`;
const RECORD = `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) {
  ... on RecordDecisionsSuccess { decisions { id } } } }`;

let database: TestDatabase;
let server: TestServer;
let dataDir: string;
let signer: SigningFiles;
beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-report-'));
  database = await createDatabase();
  await newFleet(database.pool, 'prod');
  await newFleet(database.pool, 'other');
  signer = issueSigner(dataDir, { kind: 'ec' });
  const config = path.join(dataDir, 'midwatch.yaml');
  const signature = `{certificates: ${path.basename(signer.certificates)}, key_env: REPORT_KEY}`;
  writeFileSync(config, `agent_monitoring: {reports: {signature: ${signature}}}`);
  const env = { MIDWATCH_CONFIG: config, REPORT_KEY: readFileSync(signer.key, 'utf8') };
  server = await startServer({ databaseUrl: database.url, dataDir, env });
  await record('prod', 40);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const DAY = '2026-11-02';

async function headers(fleet: string, role: 'AUDITOR' | 'ADMIN' | 'OPERATOR' = 'AUDITOR') {
  return { authorization: `Bearer ${await server.token([role], '*')}`, 'x-fleet-id': fleet };
}

async function record(fleet: string, count: number): Promise<void> {
  const decisions = Array.from({ length: count }, (_, index) => {
    const at = (second: number) =>
      new Date(Date.parse(`${DAY}T08:00:00Z`) + index * 60_000 + second * 1_000).toISOString();
    return {
      id: `${fleet}-${index}`,
      agent: index % 2 === 0 ? 'loan-officer' : 'triage',
      agentVersion: '1.0.0',
      conversationId: `case-${Math.floor(index / 4)}`,
      riskClass: index % 2 === 0 ? 'HIGH_RISK' : 'ROUTINE',
      model: 'claude-sonnet-4-5',
      startedAt: at(0),
      endedAt: at(3),
      outcome: index % 10 === 0 ? 'ERROR' : 'SUCCESS',
      input: `What about case ${index}? \u202e=HYPERLINK("http://evil")`,
      output: 'It is approved.',
      tokens: { input: 100, output: 20 },
      costUsd: 0.01,
      steps: [
        { kind: 'HUMAN_REVIEW', name: 'desk', startedAt: at(1), durationMs: 500, outcome: 'SUCCESS', output: 'fine' },
      ],
    };
  });
  const answer = await server.graphql(RECORD, { input: { decisions } }, await headers(fleet, 'ADMIN'));
  expect(answer.errors).toBeUndefined();
}

interface Report {
  id: string;
  state: string;
  progress: number;
  pages: number;
  decisions: number;
  sha256: string;
  sizeBytes: number;
  pdfUrl: string;
  bundleUrl: string;
  error: string | null;
  ledgerEntry: { kind: string; subject: string; payload: Record<string, unknown> };
}

async function request(input: object, fleet = 'prod') {
  const { data, errors } = await server.graphql<{ requestReport: { report: Report; code?: string; path?: string[] } }>(
    REQUEST,
    { input },
    await headers(fleet),
  );
  expect(errors).toBeUndefined();
  return data.requestReport;
}

async function finished(id: string, fleet = 'prod'): Promise<Report> {
  return until(async () => {
    const query = `query ($id: ID!) { report(id: $id) { ${REPORT} } }`;
    const { data } = await server.graphql<{ report: Report }>(query, { id }, await headers(fleet));
    if (data.report.state === 'FAILED') throw new Error(data.report.error ?? 'it failed');
    return data.report.state === 'DONE' ? data.report : null;
  }, 60_000);
}

const PERIOD = { from: `${DAY}T00:00:00Z`, to: '2026-11-03T00:00:00Z' };

async function download(url: string, extra: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}${url}`, { headers: { ...(await headers('prod')), ...extra } });
}

describe('a compliance report', () => {
  it('is made, sealed and downloaded, whole and in part', async () => {
    const { report: asked } = await request({ preset: 'AUTHORITY', ...PERIOD });
    const report = await finished(asked.id);
    expect(report).toMatchObject({ progress: 1, decisions: 40, error: null });
    expect(report.ledgerEntry).toMatchObject({
      kind: 'EXPORT',
      payload: { sha256: report.sha256, preset: 'AUTHORITY', unsignedSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });

    const answer = await download(report.pdfUrl);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="midwatch-report-[0-9a-f]{16}\.pdf"$/,
    );
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(report.sha256);
    expect(bytes.subarray(0, 8).toString()).toBe('%PDF-1.7');
    expect(bytes.length).toBe(report.sizeBytes);

    const part = await download(report.pdfUrl, { range: 'bytes=100-199' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 100-199/${bytes.length}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200));
    expect((await download(report.pdfUrl, { 'if-none-match': answer.headers.get('etag') ?? '' })).status).toBe(304);
    expect((await download(report.pdfUrl, { range: `bytes=${bytes.length}-` })).status).toBe(416);
    const file = path.join(dataDir, 'reports', report.id.replace('Report:', ''), 'report.pdf');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is the same report when the same is asked for again', async () => {
    const first = await finished((await request({ preset: 'AUDITOR', ...PERIOD })).report.id);
    const again = (await request({ preset: 'AUDITOR', ...PERIOD })).report;
    expect(again).toMatchObject({ id: first.id, state: 'DONE', sha256: first.sha256 });
  });

  it('carries a bundle that anybody can check', async () => {
    const { report: asked } = await request({ preset: 'AUTHORITY', ...PERIOD, timeZone: 'Europe/Berlin' });
    const report = await finished(asked.id);
    const bundle = await (await download(report.bundleUrl)).text();
    const file = path.join(dataDir, 'bundle.jsonl');
    writeFileSync(file, bundle);
    const { data } = await server.graphql<{ ledger: { publicKey: string } }>(
      '{ ledger { publicKey } }',
      {},
      await headers('prod'),
    );
    const { stdout } = await promisify(execFile)(process.execPath, [
      MIDWATCH,
      'verify',
      file,
      '--public-key',
      data.ledger.publicKey,
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'intact',
      entries: { leftOut: 0 },
      published: { unpublished: 0 },
    });
  });

  it('proves itself from the file alone, and shows what was changed in it', async () => {
    const { report: asked } = await request({ preset: 'AUTHORITY', ...PERIOD, timeZone: 'Asia/Tokyo' });
    const report = await finished(asked.id);
    const pdf = Buffer.from(await (await download(report.pdfUrl)).arrayBuffer());
    const { data } = await server.graphql<{ ledger: { publicKey: string } }>(
      '{ ledger { publicKey } }',
      {},
      await headers('prod'),
    );
    const verified = async (bytes: Buffer) => {
      const file = path.join(dataDir, 'checked.pdf');
      writeFileSync(file, bytes);
      const args = [MIDWATCH, 'verify', file, '--public-key', data.ledger.publicKey, '--json'];
      args.push('--signature-roots', signer.roots);
      const { stdout, code } = await promisify(execFile)(process.execPath, args).then(
        (done) => ({ ...done, code: 0 }),
        (error: { stdout: string; code: number }) => error,
      );
      return { ...(JSON.parse(stdout) as { outcome: string; problem: string | null; sha256: string }), code };
    };
    expect(await verified(pdf)).toMatchObject({
      code: 0,
      outcome: 'intact',
      figures: 'same',
      pages: 'same',
      sha256: report.sha256,
      signature: {
        signer: 'O=Acme Bank, CN=Acme Compliance',
        doubt: null,
        unsignedSha256: report.ledgerEntry.payload.unsignedSha256,
      },
      installations: [{ word: { doubt: null }, leftOut: ['default', 'other'], contradiction: null }],
    });
    const appended = Buffer.concat([pdf, Buffer.from('\n%%EOF\n')]);
    expect(await verified(appended)).toMatchObject({ code: 1, problem: 'it does not end as a PDF of ours' });
    const digits = Buffer.from(pdf);
    digits.write('D:2031', digits.indexOf('D:2026'), 'latin1');
    expect(await verified(digits)).toMatchObject({ code: 1, problem: 'its signature: it is of another file' });
  });

  it('is not made by a server that could not sign it', async () => {
    const other = issueSigner(mkdtempSync(path.join(dataDir, 'other-')), { kind: 'ec' });
    const env = {
      ...process.env,
      PORT: '0',
      DATABASE_URL: database.url,
      MIDWATCH_CONFIG: path.join(dataDir, 'midwatch.yaml'),
      REPORT_KEY: readFileSync(other.key, 'utf8'),
    };
    await expect(promisify(execFile)(process.execPath, ['dist/main.js'], { cwd: ROOT, env })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^midwatch: reports\.signature: the key is not that of the first certificate/),
    });
  });

  it('is about one conversation, with nothing else in it', async () => {
    const { report: asked } = await request({ preset: 'INDIVIDUAL', conversationId: 'case-2' });
    const report = await finished(asked.id);
    expect(report.decisions).toBe(4);
    const lines = (await (await download(report.bundleUrl)).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const subjects = lines.filter(({ type }) => type === 'entry').map(({ entry }) => entry.subject);
    expect(subjects).toEqual(['prod-8', 'prod-9', 'prod-10', 'prod-11']);
    const readings = (await checkLedger(database.pool, 'prod')).filter(({ kind }) => kind === 'READ');
    const told = readings.map(({ canonical }) => JSON.parse(canonical).payload);
    expect(told.filter(({ report: of }) => of === report.id)).toEqual([
      { actor: 'test', contents: 'REPORT', decisionIds: expect.arrayContaining(subjects), report: report.id },
    ]);
  });

  it('tells how far it is', async () => {
    const { report: asked } = await request({ preset: 'AUTHORITY', ...PERIOD, agents: ['triage'] });
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { ...(await headers('prod')), accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'subscription ($id: ID!) { reportProgressed(id: $id) { state progress } }',
        variables: { id: asked.id },
      }),
    });
    const shares: number[] = [];
    let text = '';
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      shares.length = 0;
      for (const [, share] of text.matchAll(/"progress":([0-9.]+)/g)) shares.push(Number(share));
      if (text.includes('"state":"DONE"')) break;
    }
    expect(shares).toEqual([...shares].sort((left, right) => left - right));
    expect(shares.at(-1)).toBe(1);
  });

  it('refuses what cannot be asked, and whoever may not ask', async () => {
    expect(await request({ preset: 'AUTHORITY' })).toMatchObject({ code: 'VALIDATION_FAILED', path: ['from'] });
    expect(await request({ preset: 'INDIVIDUAL', ...PERIOD })).toMatchObject({ path: ['preset'] });
    expect(await request({ ...PERIOD, timeZone: 'Mars/Olympus' })).toMatchObject({ path: ['timeZone'] });
    expect(await request({ decisionId: 'nobody' })).toMatchObject({ code: 'NOT_FOUND', path: ['decisionId'] });
    const operator = await headers('prod', 'OPERATOR');
    const { data } = await server.graphql<{ requestReport: { code: string } }>(REQUEST, { input: PERIOD }, operator);
    expect(data.requestReport.code).toBe('FORBIDDEN');
    const { report } = await request({ preset: 'AUDITOR', ...PERIOD });
    const done = await finished(report.id);
    expect((await fetch(`${server.url}${done.pdfUrl}`)).status).toBe(401);
    expect((await fetch(`${server.url}${done.pdfUrl}`, { headers: operator })).status).toBe(403);
    const elsewhere = { headers: await headers('other') };
    expect((await fetch(`${server.url}${done.pdfUrl}`, elsewhere)).status).toBe(404);
  });

  it('is made from the command line, by the server that runs', async () => {
    const output = path.join(dataDir, 'from-cli.pdf');
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: dataDir };
    const words = [
      'report',
      '--preset',
      'auditor',
      '--from',
      DAY,
      '--to',
      '2026-11-03',
      '--fleet',
      'prod',
      '--output',
      output,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [MIDWATCH, ...words, '--json'], {
      cwd: dataDir,
      env,
    });
    const sha256 = createHash('sha256').update(readFileSync(output)).digest('hex');
    expect(JSON.parse(stdout)).toMatchObject({ file: output, sha256, decisions: 40 });
  });

  it('is refused on the command line with the option that is wrong', async () => {
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: dataDir };
    const refused = (...words: string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [MIDWATCH, 'report', '--fleet', 'prod', ...words], {
        env,
        encoding: 'utf8',
      });
      return [status, stderr];
    };
    expect(refused('--from', DAY)).toEqual([2, expect.stringContaining('midwatch: --to: is required')]);
    expect(refused('--from', DAY, '--to', DAY)).toEqual([
      2,
      expect.stringContaining('midwatch: --to: is not after from: a period ends before it'),
    ]);
    expect(refused('--from', DAY, '--to', DAY, '--time-zone', 'Mars')).toEqual([
      2,
      expect.stringContaining('midwatch: --time-zone: "Mars" is no time zone'),
    ]);
  });

  it('survives a server that is killed while it is made', async () => {
    const { report } = await request({ preset: 'AUTHORITY', ...PERIOD, riskClasses: ['ROUTINE'] });
    await server.stop('SIGKILL');
    server = await startServer({ databaseUrl: database.url, dataDir });
    expect(await finished(report.id)).toMatchObject({ state: 'DONE', decisions: 20 });
  });
});
