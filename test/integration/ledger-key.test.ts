import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { parseVerifierKey } from '../../src/ledger/note/key.js';
import { openCheckpoint } from '../../src/ledger/note/trust.js';
import type { Publisher } from '../../src/ledger/publish/publisher.js';
import { revokeKey, rotateKey } from '../../src/ledger/publish/rotate.js';
import { openSigningKeys, type SigningKeys } from '../../src/ledger/publish/signing-keys.js';
import { newFleet } from '../support/access.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { createPublisher } from '../support/publisher.js';

let api: GraphQLFixture;
let dataDir: string;
let keys: SigningKeys;
let publisher: Publisher;

const FILE = () => path.join(dataDir, 'keys', 'ledger.jwk.json');

beforeEach(async () => {
  api = await startGraphQL({ fleets: ['other'] });
  dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-ledger-key-'));
  keys = openSigningKeys({ dataDir, ledgerKey: null });
  publisher = createPublisher(api.pool, { keys });
});
afterEach(async () => {
  rmSync(dataDir, { recursive: true });
  await api.close();
});

const change = (reason: string) => ({ actor: 'cli', reason, nowMs: Date.now() });

async function readLedger(fleet = 'default') {
  const { data } = await api.ask(
    `{ ledger { publicKey checkpoint { size note keyId } keys { id publicKey fromSize toSize revokedAt } rootLog { keys { id fromSize toSize } } } }`,
    {},
    { fleet },
  );
  return data.ledger;
}

/** Whether somebody who knows this key alone believes the note. */
function isBelieved(note: string, publicKey: string): boolean {
  const key = parseVerifierKey(publicKey);
  return key !== null && !('fault' in openCheckpoint(note, { logs: [key], witnesses: [], quorum: null }));
}

describe('the key that signs ledgers', () => {
  it('is made at first, for its owner alone, and is the same from then on', async () => {
    const { publicKey } = await keys.current();
    expect(statSync(FILE()).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(FILE())).mode & 0o777).toBe(0o700);
    const again = await openSigningKeys({ dataDir, ledgerKey: null }).current();
    expect(again.publicKey).toEqual(publicKey);
  });

  it.each([
    ['others may read', () => chmodSync(FILE(), 0o640), /chmod 600/],
    ['is damaged', () => writeFileSync(FILE(), '{"kty":"OKP","crv":"Ed25519","d":"AA"}'), /no Ed25519 pair/],
    ['is no JSON', () => writeFileSync(FILE(), 'x'), /cannot be used/],
  ])('is not used from a file that %s', async (_what, damage, words) => {
    await keys.current();
    damage();
    await expect(openSigningKeys({ dataDir, ledgerKey: null }).current()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(words),
    });
  });
});

