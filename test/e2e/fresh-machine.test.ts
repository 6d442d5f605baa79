import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { isOpen } from '../../src/db/embedded-account.js';
import { readTrace, untilTrace } from '../support/decisions.js';
import { agentTrace, newTraceId, traceRequest } from '../support/otlp.js';
import { freePort } from '../support/port.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const NOBODY = { uid: 65_534, gid: 65_534 };

const dataDirs: string[] = [];
const servers: TestServer[] = [];
/** For one test after another: making a database takes most of the time of a first start, and few are about that. */
const lastingDir = newDataDir();

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const dataDir of dataDirs.splice(0)) rmSync(dataDir, { recursive: true, force: true });
});
afterAll(() => rmSync(lastingDir, { recursive: true, force: true }));

/** An empty data directory that the database's account may enter, as one below a user's project is. */
function newDataDir(): string {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-fresh-'));
  chmodSync(dataDir, 0o755);
  return dataDir;
}

/** One that is removed after the test. */
function emptyDataDir(): string {
  const dataDir = newDataDir();
  dataDirs.push(dataDir);
  return dataDir;
}

async function start(options: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(options);
  servers.push(server);
  return server;
}

/** The processes of the PostgreSQL that works on a data directory. */
function postgresOf(dataDir: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line.includes(path.join(dataDir, 'postgres')) && !line.includes('main.js'));
}

const untilGone = (dataDir: string) => until(() => postgresOf(dataDir).length === 0);

/** Sends a decision and waits until it is sealed; resolves to its trace. */
async function sealOne(server: TestServer): Promise<string> {
  const traceId = newTraceId();
  expect((await server.send(traceRequest(agentTrace({ traceId })))).status).toBe(200);
  await untilTrace(server, traceId, ({ length }) => length === 1);
  return traceId;
}

describe('on a machine with nothing but Node', () => {
  it('the first start needs nothing, and the second keeps decisions, ledger and tokens', async () => {
    const dataDir = lastingDir;
    const first = await start({ dataDir });
    expect(first.stdout()).toContain(first.url);
    expect(first.stdout()).toContain('npx midwatch token');
    const authorization = `Bearer ${await first.token()}`;
    const traceId = await sealOne(first);
    const before = await readTrace(first, traceId);
    const { ledger } = (await first.graphql<{ ledger: { size: number } }>('{ ledger { size } }')).data;
    expect(ledger.size).toBeGreaterThan(0);
    expect(await first.stop('SIGTERM')).toBe(0);
    await untilGone(dataDir);

    const second = await start({ dataDir });
    const { data } = await second.graphql(
      '{ viewer { subject } ledger { size verify { intact checked } } }',
      {},
      { authorization },
    );
    const { size } = ledger;
    expect(data).toEqual({ viewer: { subject: 'test' }, ledger: { size, verify: { intact: true, checked: size } } });
    expect(await readTrace(second, traceId)).toEqual(before);
    expect(await second.stop('SIGINT')).toBe(0);
    await untilGone(dataDir);
  });

  it('two stand side by side and share nothing', async () => {
    const [left, right] = await Promise.all([
      start({ dataDir: lastingDir }),
      start({ dataDir: emptyDataDir() }),
    ] as const);
    const traceId = await sealOne(left);
    expect(await readTrace(right, traceId)).toEqual([]);
    const authorization = `Bearer ${await left.token()}`;
    expect((await right.send(traceRequest(agentTrace()), { headers: { authorization } })).status).toBe(401);
    expect(await left.stop()).toBe(0);
    await untilGone(lastingDir);
  });

  it('a start after kill -9 takes over the PostgreSQL that was left running', async () => {
    const dataDir = lastingDir;
    const killed = await start({ dataDir });
    const traceId = await sealOne(killed);
    const postmaster = () => readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0];
    const left = postmaster();
    await killed.stop('SIGKILL');
    const next = await start({ dataDir });
    expect(postmaster()).toBe(left);
    expect(await readTrace(next, traceId)).toHaveLength(1);
    await sealOne(next);
    expect(await next.stop()).toBe(0);
    await untilGone(dataDir);
  });

  it('a start after kill -9 amid the very first begins anew', async () => {
    const dataDir = emptyDataDir();
    const unfinished = () => readdirSync(dataDir).filter((name) => name.startsWith('postgres.new-'));
    const { child, ended } = launch({ MIDWATCH_DATA_DIR: dataDir, PORT: String(await freePort()) });
    await until(() => unfinished().some((name) => existsSync(path.join(dataDir, name, 'PG_VERSION'))));
    child.kill('SIGKILL');
    await ended;
    expect(unfinished()).not.toEqual([]);
    const next = await start({ dataDir });
    await sealOne(next);
    expect(unfinished()).toEqual([]);
    expect(await next.stop()).toBe(0);
    await untilGone(dataDir);
  });

  // Below root's home, neither the project nor a Node that npx brought can be entered by anybody else.
  const isForOthers = isOpen(ROOT) && isOpen(path.dirname(process.execPath));
  it.skipIf(process.getuid?.() !== 0 || !isForOthers)('another user than root can start it, too', async () => {
    const dataDir = emptyDataDir();
    chownSync(dataDir, NOBODY.uid, NOBODY.gid);
    const server = await start({ dataDir, account: NOBODY });
    // The key that signs tokens is the server's own, so it is the server that makes it.
    const headers = { authorization: 'Bearer none' };
    expect((await fetch(`${server.url}/agents`, { headers })).status).toBe(401);
    await sealOne(server);
    expect(await server.stop()).toBe(0);
    await untilGone(dataDir);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'root can start it below a directory that is closed to others',
    // Two first starts, of which each makes a cluster.
    { timeout: 120_000 },
    async () => {
      const dataDir = emptyDataDir();
      chmodSync(dataDir, 0o700);
      const server = await start({ dataDir });
      const elsewhere = clusterOf(server);
      expect(elsewhere.startsWith(dataDir)).toBe(false);
      await sealOne(server);
      expect(await server.stop()).toBe(0);

      rmSync(dataDir, { recursive: true });
      mkdirSync(dataDir, { mode: 0o700 });
      const anew = await start({ dataDir });
      const anewElsewhere = clusterOf(anew);
      expect((await anew.graphql('{ ledger { size } }')).data).toEqual({ ledger: { size: 0 } });
      expect(await anew.stop()).toBe(0);
      for (const left of [elsewhere, anewElsewhere]) {
        for (const name of [left, `${left}.users`]) rmSync(name, { recursive: true });
      }
    },
  );
});

