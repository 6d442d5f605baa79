import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.js';
import { bundleLines } from '../../src/export/export-bundle.js';
import { planExport, settleExtent } from '../../src/export/plan.js';
import type { BundleLine } from '../../src/ledger/bundle/line.js';
import { parsePinnedKey } from '../../src/ledger/bundle/pin.js';
import { verifyBundle } from '../../src/ledger/bundle/verify.js';
import { ROOT_LOG } from '../../src/ledger/publish/origin.js';
import { findNewestCheckpoint } from '../../src/ledger/publish/store.js';
import { createLog } from '../../src/log.js';
import { Authority } from '../../src/timestamp/authority.js';
import { readRoots } from '../../src/timestamp/roots.js';
import { Stamper } from '../../src/timestamp/stamper.js';
import { vouchBy } from '../../src/timestamp/vouch.js';
import { textOf } from '../support/bundle.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { issue, replyWith, TIME_STAMPING } from '../support/tsa.js';
import { type AskedQuery, pemOf, type Reaction, startAuthority, type TestAuthority } from '../support/tsa-server.js';
import { until } from '../support/wait.js';

type Line = Exclude<BundleLine, { type: 'end' }>;

const EVERY_MS = 600_000;
const HOUR_MS = 3_600_000;

/** Goes on by itself, and as the test says. */
class MovedClock implements Clock {
  aheadMs = 0;

  now(): number {
    return Date.now() + this.aheadMs;
  }
}

let api: GraphQLFixture;
let authority: TestAuthority;
let clock: MovedClock;
let outcomes: string[];
let stampers: { stamper: Stamper; stop: AbortController }[];
let ids = 0;

beforeAll(async () => {
  clock = new MovedClock();
  api = await startGraphQL({ clock });
});
afterAll(() => api.close());
beforeEach(async () => {
  authority = await startAuthority();
  [outcomes, stampers] = [[], []];
  await grow();
});
afterEach(async () => {
  for (const { stamper, stop } of stampers) {
    stop.abort();
    await stamper.stop();
  }
  await authority.close();
});

/** The log of the installation has another head. */
async function grow(): Promise<number> {
  ids += 1;
  const before = (await findNewestCheckpoint(api.pool, ROOT_LOG))?.size ?? 0;
  await record(api, [decisionInput(`stamped-${ids}`)]);
  clock.aheadMs += 11_000;
  return until(async () => {
    await api.publisher.round();
    const size = (await findNewestCheckpoint(api.pool, ROOT_LOG))?.size ?? 0;
    return size > before && size;
  });
}

function start(roots = authority.roots): Stamper {
  const stop = new AbortController();
  const client = new Authority({ url: authority.url, roots: readRoots(roots) ?? [], clock, stopped: stop.signal });
  const observe = (outcome: string) => outcomes.push(outcome);
  const log = createLog('silent');
  const stamper = new Stamper({ pool: api.pool, authority: client, everyMs: EVERY_MS, observe, clock, log });
  stampers.push({ stamper, stop });
  stamper.start();
  return stamper;
}

/** It says of itself what the true one does. */
const stranger = () => issue({ name: 'tsa.example', usages: TIME_STAMPING, toMs: Date.now() + 24 * HOUR_MS });

interface Shown {
  rootSize: number;
  note: string;
  authority: string;
  at: string;
  token: string;
}

async function newest(): Promise<Shown | null> {
  const { data } = await api.ask('{ ledger { rootLog { timestamp { rootSize note authority at token } } } }');
  return data.ledger.rootLog.timestamp;
}

const stampedNow = (query: AskedQuery) => authority.stamp(query, { atMs: clock.now() });

async function stampedAt(size: number): Promise<Shown> {
  return until(async () => {
    const found = await newest();
    return found?.rootSize === size && found;
  });
}

