import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Access } from '../../src/access/access.js';
import { generateApiKey } from '../../src/access/api-key.js';
import { issueToken } from '../../src/access/issue.js';
import { type InstallationKey, loadInstallationKey } from '../../src/access/keys.js';
import type { Role } from '../../src/access/policy.js';
import { ProvidedAccess } from '../../src/access/provided-access.js';
import { createApiKey, createFleet, listApiKeys, listFleets, revokeApiKey } from '../../src/access/store.js';
import { signToken } from '../../src/access/token.js';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { findDebt } from '../../src/ledger/owed.js';
import { byCli } from '../support/access.js';
import { checkLedger } from '../support/ledger.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-access-'));
let database: TestDatabase;
let key: InstallationKey;
let clock: { nowMs: number; now(): number };
let access: Access;

beforeAll(async () => {
  database = await createDatabase();
  key = await loadInstallationKey(dataDir);
});
afterAll(async () => {
  rmSync(dataDir, { recursive: true });
  await database.drop();
});
beforeEach(async () => {
  clock = { nowMs: 1_790_000_000_000, now: () => clock.nowMs };
  access = new Access({ pool: database.pool, config: { dataDir, identityProvider: null }, clock });
  await database.asSuperuser('DELETE FROM api_key; DELETE FROM fleet');
  await createFleet(database.pool, 'prod-1', byCli());
});

const newKey = (fleetId = 'prod-1', role: Role = 'INGEST') =>
  createApiKey(database.pool, { fleetId, role, name: 'collector' }, byCli());
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const refused = { code: 'UNAUTHENTICATED', message: 'the API key is not valid or was revoked' };

async function viewerOf(fleets: string[] | '*') {
  const token = await signToken(key, { roles: ['VIEWER'], fleets, ttlMs: 60_000, subject: 'ada' }, clock);
  return access.authenticate(`Bearer ${token}`);
}

/** The queries the pool is asked for while `work` runs. */
async function countQueries(work: () => Promise<unknown>): Promise<number> {
  let queries = 0;
  const count = () => {
    queries++;
  };
  database.pool.on('acquire', count);
  await work();
  database.pool.off('acquire', count);
  return queries;
}

describe('an API key', () => {
  it('proves its role in its fleet, by Bearer, by Basic and by x-api-key', async () => {
    const { key: apiKey, apiKey: stored } = await newKey();
    const viewer = {
      subject: `key:${stored.id}`,
      roles: new Set(['INGEST']),
      fleets: new Set(['prod-1']),
      expiresAtMs: null,
    };
    expect(await access.authenticate(`Bearer ${apiKey}`)).toEqual(viewer);
    expect(await access.authenticate(basic(`pk:${apiKey}`))).toEqual(viewer);
    expect(await access.authenticate(basic(`${apiKey}:`))).toEqual(viewer);
    expect(await access.authenticate(undefined, apiKey)).toEqual(viewer);
  });

  it('is looked up once in five seconds', async () => {
    const { key: apiKey } = await newKey();
    const queries = await countQueries(async () => {
      for (let request = 0; request < 20; request++) await access.authenticate(`Bearer ${apiKey}`);
    });
    expect(queries).toBe(1);
  });

  it('stops working within five seconds of being revoked', async () => {
    const { key: apiKey, apiKey: stored } = await newKey();
    await access.authenticate(`Bearer ${apiKey}`);
    await revokeApiKey(database.pool, '*', stored.id, byCli());
    clock.nowMs += 5_000;
    await expect(access.authenticate(`Bearer ${apiKey}`)).rejects.toMatchObject(refused);
  });

  it('is refused without a query when it is mistyped, and with one message when it is unknown', async () => {
    const { key: apiKey } = await newKey();
    const typo = apiKey.slice(0, -1) + (apiKey.endsWith('a') ? 'b' : 'a');
    const queries = await countQueries(() =>
      expect(access.authenticate(`Bearer ${typo}`)).rejects.toMatchObject(refused),
    );
    expect(queries).toBe(0);
    await expect(access.authenticate(`Bearer ${generateApiKey()}`)).rejects.toMatchObject(refused);
  });

  it('is nowhere in the database but as a hash', async () => {
    const { key: apiKey } = await newKey();
    const { rows } = await database.pool.query('SELECT api_key::text AS row, hash FROM api_key');
    expect(rows[0].hash).toEqual(createHash('sha256').update(apiKey).digest());
    expect(rows[0].row).not.toContain(apiKey.slice(3, 20));
    expect(JSON.stringify(await listApiKeys(database.pool, '*'))).not.toContain(apiKey.slice(3, 20));
  });

  it('cannot be made for a fleet that is not there', async () => {
    await expect(newKey('prod-9')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('npx midwatch fleet create prod-9'),
    });
  });

  it('can be listed and revoked from its own fleet alone', async () => {
    await createFleet(database.pool, 'prod-2', byCli());
    const { apiKey } = await newKey('prod-1');
    expect(await listApiKeys(database.pool, 'prod-2')).toEqual([]);
    await expect(revokeApiKey(database.pool, 'prod-2', apiKey.id, byCli())).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await listApiKeys(database.pool, 'prod-1')).toEqual([apiKey]);
  });

  it('keeps the time of its first revocation', async () => {
    const { apiKey } = await newKey();
    const { apiKey: revoked } = await revokeApiKey(database.pool, 'prod-1', apiKey.id, byCli());
    expect(revoked.revokedAt).toBeInstanceOf(Date);
    expect(await revokeApiKey(database.pool, 'prod-1', apiKey.id, byCli())).toEqual({ apiKey: revoked, isOwed: false });
  });
});