/** Where the PostgreSQL that a server started keeps its data. */
function clusterOf(server: TestServer): string {
  const { stdout } = spawnSync('ps', ['-eo', 'ppid=,args='], { encoding: 'utf8' });
  const line = stdout.split('\n').find((each) => Number.parseInt(each, 10) === server.process.pid);
  return / -D (\S+)/.exec(line ?? '')?.[1] ?? expect.fail('the server has no PostgreSQL');
}

interface Ending {
  code: number | null;
  /** What it wrote to stderr beside its log. */
  lines: string[];
}

interface Launched {
  child: ChildProcess;
  stderr(): string;
  ended: Promise<Ending>;
}

/** Starts a server that is not expected to get ready. */
function launch(env: Record<string, string>): Launched {
  const child = spawn(process.execPath, ['dist/main.js'], { cwd: ROOT, env: { PATH: process.env.PATH, ...env } });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ending>((resolve) => {
    child.on('close', (code) => {
      const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
      resolve({ code, lines });
    });
  });
  return { child, stderr: () => stderr, ended };
}

/** Starts a server that is expected to end by itself. */
const runServer = (env: Record<string, string>): Promise<Ending> => launch(env).ended;

describe('a server that still waits at its start ends at once when it is told to', () => {
  const ENDED_MS = 3_000;

  async function expectEnd({ child, ended }: Launched, signal: NodeJS.Signals): Promise<void> {
    const startedMs = Date.now();
    child.kill(signal);
    expect(await ended).toEqual({ code: 0, lines: [] });
    expect(Date.now() - startedMs).toBeLessThan(ENDED_MS);
  }

  it('for another to stop', async () => {
    const dataDir = lastingDir;
    const first = await start({ dataDir });
    const second = launch({ MIDWATCH_DATA_DIR: dataDir, PORT: String(await freePort()) });
    await until(() => second.stderr().includes('waiting for it to stop'));
    await expectEnd(second, 'SIGTERM');
    await sealOne(first);
    expect(await first.stop()).toBe(0);
    await untilGone(dataDir);
  });

  it('for a database that says nothing', async () => {
    const mute = createServer();
    await once(mute.listen(0, '127.0.0.1'), 'listening');
    const { port } = mute.address() as AddressInfo;
    const asked = once(mute, 'connection');
    const server = launch({
      DATABASE_URL: `postgresql://nobody@127.0.0.1:${port}/nothing`,
      MIDWATCH_DATA_DIR: emptyDataDir(),
    });
    const [socket] = await asked;
    await expectEnd(server, 'SIGINT');
    socket.destroy();
    mute.close();
  });
});