describe('a rotation', () => {
  it('is sealed in every ledger, and the new key signs from there on', async () => {
    await record(api, [decisionInput('a'), decisionInput('b')]);
    await publisher.round();
    const before = await readLedger();
    expect(await rotateKey(api.pool, keys, change('once a year'))).toEqual({ fleets: 2, standing: [] });
    await record(api, [decisionInput('c')]);
    await publisher.round();
    const after = await readLedger();
    expect(after.keys).toMatchObject([
      { id: after.checkpoint.keyId, publicKey: after.publicKey, fromSize: 3, toSize: null, revokedAt: null },
      { id: before.checkpoint.keyId, publicKey: before.publicKey, fromSize: 0, toSize: 2, revokedAt: null },
    ]);
    expect(after.checkpoint.size).toBe(4);
    expect(isBelieved(after.checkpoint.note, after.publicKey)).toBe(true);
    expect(isBelieved(after.checkpoint.note, before.publicKey)).toBe(false);
    expect(isBelieved(before.checkpoint.note, before.publicKey)).toBe(true);
    for (const fleet of ['default', 'other']) {
      const entry = (await checkLedger(api.pool, fleet)).find(({ kind }) => kind === 'LEDGER_KEY');
      const { keys: listed } = await readLedger(fleet);
      expect(JSON.parse(entry?.canonical ?? '').payload).toEqual({
        action: 'ROTATE',
        actor: 'cli',
        reason: 'once a year',
        keyId: listed[0].id,
        publicKey: listed[0].publicKey,
        previousKeyId: listed[1].id,
      });
    }
    expect(readdirSync(path.dirname(FILE()))).toEqual(['ledger.jwk.json']);
  });

  it('leaves nothing of the key before', async () => {
    await publisher.round();
    const before = readFileSync(FILE(), 'utf8');
    await rotateKey(api.pool, keys, change('r'));
    expect(readFileSync(FILE(), 'utf8')).not.toBe(before);
  });

  it('has the log of the installation signed by the new key when it grows', async () => {
    await publisher.round();
    await rotateKey(api.pool, keys, change('r'));
    await createPublisher(api.pool, { keys }).round();
    const { rootLog } = await readLedger();
    expect(rootLog.keys).toMatchObject([
      { fromSize: 4, toSize: null },
      { fromSize: 0, toSize: 3 },
    ]);
    const { rows } = await api.pool.query(
      `SELECT size, key_id FROM ledger_checkpoint WHERE fleet_id = '' ORDER BY size`,
    );
    expect(rows).toEqual([
      { size: 3, key_id: rootLog.keys[1].id },
      { size: 6, key_id: rootLog.keys[0].id },
    ]);
  });

  it('that was cut off before its files were in place is finished by whoever comes next', async () => {
    await record(api, [decisionInput('a')]);
    await publisher.round();
    const cut: SigningKeys = { ...bound(keys), adopt: async () => null };
    await rotateKey(api.pool, cut, change('cut off'));
    await record(api, [decisionInput('b')]);
    await createPublisher(api.pool, { keys: openSigningKeys({ dataDir, ledgerKey: null }) }).round();
    const { checkpoint, publicKey } = await readLedger();
    expect(checkpoint.size).toBe(3);
    expect(isBelieved(checkpoint.note, publicKey)).toBe(true);
    expect(await rotateKey(api.pool, keys, change('again'))).toEqual({ fleets: 2, standing: [] });
    expect(new Set((await readLedger()).keys.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  it('passes over a ledger that stands still, which is signed once it goes on and is rotated, too', async () => {
    await record(api, [decisionInput('a')]);
    await publisher.round();
    const { publicKey: former } = await readLedger();
    const told = { fleet: 'default', witness: 'w.example', at: new Date() };
    await keepContradiction(api.pool, { ...told, kind: 'AHEAD', witnessSize: 9, ownSize: 1, evidence: null });
    expect(await rotateKey(api.pool, keys, change('stolen'))).toEqual({ fleets: 1, standing: ['default'] });
    expect((await readLedger('other')).keys).toHaveLength(2);
    expect(await readLedger()).toMatchObject({ publicKey: former, keys: [{ toSize: null }] });
    const { id } = (await readLedger('other')).keys[1];
    expect(await revokeKey(api.pool, id, change('stolen'))).toBe(1);

    await endContradiction(api.pool, told);
    await record(api, [decisionInput('b')]);
    publisher = createPublisher(api.pool, { keys });
    await expect(publisher.round()).rejects.toMatchObject({ message: expect.stringContaining('ledger key rotate') });
    expect(await rotateKey(api.pool, keys, change('again'))).toEqual({ fleets: 2, standing: [] });
    await publisher.round();
    const { checkpoint, publicKey } = await readLedger();
    expect([checkpoint.size, isBelieved(checkpoint.note, publicKey)]).toEqual([3, true]);
  });

  it('of a key in the environment puts in force what was set there, once', async () => {
    const before = openSigningKeys({ dataDir: '', ledgerKey: Buffer.alloc(32, 1) });
    await createPublisher(api.pool, { keys: before }).round();
    const next = openSigningKeys({ dataDir: '', ledgerKey: Buffer.alloc(32, 2) });
    expect(await rotateKey(api.pool, next, change('r'))).toEqual({ fleets: 2, standing: [] });
    for (const used of [next, before]) {
      await expect(rotateKey(api.pool, used, change('r'))).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    expect((await checkLedger(api.pool, 'default')).length).toBe(1);
    await newFleet(api.pool, 'new');
    await createPublisher(api.pool, { keys: next }).round();
    expect((await readLedger('new')).keys).toMatchObject([{ fromSize: 0, toSize: null }]);
  });
});

describe('a revocation', () => {
  it('is sealed in every ledger that the key signed, once', async () => {
    await record(api, [decisionInput('a')]);
    await publisher.round();
    await rotateKey(api.pool, keys, change('stolen'));
    const [current, former] = (await readLedger()).keys;
    await expect(revokeKey(api.pool, current.id, change('r'))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(revokeKey(api.pool, '00000000', change('r'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await revokeKey(api.pool, former.id, change('it was stolen'))).toBe(2);
    expect(await revokeKey(api.pool, former.id, change('it was stolen'))).toBe(0);
    const { keys: listed } = await readLedger();
    expect(listed).toMatchObject([{ revokedAt: null }, { id: former.id, revokedAt: expect.any(String) }]);
    const sealed = (await checkLedger(api.pool, 'default')).at(-1);
    expect(sealed).toMatchObject({ kind: 'LEDGER_KEY', subject: `LedgerKey:${former.id}` });
    expect(JSON.parse(sealed?.canonical ?? '').payload).toMatchObject({ action: 'REVOKE', reason: 'it was stolen' });
  });
});

/** The methods of an object as functions, to be replaced one by one. */
function bound(of: SigningKeys): SigningKeys {
  return { current: () => of.current(), next: () => of.next(), adopt: (publicKey) => of.adopt(publicKey) };
}
