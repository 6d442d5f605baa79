import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IdentityKeys } from '../../src/access/identity-keys.js';
import { type InstallationKey, loadInstallationKey } from '../../src/access/keys.js';
import { type TokenTrust, verifyToken } from '../../src/access/token.js';
import type { Viewer } from '../../src/access/viewer.js';
import { compactJws } from '../support/compact-jws.js';

const ISSUER = 'https://login.example';
const AUDIENCE = 'https://midwatch.example';
const MINUTE_MS = 60_000;

interface SigningKey {
  kid: string;
  alg: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const rsa = (): SigningKey => ({
  kid: randomUUID(),
  alg: 'RS256',
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
});
const jwks = (...keys: SigningKey[]) =>
  JSON.stringify({ keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid })) });

const dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-identity-'));
const first = rsa();
const second = rsa();
let key: InstallationKey;
let server: http.Server;
let requests: number;
let answer: (response: http.ServerResponse) => void;
let clock: { nowMs: number; now(): number };
let trust: TokenTrust;

beforeAll(async () => {
  key = await loadInstallationKey(dataDir);
});
afterAll(() => rmSync(dataDir, { recursive: true }));

beforeEach(async () => {
  requests = 0;
  answer = (response) => response.end(jwks(first));
  server = http.createServer((_request, response) => {
    requests++;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  clock = { nowMs: 1_790_000_000_000, now: () => clock.nowMs };
  const identityProvider = { issuer: ISSUER, audience: AUDIENCE, keys: new IdentityKeys(url, clock) };
  trust = { key, identityProvider, clock };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface Changes {
  header?: object;
  claims?: object;
}

function tokenOf({ kid, alg, privateKey }: SigningKey, { header = {}, claims = {} }: Changes = {}): string {
  const nowS = clock.nowMs / 1000;
  return compactJws(
    { alg, kid, typ: 'at+jwt', ...header },
    { iss: ISSUER, aud: AUDIENCE, sub: 'ada', iat: nowS, exp: nowS + 600, roles: ['AUDITOR'], fleets: '*', ...claims },
    privateKey,
  );
}
const verify = (signer: SigningKey, changes?: Changes): Promise<Viewer> => verifyToken(tokenOf(signer, changes), trust);
const down = (response: http.ServerResponse) => response.writeHead(503).end();
const refused = { code: 'UNAUTHENTICATED' };
const unavailable = { code: 'UNAVAILABLE', retryAfterS: 30 };

describe("the company's own tokens", () => {
  it('are accepted with the roles and fleets they carry', async () => {
    expect(await verify(first)).toMatchObject({ subject: 'ada', roles: new Set(['AUDITOR']), fleets: '*' });
    expect(await verify(first, { header: { typ: 'JWT' } })).toMatchObject({ subject: 'ada' });
    expect(await verify(first, { header: { typ: undefined } })).toMatchObject({ subject: 'ada' });
    expect(await verify(first, { claims: { aud: [AUDIENCE] } })).toMatchObject({ subject: 'ada' });
  });

  it.each([
    ['another issuer', { claims: { iss: 'midwatch' } }],
    ['our own audience', { claims: { aud: 'midwatch' } }],
    ['several audiences', { claims: { aud: [AUDIENCE, 'https://mail.example'] } }],
    ['a logout token', { header: { typ: 'logout+jwt' } }],
    ['an algorithm that is not pinned', { header: { alg: 'RS512' } }],
    ['no algorithm', { header: { alg: 'none' } }],
    ['our own key id', { header: { kid: 'KID' } }],
  ])('are refused with %s', async (_name, changes) => {
    const header = JSON.parse(JSON.stringify(changes).replace('"KID"', JSON.stringify(key.kid)));
    await expect(verify(first, header)).rejects.toMatchObject(refused);
  });

  it('are not made by our own key under their name, nor ours by theirs', async () => {
    const own = { iss: 'midwatch', aud: 'midwatch' };
    await expect(verify(first, { claims: own })).rejects.toMatchObject(refused);
    await expect(verify({ ...first, kid: key.kid }, { claims: own })).rejects.toMatchObject(refused);
  });
});

describe("the identity provider's keys", () => {
  it('are read once for many tokens', async () => {
    await Promise.all(Array.from({ length: 50 }, () => verify(first)));
    expect(requests).toBe(1);
  });

  it('are not asked for again by a flood of unknown key ids', async () => {
    await verify(first);
    clock.nowMs += MINUTE_MS;
    const flood = Array.from({ length: 200 }, () => verify({ ...first, kid: randomUUID() }));
    const results = await Promise.allSettled(flood);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(requests).toBe(2);
  });

  it('are read again for a new key id once the cooldown is over', async () => {
    await verify(first);
    answer = (response) => response.end(jwks(first, second));
    await expect(verify(second)).rejects.toMatchObject(refused);
    clock.nowMs += 30_000;
    await expect(verify(second)).resolves.toMatchObject({ subject: 'ada' });
    expect(requests).toBe(2);
  });

  it('stop working when they are gone from the set', async () => {
    await verify(first);
    answer = (response) => response.end(jwks(second));
    clock.nowMs += 11 * MINUTE_MS;
    await verify(second);
    await expect(verify(first)).rejects.toMatchObject(refused);
  });

  it('keep working for a day while the provider is down, and are asked for once in thirty seconds', async () => {
    await verify(first);
    answer = down;
    clock.nowMs += 23 * 60 * MINUTE_MS;
    for (let second = 0; second < 90; second += 1) {
      clock.nowMs += 1_000;
      await expect(verify(first)).resolves.toMatchObject({ subject: 'ada' });
    }
    await expect.poll(() => requests).toBeGreaterThan(1);
    expect(requests).toBeLessThanOrEqual(1 + 90 / 30);
    clock.nowMs += 60 * MINUTE_MS;
    await expect(verify(first)).rejects.toMatchObject(unavailable);
  });

  it('come back by themselves when the provider does', async () => {
    answer = down;
    await expect(verify(first)).rejects.toMatchObject(unavailable);
    answer = (response) => response.end(jwks(first));
    await expect(verify(first)).rejects.toMatchObject(unavailable);
    clock.nowMs += 30_000;
    await expect(verify(first)).resolves.toMatchObject({ subject: 'ada' });
  });

  const elsewhere = () => ({ location: `http://127.0.0.1:${(server.address() as AddressInfo).port}/other` });
  it.each<[string, (response: http.ServerResponse) => void]>([
    ['ten megabytes', (response) => response.end(jwks(first) + ' '.repeat(10_000_000))],
    ['ten thousand keys', (response) => response.end(jwks(...Array<SigningKey>(10_000).fill(first)))],
    ['a redirect', (response) => response.writeHead(302, elsewhere()).end()],
    ['no JSON', (response) => response.end('<html>')],
    ['no key set', (response) => response.end('{"keys":1}')],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
  ])('are not taken from %s', async (_name, bad) => {
    answer = bad;
    await expect(verify(first)).rejects.toMatchObject(unavailable);
    expect(requests).toBe(1);
  });

  it('are not waited for longer than five seconds', async () => {
    answer = (response) => response.write('{"keys":[');
    const startedAtMs = performance.now();
    await expect(verify(first)).rejects.toMatchObject(unavailable);
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  });

  it('are never secret ones', async () => {
    const oct = { kty: 'oct', k: 'c2VjcmV0', kid: 'shared', alg: 'HS256' };
    answer = (response) => response.end(JSON.stringify({ keys: [oct] }));
    await expect(verify(first, { header: { kid: 'shared', alg: 'HS256' } })).rejects.toMatchObject(refused);
  });
});
