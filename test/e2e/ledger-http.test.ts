import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Role } from '../../src/access/policy.js';
import { parsePinnedKey } from '../../src/ledger/bundle/pin.js';
import { verifyBundle } from '../../src/ledger/bundle/verify.js';
import { leafHash } from '../../src/ledger/chain.js';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { parseVerifierKey } from '../../src/ledger/note/key.js';
import { openCheckpoint } from '../../src/ledger/note/trust.js';
import { Frontier } from '../../src/ledger/tree/frontier.js';
import { readRoots } from '../../src/timestamp/roots.js';
import { verifyToken } from '../../src/timestamp/token.js';
import { newFleet } from '../support/access.js';
import { decisionInput } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { ROOT, startServer, type TestServer } from '../support/server.js';
import { startAuthority, type TestAuthority } from '../support/tsa-server.js';
import { until } from '../support/wait.js';

let database: TestDatabase;
let server: TestServer;
let authority: TestAuthority;
let dir: string;

const SIZE = 600;
/** Of a decision with as many steps as one may have: its entry is like others. */
const LONG_SEQ = 300;
const RECORD = `mutation Record($input: RecordDecisionsInput!) {
  recordDecisions(input: $input) { ... on RecordDecisionsSuccess { decisions { id } } }
}`;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await newFleet(database.pool, 'other');
  authority = await startAuthority();
  dir = mkdtempSync(path.join(tmpdir(), 'midwatch-ledger-http-'));
  writeFileSync(path.join(dir, 'roots.pem'), authority.roots);
  const timestamps = `{url: "${authority.url}", roots: roots.pem, every: 10s}`;
  writeFileSync(path.join(dir, 'midwatch.yaml'), `agent_monitoring: {timestamps: ${timestamps}}`);
  server = await startServer({
    databaseUrl: database.url,
    env: { MIDWATCH_CONFIG: path.join(dir, 'midwatch.yaml') },
  });
  const steps = Array.from({ length: 1_000 }, (_, index) => ({
    kind: 'TOOL_CALL',
    name: `look up ${index}`,
    startedAt: '2026-11-22T08:00:00.250Z',
    durationMs: 1,
  }));
  const decisions = Array.from({ length: SIZE }, (_, index) =>
    decisionInput(`d-${index}`, index === LONG_SEQ ? { steps } : {}),
  );
  expect((await server.graphql(RECORD, { input: { decisions } })).errors).toBeUndefined();
  await until(async () => (await get('/ledger/default/checkpoint')).text().includes(`\n${SIZE}\n`));
});
afterAll(async () => {
  await server.stop();
  await authority.close();
  await database.drop();
  rmSync(dir, { recursive: true });
});

interface Got {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  text(): string;
}

interface Asked {
  roles?: Role[];
  fleets?: string[] | '*';
  method?: string;
  headers?: Record<string, string>;
}

