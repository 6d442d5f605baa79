import { execFileSync, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readToken } from '../../../src/ledger/bundle/token.js';
import { createQuery, readReply } from '../../../src/timestamp/query.js';
import { readRoots } from '../../../src/timestamp/roots.js';
import { type Expectation, verifyToken } from '../../../src/timestamp/token.js';
import {
  type Issued,
  issue,
  makeToken,
  readQuery,
  replyWith,
  TIME_STAMPING,
  type TokenWish,
} from '../../support/tsa.js';

const NOTE = Buffer.from('midwatch/0123456789abcdef\n12\nAAAA\n\n— midwatch/0123456789abcdef AAAAAAAA\n');
const NONCE = Buffer.from('41424344', 'hex');
const HOUR_MS = 3_600_000;
type Wish = Partial<TokenWish & { bytes: Buffer }>;

let root: Issued;
let authority: Issued;
beforeAll(async () => {
  root = await issue({ name: 'root', isAuthority: true });
  authority = await issue({ name: 'tsa.example', issuer: root, usages: TIME_STAMPING });
});

function expecting(changes: Partial<Expectation> = {}): Expectation {
  const nowMs = Date.now();
  const window = { fromMs: nowMs - 60_000, toMs: nowMs + 60_000 };
  return { bytes: NOTE, nonce: NONCE, roots: [root.certificate], window, ...changes };
}

async function judge(wish: Wish, changes: Partial<Expectation> = {}) {
  return verifyToken(await makeToken({ signer: authority, bytes: NOTE, nonce: NONCE, ...wish }), expecting(changes));
}

