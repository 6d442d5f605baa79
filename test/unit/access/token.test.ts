import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CompactEncrypt, exportJWK, FlattenedSign, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InstallationKey, loadInstallationKey } from '../../../src/access/keys.js';
import { signToken, type TokenTrust, verifyToken } from '../../../src/access/token.js';
import type { AppError } from '../../../src/errors.js';
import { compactJws, encode } from '../../support/compact-jws.js';

const NOW_S = 1_790_000_000;
const clock = { now: () => NOW_S * 1000 };
const dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-token-'));

let key: InstallationKey;
let trust: TokenTrust;
let jwk: JWK & Record<string, string>;

beforeAll(async () => {
  key = await loadInstallationKey(dataDir);
  trust = { key, identityProvider: null, clock };
  jwk = JSON.parse(readFileSync(path.join(dataDir, 'keys/token.jwk.json'), 'utf8'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const privateKey = () => createPrivateKey({ key: jwk, format: 'jwk' });
const publicKey = () => createPublicKey(privateKey());
const header = (changes: object = {}) => ({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid, ...changes });
const claims = (changes: object = {}) => ({
  iss: 'midwatch',
  aud: 'midwatch',
  sub: 'cli',
  iat: NOW_S,
  exp: NOW_S + 3600,
  roles: ['VIEWER'],
  fleets: ['prod-1'],
  ...changes,
});
/** A token right in everything but the changes. */
const own = (headerChanges: object, claimChanges: object = {}) =>
  compactJws(header(headerChanges), claims(claimChanges), privateKey());
const unsigned = (alg: object) => `${encode({ typ: 'at+jwt', kid: key.kid, ...alg })}.${encode(claims())}.`;
const withHmac = (secret: string | Buffer) => {
  const input = `${encode(header({ alg: 'HS256' }))}.${encode(claims())}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const stranger = generateKeyPairSync('ed25519');
const byStranger = (headerChanges: object) => compactJws(header(headerChanges), claims(), stranger.privateKey);
const strangerJwk = () => exportJWK(stranger.publicKey);

/** The attacks of RFC 8725 section 2 and those known since, numbered. */
const REFUSED: [string, () => string | Promise<string>][] = [
  ['1 alg none', () => unsigned({ alg: 'none' })],
  ['1 alg none with a signature', () => own({ alg: 'none' })],
  ['2 alg None', () => `${unsigned({ alg: 'None' })}AA`],
  ['3 alg nOnE', () => `${unsigned({ alg: 'nOnE' })}AA`],
  ['4 no alg', () => own({ alg: undefined })],
  ['4 an alg of the right key that is not pinned', () => own({ alg: 'Ed25519' })],
  ['5 HS256 with the public PEM', () => withHmac(publicKey().export({ type: 'spki', format: 'pem' }))],
  ['6 HS256 with the public DER', () => withHmac(publicKey().export({ type: 'spki', format: 'der' }))],
  ['6 HS256 with the public bytes', () => withHmac(Buffer.from(jwk.x ?? '', 'base64url'))],
  ['7 its own key in jwk', async () => byStranger({ jwk: await strangerJwk() })],
  ['7 its own key in jwk, without kid', async () => byStranger({ kid: undefined, jwk: await strangerJwk() })],
  ['8 jku', () => byStranger({ jku: 'http://127.0.0.1:1/keys' })],
  ['9 x5u', () => byStranger({ x5u: 'http://127.0.0.1:1/chain' })],
  ['10 x5c self-made', () => byStranger({ x5c: ['MIIB'] })],
  ['11 kid is a path', () => own({ kid: '../../dev/null' })],
  ['11 kid is SQL', () => own({ kid: "' OR 1=1 --" })],
  ['11 kid of a megabyte', () => own({ kid: 'k'.repeat(1_000_000) })],
  ['11 kid is no string', () => own({ kid: { toString: 'x' } })],
  ['12 unknown crit', () => own({ crit: ['x'], x: 1 })],
  ['13 b64 false', () => own({ b64: false })],
  ['13 b64 false and crit', () => own({ b64: false, crit: ['b64'] })],
  ['14 no exp', () => own({}, { exp: undefined })],
  ['15 exp is a string', () => own({}, { exp: String(NOW_S + 3600) })],
  ['16 exp in the year 12000', () => own({}, { exp: 316_516_204_800 })],
  ['17 expired 6 s ago', () => own({}, { exp: NOW_S - 6 })],
  ['18 nbf in the future', () => own({}, { nbf: NOW_S + 60 })],
  ['19 iat in the future', () => own({}, { iat: NOW_S + 60 })],
  ['19 no iat', () => own({}, { iat: undefined })],
  ['20 another iss', () => own({}, { iss: 'https://evil.example' })],
  ['20 no iss', () => own({}, { iss: undefined })],
  ['21 iss with a slash', () => own({}, { iss: 'midwatch/' })],
  ['22 another aud', () => own({}, { aud: 'other' })],
  ['22 no aud', () => own({}, { aud: undefined })],
  ['22 ours among several aud', () => own({}, { aud: ['midwatch', 'other'] })],
  ['23 typ of an ID token', () => own({ typ: 'JWT' })],
  ['23 no typ', () => own({ typ: undefined })],
  [
    '24 sub twice',
    () => compactJws(header(), JSON.stringify(claims()).replace('"sub"', '"sub":"root","s\\u0075b"'), privateKey()),
  ],
  [
    '24 kid twice',
    () => compactJws(JSON.stringify(header()).replace('"kid"', '"kid":"other","kid"'), claims(), privateKey()),
  ],
  [
    '25 encrypted to a public key of ours',
    async () => {
      const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const encrypt = new CompactEncrypt(Buffer.from(JSON.stringify(claims())));
      return encrypt
        .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt', kid: key.kid })
        .encrypt(rsa.publicKey);
    },
  ],
  [
    '25 PBES2 with a billion hashes',
    () => `${encode({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 1e9, p2s: 'AAAA', kid: key.kid })}.AA.AA.AA.AA`,
  ],
  [
    '26 JSON serialisation',
    async () =>
      JSON.stringify(
        await new FlattenedSign(Buffer.from(JSON.stringify(claims())))
          .setProtectedHeader(header())
          .sign(key.privateKey),
      ),
  ],
  ['26 polyglot', () => `{"payload":"${encode(claims())}","x":"${own({})}"}`],
  ['26 two tokens', () => `${own({})},${own({})}`],
  ['27 issued by nobody we know', () => own({ kid: 'k1' }, { iss: 'https://login.example', tenant: 'other' })],
  ['28 longer than 16 KB', () => own({}, { pad: 'x'.repeat(16_384) })],
  ['28 NUL at the end', () => `${own({})}\0`],
  ['28 padding', () => `${own({})}==`],
  ['28 a space inside', () => own({}).replace('.', '. ')],
  ['28 a line break', () => `${own({})}\n`],
  ['28 the same signature spelled otherwise', () => respell(own({}))],
  ['a changed claim', () => own({}).replace(encode(claims()), encode(claims({ roles: ['ADMIN'] })))],
  ['no sub', () => own({}, { sub: undefined })],
  ['a sub no database takes', () => own({}, { sub: 'a\0b' })],
  ['no roles', () => own({}, { roles: undefined })],
  ['roles as text', () => own({}, { roles: 'ADMIN' })],
  ['no known role', () => own({}, { roles: ['admin', 'root'] })],
  ['no fleets', () => own({}, { fleets: undefined })],
  ['an empty list of fleets', () => own({}, { fleets: [] })],
  ['one fleet as text', () => own({}, { fleets: 'prod-1' })],
  ['nothing', () => ''],
  ['two dots', () => '..'],
];

/** 64 bytes leave four unused bits in the last character; setting one keeps the bytes. */
function respell(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = token.at(-1) ?? '';
  return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) + 1);
}

describe('verifyToken', () => {
  it('accepts the token every refused one is a change of', async () => {
    const viewer = await verifyToken(own({}), trust);
    expect(viewer).toEqual({
      subject: 'cli',
      roles: new Set(['VIEWER']),
      fleets: new Set(['prod-1']),
      expiresAtMs: (NOW_S + 3600) * 1000,
    });
  });

  it.each(REFUSED)('refuses %s with the one message', async (_name, make) => {
    const error = await verifyToken(await make(), trust).then(
      () => null,
      (refused: AppError) => refused,
    );
    expect(error).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'the token is not valid or has expired: get a new one with npx midwatch token, or from your issuer',
    });
  });

  it('passes over roles it does not know beside one it does', async () => {
    const { roles } = await verifyToken(own({}, { roles: ['root', 'AUDITOR'] }), trust);
    expect(roles).toEqual(new Set(['AUDITOR']));
  });

  it('allows clocks to differ by four seconds', async () => {
    await expect(verifyToken(own({}, { exp: NOW_S - 4 }), trust)).resolves.toMatchObject({ subject: 'cli' });
    await expect(verifyToken(own({}, { iat: NOW_S + 4 }), trust)).resolves.toMatchObject({ subject: 'cli' });
  });

  it('does not take an asterisk in a list for every fleet', async () => {
    const { fleets } = await verifyToken(own({}, { fleets: ['*'] }), trust);
    expect(fleets).toEqual(new Set(['*']));
  });
});

describe('signToken', () => {
  it('signs what verifyToken reads back, until its time is over', async () => {
    const grant = { roles: ['OPERATOR', 'INGEST'] as const, fleets: '*' as const, ttlMs: 60_000, subject: 'ci' };
    const token = await signToken(key, grant, clock);
    expect(await verifyToken(token, trust)).toEqual({
      subject: 'ci',
      roles: new Set(['OPERATOR', 'INGEST']),
      fleets: '*',
      expiresAtMs: NOW_S * 1000 + 60_000,
    });
    const later = { ...trust, clock: { now: () => NOW_S * 1000 + 66_000 } };
    await expect(verifyToken(token, later)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('makes tokens another installation refuses', async () => {
    const otherDir = mkdtempSync(path.join(tmpdir(), 'midwatch-token-'));
    const other = { ...trust, key: await loadInstallationKey(otherDir) };
    rmSync(otherDir, { recursive: true });
    await expect(verifyToken(own({}), other)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