/** Reads what came over the wire, as it came. */
async function get(target: string, { roles, fleets, method = 'GET', headers = {} }: Asked = {}): Promise<Got> {
  const authorization = `Bearer ${await server.token(roles, fleets)}`;
  return new Promise((resolve, reject) => {
    const request = http.request(
      server.url + target,
      { method, headers: { authorization, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: () => body.toString() });
        });
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** The entries of a bundle (C2SP tlog-tiles, Log entries). */
function unpack(bundle: Buffer): string[] {
  const entries: string[] = [];
  for (let at = 0; at < bundle.length; ) {
    const length = bundle.readUInt16BE(at);
    entries.push(bundle.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

function hashesOf(tile: Buffer): Buffer[] {
  return Array.from({ length: tile.length / 32 }, (_, at) => tile.subarray(at * 32, at * 32 + 32));
}

function rootOf(hashes: readonly Buffer[]): string {
  const frontier = Frontier.empty();
  for (const hash of hashes) frontier.append(hash);
  return frontier.root().toString('hex');
}

/** The head somebody believes in who has nothing but the public key. */
async function believe(prefix: string, publicKey: string) {
  const key = parseVerifierKey(publicKey);
  const opened = openCheckpoint((await get(`${prefix}/checkpoint`)).text(), {
    logs: key === null ? [] : [key],
    witnesses: [],
    quorum: null,
  });
  if ('fault' in opened) throw new TypeError(opened.fault);
  return opened.checkpoint;
}

async function keyOf(field: string): Promise<string> {
  const { data } = await server.graphql<{ ledger: Record<string, string> }>(`{ ledger { ${field} } }`);
  return JSON.stringify(data).match(/"(midwatch\/[^"]+)"/)?.[1] ?? '';
}

describe('an auditor of the log of the installation', () => {
  it('reads when an authority saw a head of it', { timeout: 60_000 }, async () => {
    const stamped = await until(async () => {
      const found = await get('/ledger/timestamp/note');
      return found.status === 200 && found;
    }, 30_000);
    const [, size] = stamped.text().split('\n');
    const token = await get(`/ledger/timestamp/${size}`);
    expect(token.headers['content-type']).toBe('application/vnd.etsi.timestamp-token');
    const roots = readRoots(authority.roots) ?? [];
    const seen = await verifyToken(token.body, { bytes: stamped.body, nonce: null, roots, window: null });
    expect(seen).toEqual({ atMs: expect.any(Number), authority: 'tsa.example' });
    const key = parseVerifierKey(await keyOf('rootLog { keys { publicKey } }'));
    const policy = { logs: key === null ? [] : [key], witnesses: [], quorum: null };
    expect(openCheckpoint(stamped.text(), policy)).toHaveProperty('checkpoint.size', BigInt(size ?? 0));
    expect(await (await fetch(`${server.url}/healthz/ledger`)).json()).toMatchObject({ timestamps: 'ok' });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/midwatch_timestamp_requests_total\{outcome="stamped"\} [1-9]/);
  });

  it.each(['/ledger/timestamp/0', '/ledger/timestamp/999999', '/ledger/timestamp/x', '/ledger/default/timestamp/note'])(
    'is told that nothing is at %s',
    async (target) => {
      expect((await get(target)).status).toBe(404);
    },
  );
});

describe('a monitor that knows C2SP tlog-tiles', () => {
  it('finds the tree of the checkpoint in the tiles, and the leaves in the entries', async () => {
    const { size, root } = await believe('/ledger/default', await keyOf('publicKey'));
    expect(size).toBe(BigInt(SIZE));
    const tiles = ['tile/0/000', 'tile/0/001', 'tile/0/002.p/88'];
    const leaves = (await Promise.all(tiles.map((tile) => get(`/ledger/default/${tile}`)))).flatMap(({ body }) =>
      hashesOf(body),
    );
    expect(rootOf(leaves)).toBe(root.toString('hex'));
    const bundles = ['tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/88'];
    const entries = (await Promise.all(bundles.map((bundle) => get(`/ledger/default/${bundle}`)))).flatMap(({ body }) =>
      unpack(body),
    );
    expect(entries.map((entry) => leafHash(entry))).toEqual(leaves.map((leaf) => leaf.toString('hex')));
    const above = hashesOf((await get('/ledger/default/tile/1/000.p/2')).body);
    expect(above.map((hash) => hash.toString('hex'))).toEqual([
      rootOf(leaves.slice(0, 256)),
      rootOf(leaves.slice(256, 512)),
    ]);
  });

  it('finds the head of every fleet in the log of the installation', async () => {
    const key = await keyOf('rootLog { keys { publicKey } }');
    const { size, root } = await until(async () => {
      const checkpoint = await believe('/ledger', key);
      const entries = unpack((await get(`/ledger/tile/entries/000.p/${checkpoint.size}`)).body);
      return entries.some((entry) => entry.includes(`/default\n${SIZE}\n`)) && checkpoint;
    }, 30_000);
    const leaves = hashesOf((await get(`/ledger/tile/0/000.p/${size}`)).body);
    expect(rootOf(leaves)).toBe(root.toString('hex'));
    const entries = unpack((await get(`/ledger/tile/entries/000.p/${size}`)).body);
    expect(entries.map((entry) => leafHash(entry))).toEqual(leaves.map((leaf) => leaf.toString('hex')));
    expect(entries.some((entry) => entry.split('\n')[0]?.endsWith('/other'))).toBe(true);
  });

  it('gets each with its type, and may keep what never changes', async () => {
    const headersOf = async (path: string) => (await get(`/ledger/default/${path}`)).headers;
    expect(await headersOf('checkpoint')).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const immutable = {
      'content-type': 'application/octet-stream',
      'cache-control': 'private, max-age=31536000, immutable',
    };
    expect(await headersOf('tile/0/001')).toMatchObject(immutable);
    expect(await headersOf('tile/entries/001')).toMatchObject(immutable);
  });

  it('gets entries compressed where it asks for that', async () => {
    const plain = await get('/ledger/default/tile/entries/000');
    const packed = await get('/ledger/default/tile/entries/000', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    expect(gunzipSync(packed.body)).toEqual(plain.body);
  });

  it('may ask for the headers alone', async () => {
    const { status, headers, body } = await get('/ledger/default/tile/0/000', { method: 'HEAD' });
    expect([status, headers['content-length'], body.length]).toEqual([200, '8192', 0]);
  });
});

describe('a bundle', () => {
  it('says which entry tells of it, and whether the ledger has that or owes it', async () => {
    const told = async () => (await get('/ledger/other/bundle.jsonl')).headers['x-midwatch-export'];
    expect(await told()).toMatch(/^Bundle:[0-9a-f]{16}; sealed$/);
    const contradiction = { fleet: 'other', witness: 'w.example', at: new Date() };
    await keepContradiction(database.pool, {
      ...contradiction,
      kind: 'AHEAD',
      witnessSize: 99,
      ownSize: 1,
      evidence: null,
    });
    const [subject, state] = (await told())?.toString().split('; ') ?? [];
    expect(state).toBe('owed');
    await endContradiction(database.pool, contradiction);
    await until(async () => (await checkLedger(database.pool, 'other')).some((entry) => entry.subject === subject));
  });
});

describe('what is not to be had is refused in words', () => {
  it.each([
    ['/ledger/default/tile/0/003', /has nothing of tile\/0\/003/],
    ['/ledger/default/tile/0/002', /no more than tile\/0\/002\.p\/88/],
    ['/ledger/default/tile/0/002.p/89', /no more than tile\/0\/002\.p\/88/],
    ['/ledger/default/tile/1/000', /no more than tile\/1\/000\.p\/2/],
    ['/ledger/default/tile/entries/002.p/200', /no more than tile\/entries\/002\.p\/88/],
    ['/ledger/default/tile/64/000', /is no tile/],
    ['/ledger/default/tile/0/1', /is no tile/],
    ['/ledger/default/tile/0/002.p/088', /is no tile/],
    ['/ledger/default/tile/0/x999/x999/x999/x999/x999/x999/x999/999', /has nothing of/],
    ['/ledger/nowhere/checkpoint', /no fleet nowhere/],
    ['/ledger/default/bundle.jsonl?decision=none', /no entries about this/],
  ])('404: %s', async (path, words) => {
    const { status, text } = await get(path);
    expect(status).toBe(404);
    expect(JSON.parse(text()).error.message).toMatch(words);
  });

  it('a partial tile that is full by now is served still', async () => {
    const [partial, full] = [await get('/ledger/default/tile/0/001.p/7'), await get('/ledger/default/tile/0/001')];
    expect(partial.body).toEqual(full.body.subarray(0, 7 * 32));
  });

  it.each([
    ['another fleet', '/ledger/other/checkpoint', { fleets: ['default'] }],
    ['a bundle of another fleet', '/ledger/other/bundle.jsonl', { fleets: ['default'] }],
    ['a bundle for a role that reads nothing', '/ledger/default/bundle.jsonl', { roles: ['INGEST' as const] }],
    ['a role that reads nothing', '/ledger/default/checkpoint', { roles: ['INGEST' as const] }],
    ['leaves of the installation, for one fleet alone', '/ledger/tile/entries/000.p/1', { fleets: ['default'] }],
  ])('403: %s', async (_what, path, asked) => {
    const { status, text } = await get(path, asked);
    expect([status, JSON.parse(text()).error.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('401 without a credential, 405 for another method', async () => {
    expect((await fetch(`${server.url}/ledger/default/checkpoint`)).status).toBe(401);
    expect((await get('/ledger/default/checkpoint', { method: 'POST' })).status).toBe(405);
  });

  it('but hashes and heads of the installation are for every reader', async () => {
    for (const path of ['/ledger/checkpoint', '/ledger/tile/0/000.p/1']) {
      expect((await get(path, { roles: ['VIEWER'], fleets: ['default'] })).status).toBe(200);
    }
  });
});

/** Last, since a bundle that is given out is told of in the ledger. */
describe('a bundle over HTTP', () => {
  const verify = async (body: Buffer) => {
    const key = parsePinnedKey(await keyOf('publicKey'));
    return verifyBundle(Readable.from([body]), { key, policy: null, held: [] });
  };

  it('has everything that is signed, without what was said, and is found intact', async () => {
    const { status, headers, body } = await get('/ledger/default/bundle.jsonl', { roles: ['VIEWER'] });
    expect([status, headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="midwatch-ledger-default.jsonl"',
    ]);
    const verdict = await verify(body);
    expect(verdict).toMatchObject({ outcome: 'intact', entries: { checked: SIZE } });
    expect(body.toString()).toContain('"content":"withheld"');
    const { kind, canonical } = (await checkLedger(database.pool, 'default')).at(-1) ?? {};
    expect({ kind, payload: JSON.parse(canonical ?? '').payload }).toMatchObject({
      kind: 'EXPORT',
      payload: { actor: 'test', change: 'EXPORTED', content: 'WITHHELD', from: 0, to: SIZE },
    });
    expect((await verify(body.subarray(0, body.length / 2))).outcome).not.toBe('intact');
  });

  it('may be of one decision', async () => {
    const { body } = await get('/ledger/default/bundle.jsonl?decision=d-7');
    expect(await verify(body)).toMatchObject({ outcome: 'intact', entries: { checked: 1 } });
  });
});

// Last, since a bundle is told of in the ledger.
describe('an auditor of a time-stamped ledger', () => {
  it('has a bundle that says so, to whoever pinned the authority', { timeout: 60_000 }, async () => {
    const bundle = path.join(dir, 'bundle.jsonl');
    writeFileSync(bundle, (await get('/ledger/default/bundle.jsonl')).body);
    const pins = ['--public-key', await keyOf('publicKey'), '--timestamp-roots', path.join(dir, 'roots.pem')];
    const args = [path.join(ROOT, 'bin/midwatch.js'), 'verify', bundle, ...pins];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/seen by tsa\.example no later than \d{4}-/);
  });
});