describe('a time-stamp token', () => {
  it('tells when the checkpoint was seen, and by whom', async () => {
    const beforeMs = Date.now();
    const found = await judge({});
    expect(found).toEqual({ atMs: expect.any(Number), authority: 'tsa.example' });
    expect(Math.abs((found as { atMs: number }).atMs - beforeMs)).toBeLessThan(60_000);
  });

  it('tells the latest that it may have been', async () => {
    const atMs = Date.now() - 10_000;
    const accuracy = { seconds: 1, millis: 250, micros: 1 };
    expect(await judge({ atMs, accuracy })).toMatchObject({ atMs: atMs + 1_251 });
  });

  it('is believed of an authority between it and the root, too', async () => {
    const between = await issue({ name: 'between', issuer: root, isAuthority: true });
    const signer = await issue({ name: 'tsa.example', issuer: between, usages: TIME_STAMPING });
    expect(await judge({ signer }, { roots: [between.certificate, root.certificate] })).toHaveProperty('atMs');
  });

  it('is believed without its query, at any time its certificate was valid', async () => {
    expect(await judge({ atMs: Date.now() - HOUR_MS / 2 }, { nonce: null, window: null })).toHaveProperty('atMs');
  });

  it.each<[string, () => Promise<Wish>, RegExp]>([
    ['for something else', async () => ({ bytes: Buffer.from('something else') }), /something else/],
    ['with another hash', async () => ({ hashAlgorithm: 'SHA-1' }), /not SHA-256/],
    ['that answers another query', async () => ({ nonce: Buffer.from('42', 'hex') }), /nonce differs/],
    ['from before it was asked for', async () => ({ atMs: Date.now() - HOUR_MS / 2 }), /not when it was asked for/],
    ['from the future', async () => ({ atMs: Date.now() + HOUR_MS / 2 }), /not when it was asked for/],
    [
      'of an authority nobody knows',
      async () => {
        const stranger = await issue({ name: 'root', isAuthority: true });
        return { signer: await issue({ name: 'tsa.example', issuer: stranger, usages: TIME_STAMPING }) };
      },
      /certificate/,
    ],
    [
      'of a certificate for something else',
      async () => ({
        signer: await issue({ name: 'web', issuer: root, usages: { purposes: ['1.3.6.1.5.5.7.3.1'], critical: true } }),
      }),
      /not for time-stamping alone/,
    ],
    [
      'of a certificate for everything',
      async () => ({ signer: await issue({ name: 'any', issuer: root }) }),
      /not for time-stamping alone/,
    ],
    [
      'of one for time-stamping among others',
      async () => ({
        signer: await issue({
          name: 'more',
          issuer: root,
          usages: { purposes: ['1.3.6.1.5.5.7.3.8', '1.3.6.1.5.5.7.3.1'], critical: true },
        }),
      }),
      /not for time-stamping alone/,
    ],
    [
      'of one that does not insist on its use',
      async () => ({
        signer: await issue({ name: 'lax', issuer: root, usages: { ...TIME_STAMPING, critical: false } }),
      }),
      /not for time-stamping alone/,
    ],
    [
      'of a certificate that had expired',
      async () => ({
        signer: await issue({
          name: 'old',
          issuer: root,
          usages: TIME_STAMPING,
          fromMs: Date.now() - 2 * HOUR_MS,
          toMs: Date.now() - HOUR_MS,
        }),
      }),
      /certificate/,
    ],
    [
      'that names another certificate',
      async () => ({ named: (await issue({ name: 'other', issuer: root, usages: TIME_STAMPING })).certificate }),
      /does not name the certificate/,
    ],
    ['that names no certificate', async () => ({ named: null }), /does not name the certificate/],
    [
      'that says it signs something else',
      async () => ({ contentType: '1.2.840.113549.1.7.1' }),
      /not said to be a time-stamp/,
    ],
  ])('is refused %s', async (_, wish, fault) => {
    expect(await judge(await wish())).toMatchObject({ fault: expect.stringMatching(fault) });
  });

  it('is refused with any byte changed that matters, and never throws', async () => {
    const token = await makeToken({ signer: authority, bytes: NOTE, nonce: NONCE });
    const intact = await verifyToken(token, expecting());
    for (let at = 0; at < token.length; at += 7) {
      const spoiled = Buffer.from(token);
      spoiled[at] = (spoiled[at] as number) ^ 0x41;
      const found = await verifyToken(spoiled, expecting());
      // Bytes that nothing signs, such as the version of the envelope, may change; what it says may not.
      if (!('fault' in found)) expect(found).toEqual(intact);
    }
    for (const length of [0, 1, 10, token.length - 1]) {
      expect(await verifyToken(token.subarray(0, length), expecting())).toHaveProperty('fault');
    }
  });

  it('is asked for with the hash of the note and a nonce, and taken out of the answer', async () => {
    const { body, nonce } = createQuery(NOTE);
    const asked = readQuery(body);
    expect(asked.nonce).toEqual(nonce);
    const token = await makeToken({ signer: authority, bytes: NOTE, nonce });
    const reply = readReply(replyWith(token));
    expect('token' in reply && (await verifyToken(reply.token, expecting({ nonce })))).toHaveProperty('atMs');
    expect(readReply(replyWith(null))).toEqual({ fault: expect.stringContaining('did not grant') });
    expect(readReply(Buffer.from('<html>'))).toEqual({ fault: expect.stringContaining('no TimeStampResp') });
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  it.skipIf(!hasOpenssl)('of openssl is believed, and openssl understands the query', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'midwatch-tsa-'));
    const run = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
    try {
      writeFileSync(
        path.join(dir, 'conf'),
        `[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\n[tsa]\nbasicConstraints=critical,CA:FALSE
extendedKeyUsage=critical,timeStamping\n[t]\nserial=serial\ndefault_policy=1.2.3.4.1\ndigests=sha256\nsigner_digest=sha256
ess_cert_id_alg=sha256\n`,
      );
      writeFileSync(path.join(dir, 'serial'), '01');
      run(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'ca.key',
        '-out',
        'ca.pem',
        '-subj',
        '/CN=ca',
        '-days',
        '2',
        '-config',
        'conf',
        '-extensions',
        'ca',
      );
      run(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'tsa.key',
        '-out',
        'tsa.csr',
        '-subj',
        '/CN=tsa',
        '-config',
        'conf',
      );
      run(
        'x509',
        '-req',
        '-in',
        'tsa.csr',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-set_serial',
        '2',
        '-days',
        '2',
        '-extfile',
        'conf',
        '-extensions',
        'tsa',
        '-out',
        'tsa.pem',
      );
      const { body, nonce } = createQuery(NOTE);
      writeFileSync(path.join(dir, 'query'), body);
      run(
        'ts',
        '-reply',
        '-config',
        'conf',
        '-section',
        't',
        '-queryfile',
        'query',
        '-inkey',
        'tsa.key',
        '-signer',
        'tsa.pem',
        '-out',
        'reply',
      );
      const reply = readReply(readFileSync(path.join(dir, 'reply')));
      const roots = readRoots(readFileSync(path.join(dir, 'ca.pem'), 'utf8'));
      expect('token' in reply && readToken(reply.token)?.imprint).toEqual(hash('sha256', NOTE, 'buffer'));
      expect('token' in reply && (await verifyToken(reply.token, expecting({ nonce, roots: roots ?? [] })))).toEqual({
        atMs: expect.any(Number),
        authority: 'tsa',
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