describe('the log of the installation', { timeout: 60_000 }, () => {
  it('is time-stamped, so that openssl believes it without us', async () => {
    authority.react = stampedNow;
    const size = await grow();
    start();
    const { note, token, authority: name, at } = await stampedAt(size);
    expect(note).toBe((await findNewestCheckpoint(api.pool, ROOT_LOG))?.note);
    expect(name).toBe('tsa.example');
    expect(Math.abs(Date.parse(at) - clock.now())).toBeLessThan(60_000);
    expect(authority.queries[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
    });
    const dir = mkdtempSync(path.join(tmpdir(), 'midwatch-timestamp-'));
    try {
      const files = { 'note.txt': note, 'token.der': Buffer.from(token, 'base64'), 'roots.pem': authority.roots };
      for (const [file, content] of Object.entries(files)) writeFileSync(path.join(dir, file), content);
      const options = '-verify -in token.der -token_in -data note.txt -CAfile roots.pem'.split(' ');
      expect(execFileSync('openssl', ['ts', ...options], { cwd: dir, encoding: 'utf8' })).toContain('Verification: OK');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('is asked about again when it has grown and the time is over, and not before', async () => {
    authority.react = stampedNow;
    clock.aheadMs += EVERY_MS;
    const first = await grow();
    start();
    await stampedAt(first);
    const asked = authority.queries.length;
    const second = await grow();
    start();
    // The one that waits would have asked before the other one's answer is there.
    clock.aheadMs += EVERY_MS / 2;
    expect((await newest())?.rootSize).toBe(first);
    expect(authority.queries).toHaveLength(asked);
    clock.aheadMs += EVERY_MS;
    await stampedAt(second);
  });

  it('tries again, and says what is wrong meanwhile', async () => {
    clock.aheadMs += EVERY_MS;
    const size = await grow();
    let isOpen = false;
    authority.react = async (query) => (isOpen ? stampedNow(query) : { status: 503, body: 'closed' });
    const stamper = start();
    await until(() => stamper.trouble === 'status 503');
    expect(outcomes.at(-1)).toBe('failed');
    isOpen = true;
    clock.aheadMs += 120_000;
    await stampedAt(size);
    await until(() => stamper.trouble === null);
  });

  const other = Buffer.from('something else');
  it.each<[string, (query: AskedQuery) => Promise<Reaction>, RegExp]>([
    ['of something else', (query) => authority.stamp({ ...query, imprint: other }, {}), /something else|Wrong/i],
    ['of another query', async (query) => authority.stamp(query, { nonce: Buffer.from('41424344', 'hex') }), /nonce/],
    ['of an hour ago', (query) => authority.stamp(query, { atMs: clock.now() - HOUR_MS / 2 }), /not when it was asked/],
    [
      'of an authority that nobody knows',
      async (query) => authority.stamp(query, { signer: await stranger(), atMs: clock.now() }),
      /not believed/,
    ],
    ['that is a page', async () => ({ type: 'text/html', body: '<html>sign in</html>' }), /is not application/],
    ['that is a page under another name', async () => ({ body: '<html>sign in</html>' }), /no TimeStampResp/],
    ['that is nothing', async () => ({ body: '' }), /no TimeStampResp/],
    ['that is a refusal', async () => ({ body: replyWith(null) }), /did not grant it \(status 2\)/],
    ['that does not end', async () => ({ body: Buffer.alloc(1_000_000, 0x30) }), /more than 65536 bytes/],
    [
      'that leads elsewhere',
      async () => ({ status: 307, headers: { location: authority.url }, body: '' }),
      /redirects/,
    ],
    ['that is a failure', async () => ({ status: 500, body: '' }), /status 500/],
  ])('takes no answer %s', async (_name, react, reason) => {
    clock.aheadMs += EVERY_MS;
    const size = await grow();
    authority.react = react;
    const stamper = start();
    expect(await until(() => stamper.trouble)).toMatch(reason);
    expect((await newest())?.rootSize).not.toBe(size);
  });

  it('takes no answer of roots that are others', async () => {
    clock.aheadMs += EVERY_MS;
    await grow();
    authority.react = stampedNow;
    const stamper = start(pemOf(await issue({ name: 'root', isAuthority: true })));
    expect(await until(() => stamper.trouble)).toMatch(/not believed/);
  });
});

describe('a bundle of a time-stamped ledger', { timeout: 60_000 }, () => {
  const key = async () => parsePinnedKey((await api.ask('{ ledger { publicKey } }')).data.ledger.publicKey);
  const linesOf = async () => {
    const extent = await settleExtent(api.pool, { fleet: 'default', hasWitnesses: false, nowMs: clock.now() });
    const scope = { kind: 'range', from: 0, to: null } as const;
    const plan = await planExport(api.services, { fleet: 'default', scope, content: 'withheld', extent });
    const options = { pool: api.pool, plan, generator: 'test', policy: null, progressed: () => undefined };
    const lines: Line[] = [];
    for await (const line of bundleLines(options)) lines.push(line);
    return lines;
  };
  const verified = async (lines: readonly Line[], roots: string | null = null) => {
    const vouch = roots === null ? null : vouchBy(readRoots(roots) ?? []);
    const trust = { key: await key(), policy: null, held: [] };
    return verifyBundle(Readable.from([Buffer.from(await textOf(lines))]), trust, vouch);
  };
  const isToken = (line: Line) => line.type === 'timestamp';

  it('has it stamped at once, says who saw it, and is found out with a token of something else', async () => {
    clock.aheadMs += EVERY_MS;
    const first = await grow();
    authority.react = stampedNow;
    start();
    const { token } = await stampedAt(first);
    // What is exported is not due yet: the export has it stamped.
    const second = await grow();
    const lines = await linesOf();
    expect(lines.filter(isToken)).toHaveLength(1);
    await stampedAt(second);
    expect(await linesOf()).toEqual(lines);
    expect(await verified(lines)).toMatchObject({
      outcome: 'intact',
      installation: { timestamp: { authority: null, doubt: 'the signature of no authority was checked' } },
    });
    expect(await verified(lines, authority.roots)).toMatchObject({
      outcome: 'intact',
      installation: { timestamp: { authority: 'tsa.example', doubt: null } },
    });
    const others = await startAuthority();
    await others.close();
    expect(await verified(lines, others.roots)).toMatchObject({
      outcome: 'incomplete',
      reasons: [expect.stringContaining('its time-stamp is not believed')],
      installation: { timestamp: { authority: null, doubt: expect.any(String) } },
    });
    // Genuine, of the same authority, and of another head.
    const mismatched = lines.map((line) => (line.type === 'timestamp' ? { ...line, token } : line));
    for (const roots of [null, authority.roots]) {
      expect(await verified(mismatched, roots)).toMatchObject({
        outcome: 'tampered',
        fault: { problem: 'the time-stamp: it is of something else than the checkpoint of the installation' },
      });
    }
  });

  it('has none where the authority gives none, and is made all the same', async () => {
    await grow();
    authority.react = async () => ({ status: 500, body: '' });
    start();
    const lines = await linesOf();
    expect(lines.filter(isToken)).toHaveLength(0);
    expect(await verified(lines, authority.roots)).toMatchObject({
      outcome: 'intact',
      installation: { timestamp: null },
    });
  });
});