describe('a token', () => {
  it('is accepted wherever an API key is', async () => {
    const token = await signToken(key, { roles: ['ADMIN'], fleets: '*', ttlMs: 60_000, subject: 'ada' }, clock);
    const viewer = { subject: 'ada', roles: new Set(['ADMIN']), fleets: '*', expiresAtMs: clock.nowMs + 60_000 };
    expect(await access.authenticate(`Bearer ${token}`)).toEqual(viewer);
    expect(await access.authenticate(basic(`ada:${token}`))).toEqual(viewer);
  });

  it("is accepted from the company's identity provider where one is configured", async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] });
    const server = http.createServer((_request, response) => response.end(keySet));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const identityProvider = {
      jwksUrl,
      issuer: 'https://login.example',
      audience: 'https://midwatch.example',
      client: null,
    };
    const token = await new SignJWT({ roles: ['AUDITOR'], fleets: ['prod-1'] })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
      .setIssuer(identityProvider.issuer)
      .setAudience(identityProvider.audience)
      .setSubject('grace')
      .setIssuedAt(clock.nowMs / 1000)
      .setExpirationTime(clock.nowMs / 1000 + 60)
      .sign(privateKey);

    const federated = new Access({ pool: database.pool, config: { dataDir, identityProvider }, clock });
    expect(await federated.authenticate(`Bearer ${token}`)).toMatchObject({ subject: 'grace' });
    const told = (await checkLedger(database.pool, 'prod-1')).filter(({ subject }) => subject === 'Identity:grace');
    expect(told).toHaveLength(1);
    await expect(access.authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    server.closeAllConnections();
    server.close();
  });

  it('is needed', async () => {
    await expect(access.authenticate(undefined)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('createFleet', () => {
  it('refuses an id that is taken', async () => {
    await expect(createFleet(database.pool, 'prod-1', byCli())).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await listFleets(database.pool)).map(({ id }) => id)).toEqual(['prod-1']);
  });

  it.each(['', '-a', '.a', 'a b', 'a/b', 'ä', 'a\n', '*', 'a'.repeat(64)])('refuses the id %j', async (id) => {
    await expect(createFleet(database.pool, id, byCli())).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it.each(['a', 'A.b_c-9', 'a'.repeat(63)])('takes the id %j', async (id) => {
    expect(await createFleet(database.pool, id, byCli())).toMatchObject({ id });
  });
});

describe('the ledger', () => {
  const by = { actor: 'ada', nowMs: 1_790_000_000_000 };
  const entriesOf = async (fleet: string) =>
    (await checkLedger(database.pool, fleet)).map(({ kind, subject, canonical }) => ({
      kind,
      subject,
      payload: JSON.parse(canonical).payload,
    }));
  const halt = (fleet: string) =>
    keepContradiction(database.pool, {
      fleet,
      witness: 'w.example',
      kind: 'AHEAD',
      witnessSize: 9,
      ownSize: 1,
      evidence: null,
      at: new Date(),
    });
  const stopped = { code: 'LEDGER_INTEGRITY' };
  /** Ledgers outlive the fleets that are deleted before each test. */
  let fleet: string;
  let fleets = 0;

  beforeEach(async () => {
    fleet = `sealed-${++fleets}`;
    await createFleet(database.pool, fleet, by);
  });

  it('begins with who made the fleet', async () => {
    await expect(createFleet(database.pool, fleet, by)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await entriesOf(fleet)).toEqual([
      { kind: 'ACCESS', subject: `Fleet:${fleet}`, payload: { actor: 'ada', change: 'CREATED' } },
    ]);
  });

  it('says which key was made and revoked by whom, once each, and never the key or its hash', async () => {
    const { key: secret, apiKey } = await createApiKey(
      database.pool,
      { fleetId: fleet, role: 'AUDITOR', name: 'audit' },
      by,
    );
    const revoke = () => revokeApiKey(database.pool, fleet, apiKey.id, { ...by, actor: 'grace' });
    await Promise.all([revoke(), revoke()]);
    const [, ...entries] = await entriesOf(fleet);
    const grant = { allFleets: false, expiresAt: null, name: 'audit', roles: ['AUDITOR'] };
    expect(entries).toEqual([
      { kind: 'ACCESS', subject: `ApiKey:${apiKey.id}`, payload: { ...grant, actor: 'ada', change: 'CREATED' } },
      { kind: 'ACCESS', subject: `ApiKey:${apiKey.id}`, payload: { ...grant, actor: 'grace', change: 'REVOKED' } },
    ]);
    const hash = createHash('sha256').update(secret).digest();
    const told = JSON.stringify(entries);
    for (const form of [secret, secret.slice(3, 43), hash.toString('hex'), hash.toString('base64')]) {
      expect(told).not.toContain(form);
    }
  });

  it('keeps a key from being made while it takes no entries, and has one revoked at once', async () => {
    const { key: secret, apiKey } = await createApiKey(database.pool, { fleetId: fleet, role: 'VIEWER', name: '' }, by);
    await halt(fleet);
    const made = createApiKey(database.pool, { fleetId: fleet, role: 'ADMIN', name: '' }, by);
    await expect(made).rejects.toMatchObject(stopped);
    const revoke = () => revokeApiKey(database.pool, '*', apiKey.id, { ...by, actor: 'grace' });
    expect(await revoke()).toMatchObject({ isOwed: true });
    expect(await revoke()).toMatchObject({ apiKey: { revokedAt: new Date(by.nowMs) }, isOwed: false });
    expect(await listApiKeys(database.pool, fleet)).toHaveLength(1);
    await expect(access.authenticate(`Bearer ${secret}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await entriesOf(fleet)).toHaveLength(2);
    expect(await findDebt(database.pool, fleet)).toEqual({ entries: 1, since: new Date(by.nowMs) });

    await endContradiction(database.pool, { fleet, witness: 'w.example', at: new Date() });
    const later = { actor: 'ada', nowMs: by.nowMs + 60_000 };
    const { apiKey: next } = await createApiKey(database.pool, { fleetId: fleet, role: 'VIEWER', name: '' }, later);
    const [, , owed, created] = await entriesOf(fleet);
    expect(owed).toMatchObject({
      subject: `ApiKey:${apiKey.id}`,
      payload: { actor: 'grace', change: 'REVOKED', owedSince: new Date(by.nowMs).toISOString() },
    });
    expect(created).toMatchObject({ subject: `ApiKey:${next.id}`, payload: { change: 'CREATED' } });
    expect(created?.payload).not.toHaveProperty('owedSince');
    expect(await findDebt(database.pool, fleet)).toBeNull();
  });

  it('tells every fleet that a token opens of it, and none that it does not', async () => {
    const issue = (fleets: string[] | '*') =>
      issueToken(
        { pool: database.pool, key, clock },
        { grant: { roles: ['VIEWER', 'AUDITOR'], fleets, ttlMs: 60_000, subject: 'eve' }, actor: 'cli' },
      );
    const before = (await entriesOf('prod-1')).length;
    const { jti } = decodeJwt((await issue([fleet])).token);
    const { jti: ofAll } = decodeJwt((await issue('*')).token);
    const payload = { actor: 'cli', change: 'ISSUED', name: 'eve', roles: ['VIEWER', 'AUDITOR'] };
    const expiresAt = new Date(clock.nowMs + 60_000).toISOString();
    const one = { kind: 'ACCESS', subject: `Token:${jti}`, payload: { ...payload, allFleets: false, expiresAt } };
    const all = { kind: 'ACCESS', subject: `Token:${ofAll}`, payload: { ...payload, allFleets: true, expiresAt } };
    expect((await entriesOf(fleet)).slice(1)).toEqual([one, all]);
    expect((await entriesOf('prod-1')).slice(before)).toEqual([all]);
    await expect(issue([fleet, 'nowhere'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await halt(fleet);
    await expect(issue([fleet])).rejects.toMatchObject(stopped);
    expect(await issue('*')).toMatchObject({ owingFleets: [fleet] });
    expect(await entriesOf(fleet)).toHaveLength(3);
    expect(await findDebt(database.pool, fleet)).toMatchObject({ entries: 1 });
    expect(await entriesOf('prod-1')).toHaveLength(before + 2);
  });

  describe('of what the identity provider lets somebody do', () => {
    const issuer = 'https://login.example';
    const come = (
      provided: ProvidedAccess,
      { subject = 'grace', roles = ['OPERATOR'], fleets = [fleet], issuedAgoS = 0 }: Partial<Coming> = {},
    ) =>
      provided.tell({
        subject,
        roles: new Set<Role>(roles),
        fleets: fleets === '*' ? fleets : new Set(fleets),
        expiresAtMs: clock.nowMs + 60_000,
        provided: { issuer, issuedAtMs: clock.nowMs - issuedAgoS * 1_000 },
      });
    interface Coming {
      subject: string;
      roles: Role[];
      fleets: string[] | '*';
      issuedAgoS: number;
    }
    const newProvided = () => new ProvidedAccess({ pool: database.pool, clock });
    const changesOf = async (id: string) =>
      (await entriesOf(id)).slice(1).map(({ payload: { change, roles } }) => [change, roles]);

    it('says it when they come first, and when it is something else', async () => {
      const provided = newProvided();
      await Promise.all([come(provided), come(provided), come(provided)]);
      expect((await entriesOf(fleet)).slice(1)).toEqual([
        {
          kind: 'ACCESS',
          subject: 'Identity:grace',
          payload: {
            actor: issuer,
            allFleets: false,
            change: 'GRANTED',
            issuedAt: new Date(clock.nowMs).toISOString(),
            name: 'grace',
            roles: ['OPERATOR'],
          },
        },
      ]);
      await createFleet(database.pool, `${fleet}-b`, by);
      clock.nowMs += 60_000;
      await come(provided);
      await come(provided, { roles: ['OPERATOR', 'ADMIN'], fleets: [fleet, `${fleet}-b`, 'nowhere'] });
      clock.nowMs += 60_000;
      await come(provided, { roles: ['ADMIN', 'OPERATOR'], fleets: [`${fleet}-b`] });
      expect(await changesOf(fleet)).toEqual([
        ['GRANTED', ['OPERATOR']],
        ['GRANTED', ['ADMIN', 'OPERATOR']],
        ['WITHDRAWN', undefined],
      ]);
      expect(await changesOf(`${fleet}-b`)).toEqual([['GRANTED', ['ADMIN', 'OPERATOR']]]);
    });

    it('says no more after a restart, nor of tokens that take turns', async () => {
      const provided = newProvided();
      await come(provided, { issuedAgoS: 10 });
      await come(newProvided(), { issuedAgoS: 10 });
      for (let turn = 0; turn < 3; turn += 1) {
        await come(provided, { roles: ['ADMIN'], issuedAgoS: 20 });
        await come(provided, { issuedAgoS: 10 });
      }
      expect(await changesOf(fleet)).toEqual([
        ['GRANTED', ['OPERATOR']],
        ['GRANTED', ['ADMIN']],
      ]);
      await come(provided);
      expect(await changesOf(fleet)).toHaveLength(3);
    });

    it('owes it while the ledger stands still, once', async () => {
      await halt(fleet);
      await come(newProvided());
      await come(newProvided());
      expect(await changesOf(fleet)).toEqual([]);
      expect(await findDebt(database.pool, fleet)).toMatchObject({ entries: 1 });
    });
  });

  it('says that a sign-in link was used, and lets it be used again when that could not be said', async () => {
    const code = access.signInCodes.issue();
    await halt(fleet);
    await database.asSuperuser(`DELETE FROM fleet WHERE id = 'prod-1'`);
    await expect(access.redeemCode(code)).rejects.toMatchObject(stopped);
    expect(await entriesOf(fleet)).toHaveLength(1);
    await endContradiction(database.pool, { fleet, witness: 'w.example', at: new Date() });
    const { token, expiresAtMs } = await access.redeemCode(code);
    expect((await entriesOf(fleet)).slice(1)).toEqual([
      {
        kind: 'ACCESS',
        subject: `Session:${decodeJwt(token).jti}`,
        payload: {
          actor: 'owner',
          allFleets: true,
          change: 'OPENED',
          expiresAt: new Date(Math.floor(expiresAtMs / 1000) * 1000).toISOString(),
          name: 'sign-in link',
          roles: ['ADMIN'],
        },
      },
    ]);
    await expect(access.redeemCode(code)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('enterFleet', () => {
  it('enters the fleet the header names', async () => {
    await createFleet(database.pool, 'prod-2', byCli());
    expect(await access.enterFleet(await viewerOf(['prod-1', 'prod-2']), 'prod-2')).toBe('prod-2');
    expect(await access.enterFleet(await viewerOf('*'), 'prod-2')).toBe('prod-2');
  });

  it("refuses a fleet outside the viewer's own, the same whether or not it exists", async () => {
    await createFleet(database.pool, 'prod-2', byCli());
    const viewer = await viewerOf(['prod-1']);
    const forbidden = (id: string) => ({ code: 'FORBIDDEN', message: `the credential does not open the fleet ${id}` });
    await expect(access.enterFleet(viewer, 'prod-2')).rejects.toMatchObject(forbidden('prod-2'));
    await expect(access.enterFleet(viewer, 'prod-9')).rejects.toMatchObject(forbidden('prod-9'));
  });

  it('says how to create a fleet that is not there, and finds it as soon as it is', async () => {
    const viewer = await viewerOf('*');
    await expect(access.enterFleet(viewer, 'prod-2')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'there is no fleet prod-2: create it with npx midwatch fleet create prod-2',
    });
    await createFleet(database.pool, 'prod-2', byCli());
    expect(await access.enterFleet(viewer, 'prod-2')).toBe('prod-2');
  });

  it.each(['', 'a b', 'prod-1, prod-1', "' OR 1=1 --", 'a\0'])('refuses the header %j', async (header) => {
    await expect(access.enterFleet(await viewerOf('*'), header)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining('X-Fleet-ID'),
    });
  });

  it('needs no header with one fleet in the token', async () => {
    await createFleet(database.pool, 'prod-2', byCli());
    expect(await access.enterFleet(await viewerOf(['prod-2']), undefined)).toBe('prod-2');
  });

  it('asks for the header, listing the choice, with several fleets in the token', async () => {
    await expect(access.enterFleet(await viewerOf(['prod-1', 'prod-2']), undefined)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'X-Fleet-ID is missing: name one of prod-1, prod-2',
    });
  });

  it('needs no header with every fleet in the token while there is one', async () => {
    const viewer = await viewerOf('*');
    expect(await access.enterFleet(viewer, undefined)).toBe('prod-1');
    await createFleet(database.pool, 'prod-2', byCli());
    clock.nowMs += 5_000;
    await expect(access.enterFleet(viewer, undefined)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining('X-Fleet-ID is missing'),
    });
  });

  it('asks the database once in five seconds', async () => {
    const viewer = await viewerOf('*');
    const queries = await countQueries(async () => {
      for (let request = 0; request < 20; request++) await access.enterFleet(viewer, 'prod-1');
    });
    expect(queries).toBe(1);
  });
});