describe('what is set wrong', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(inject('postgresUrl'));
  });
  afterAll(() => database.drop());

  it.each([
    ['PORT', 'many'],
    ['PORT', '65536'],
    ['HOST', 'no such host'],
    ['DATABASE_URL', 'mysql://localhost/midwatch'],
    ['MIDWATCH_JWKS_URL', 'keys.json'],
    ['MIDWATCH_LOG_LEVEL', 'loud'],
    ['MIDWATCH_SETTLE_MS', '5'],
  ])('is one line that names it, and exit 2: %s=%s', async (name, value) => {
    const { code, lines } = await runServer({
      DATABASE_URL: database.url,
      MIDWATCH_DATA_DIR: emptyDataDir(),
      PORT: String(await freePort()),
      [name]: value,
    });
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^midwatch: ${name}: `))]);
    expect(code).toBe(2);
  });

  it.each(['MIDWATCH_JWT_ISSUER', 'MIDWATCH_JWT_AUDIENCE'])('may be what is left out: %s', async (missing) => {
    const { [missing]: _left, ...env }: Record<string, string> = {
      MIDWATCH_JWKS_URL: 'https://login.example.com/keys',
      MIDWATCH_JWT_ISSUER: 'https://login.example.com',
      MIDWATCH_JWT_AUDIENCE: 'midwatch',
    };
    const { code, lines } = await runServer(env);
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^midwatch: ${missing}: required`))]);
    expect(code).toBe(2);
  });

  it.each([
    ['MIDWATCH_JWT_ISSUER', 'https://login.example.com'],
    ['MIDWATCH_JWT_AUDIENCE', 'midwatch'],
  ])('may be what is left out beside %s', async (name, value) => {
    const { code, lines } = await runServer({ [name]: value, MIDWATCH_DATA_DIR: emptyDataDir() });
    expect(lines).toEqual([`midwatch: MIDWATCH_JWKS_URL: required when ${name} is set`]);
    expect(code).toBe(2);
  });

  it('is one line for a data directory that is a file', async () => {
    const file = path.join(emptyDataDir(), 'taken');
    writeFileSync(file, '');
    const { code, lines } = await runServer({ MIDWATCH_DATA_DIR: file, PORT: String(await freePort()) });
    expect(lines).toEqual([expect.stringMatching(/^midwatch: MIDWATCH_DATA_DIR: /)]);
    expect(code).toBe(2);
  });

  it('is one line for a port that is in use, and nothing is left behind', async () => {
    const dataDir = lastingDir;
    const first = await start({ databaseUrl: database.url, dataDir: emptyDataDir() });
    const { code, lines } = await runServer({ MIDWATCH_DATA_DIR: dataDir, PORT: new URL(first.url).port });
    expect(lines).toEqual([expect.stringMatching(/^midwatch: cannot listen on .*PORT/)]);
    expect(code).toBe(1);
    await untilGone(dataDir);
  });

  it('is one line for a database that does not answer', async () => {
    const databaseUrl = `postgresql://nobody@127.0.0.1:${await freePort()}/nothing`;
    const { code, lines } = await runServer({ DATABASE_URL: databaseUrl, MIDWATCH_DATA_DIR: emptyDataDir() });
    expect(lines).toEqual([expect.stringMatching(/^midwatch: the database cannot be used .*DATABASE_URL/)]);
    expect(code).toBe(1);
  });

  it('is not what a database of one’s own is: then none is embedded', async () => {
    const dataDir = emptyDataDir();
    const server = await start({ databaseUrl: database.url, dataDir });
    const traceId = await sealOne(server);
    const { rows } = await database.pool.query('SELECT FROM decision WHERE trace_id = $1', [traceId]);
    expect(rows).toHaveLength(1);
    expect(existsSync(path.join(dataDir, 'postgres'))).toBe(false);
  });
});
