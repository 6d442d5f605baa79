import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLease } from '../../src/db/lease.js';
import { createPool, inTransaction, type Pool, workUnderLease } from '../../src/db/pool.js';
import { appendDrafts, lockFleet } from '../../src/ledger/append.js';
import { leafHash } from '../../src/ledger/chain.js';
import { verifyLedger } from '../../src/ledger/check/verify.js';
import { fleetListLeaf, formatFleetList } from '../../src/ledger/note/fleet-list.js';
import { parseVerifierKey, signerKey } from '../../src/ledger/note/key.js';
import { parseTlogProof } from '../../src/ledger/note/tlog-proof.js';
import { openCheckpoint } from '../../src/ledger/note/trust.js';
import { signCheckpoint } from '../../src/ledger/publish/checkpoint-signer.js';
import type { PublishFault } from '../../src/ledger/publish/log-state.js';
import { readInstallation } from '../../src/ledger/publish/origin.js';
import { Publisher } from '../../src/ledger/publish/publisher.js';
import { findRooted, readFleetHeads, readRootLeaves } from '../../src/ledger/publish/root-store.js';
import { awaitRooted } from '../../src/ledger/publish/root-wish.js';
import { openSigningKeys } from '../../src/ledger/publish/signing-keys.js';
import { type PublishedCheckpoint, takeStep } from '../../src/ledger/publish/store.js';
import { Frontier } from '../../src/ledger/tree/frontier.js';
import { findConsistencyFault, findInclusionFault } from '../../src/ledger/tree/verify.js';
import { createLog } from '../../src/log.js';
import { newFleet } from '../support/access.js';
import { disarm } from '../support/disarm.js';
import { type GraphQLFixture, startGraphQL } from '../support/graphql.js';
import { leaseOf } from '../support/lease.js';
import { checkLedger } from '../support/ledger.js';

const log = createLog('silent');
const SEED = Buffer.alloc(32, 7);

let api: GraphQLFixture;
let clock: { nowMs: number; now(): number };
let signed: PublishedCheckpoint[];
let faults: { fleet: string; fault: PublishFault }[];
let publisher: Publisher;

beforeEach(async () => {
  clock = { nowMs: Date.parse('2026-11-30T08:00:00.000Z'), now: () => clock.nowMs };
  api = await startGraphQL({ fleets: ['other'], clock });
  signed = [];
  faults = [];
  publisher = startPublisher();
});
afterEach(() => api.close());

/** Another process after a restart, with the same key. */
function startPublisher(pool: Pool = api.pool): Publisher {
  return new Publisher({
    pool,
    keys: openSigningKeys({ dataDir: '', ledgerKey: SEED }),
    published: (checkpoint) => signed.push(checkpoint),
    faulty: (fleet, fault) => faults.push({ fleet, fault }),
    clock,
    log,
  });
}

/** Seals `count` entries. */
async function append(count: number, fleet = 'default'): Promise<void> {
  const drafts = Array.from({ length: count }, () => ({ kind: 'SETTINGS' as const, subject: 's', payload: '{}' }));
  await inTransaction(api.pool, async (client) => {
    await lockFleet(client, fleet);
    await appendDrafts(client, fleet, { drafts, nowMs: clock.nowMs });
  });
}

/** The root of the tree over entries, leaf by leaf. */
function treeOver(entries: readonly { hash: string }[]): string {
  const frontier = Frontier.empty();
  for (const { hash } of entries) frontier.append(Buffer.from(hash, 'hex'));
  return frontier.root().toString('hex');
}

/** The root of the tree over the first `size` entries. */
const rootOver = async (size: number) => treeOver((await checkLedger(api.pool, 'default')).slice(0, size));

const CHECKPOINT = 'checkpoint { origin size rootHash note keyId signedAt cosignatures { name } rootProof }';

async function readLedger(fields: string, fleet = 'default') {
  const { data, errors } = await api.ask(`{ ledger { ${fields} } }`, {}, { fleet });
  expect(errors).toBeUndefined();
  return data.ledger;
}

/** What somebody believes of a note who has nothing but the public key. */
function open(note: string, publicKey: string) {
  const key = parseVerifierKey(publicKey);
  if (key === null) throw new TypeError(`${publicKey} is no verifier key`);
  return openCheckpoint(note, { logs: [key], witnesses: [], quorum: null });
}

/** Someone with the database's own password, whom no trigger stops. */
async function intrude(statement: string): Promise<void> {
  const intruder = new pg.Client({ connectionString: api.database.url });
  await intruder.connect();
  await disarm(intruder);
  await intruder.query('ALTER TABLE ledger_entry DROP CONSTRAINT IF EXISTS ledger_entry_hash_check');
  await intruder.query(statement);
  await intruder.end();
}

describe('a checkpoint', () => {
  it('is signed over what was committed, by the key of the fleet’s own name', async () => {
    await append(3);
    expect(await readLedger('checkpoint { size }')).toEqual({ checkpoint: null });
    await publisher.round();
    const { checkpoint, publicKey } = await readLedger(`${CHECKPOINT} publicKey`);
    expect(checkpoint).toMatchObject({ size: 3, rootHash: await rootOver(3), cosignatures: [] });
    expect(checkpoint.origin).toMatch(/^midwatch\/[0-9a-f]{16}\/default$/);
    expect(open(checkpoint.note, publicKey)).toMatchObject({ checkpoint: { origin: checkpoint.origin, size: 3n } });
    expect(publicKey.split('+').slice(0, 2)).toEqual([checkpoint.origin, checkpoint.keyId]);
    const elsewhere = await readLedger('publicKey', 'other');
    expect(elsewhere.publicKey).not.toBe(publicKey);
    expect(open(checkpoint.note, elsewhere.publicKey)).toHaveProperty('fault');
  });

  it('is signed of a fleet that has done nothing yet', async () => {
    await publisher.round();
    const { checkpoint } = await readLedger(CHECKPOINT);
    expect(checkpoint).toMatchObject({ size: 0, rootHash: await rootOver(0) });
  });

  it('is signed anew when nothing happened for a minute, and is not another', async () => {
    await append(2);
    await publisher.round();
    const first = await readLedger('checkpoint { size note signedAt }');
    clock.nowMs += 61_000;
    await publisher.round();
    const second = await readLedger('checkpoint { size note signedAt }');
    expect(second.checkpoint.note).toBe(first.checkpoint.note);
    expect(second.checkpoint.signedAt).toBe(new Date(clock.nowMs).toISOString());
    expect(signed.filter(({ fleet, size }) => fleet === 'default' && size === 2)).toHaveLength(2);
  });

  it('adds at most a thousand entries to the one before', async () => {
    await append(2_345);
    await publisher.round();
    expect(signed.filter(({ fleet }) => fleet === 'default').map(({ size }) => size)).toEqual([1_000, 2_000, 2_345]);
    expect((await readLedger(CHECKPOINT)).checkpoint).toMatchObject({ size: 2_345, rootHash: await rootOver(2_345) });
  });

  it('goes on after a restart at every size around full tiles', async () => {
    for (const count of [1, 254, 1, 1, 255, 256, 3, 300]) {
      await append(count);
      publisher = startPublisher();
      await publisher.round();
    }
    expect((await readLedger(CHECKPOINT)).checkpoint).toMatchObject({ size: 1_071, rootHash: await rootOver(1_071) });
    expect(faults).toEqual([]);
  });

  it('of the past is let go of after an hour, unless it is a leaf of the log of the installation', async () => {
    await append(1);
    await publisher.round();
    await append(1);
    await publisher.round();
    await append(1);
    clock.nowMs += 11_000;
    await publisher.round();
    clock.nowMs += 3_700_000;
    await publisher.round();
    const { rows } = await api.pool.query(
      `SELECT size FROM ledger_checkpoint WHERE fleet_id = 'default' ORDER BY size`,
    );
    expect(rows).toEqual([{ size: 1 }, { size: 3 }]);
  });
});

describe('proofs', () => {
  const INCLUSION = 'leafIndex treeSize leafHash hashes rootHash tlogProof';

  it('show each entry in the newest tree and in earlier ones', async () => {
    await append(600);
    await publisher.round();
    await append(71_000 - 600);
    await publisher.round();
    const entries = await checkLedger(api.pool, 'default');
    for (const [seq, treeSize] of [
      [0, 1],
      [0, 71_000],
      [255, 256],
      [256, 600],
      [599, 600],
      [3, 513],
      [65_536, 71_000],
      [70_999, 71_000],
      [300, 65_536],
    ] as const) {
      const { inclusionProof } = await readLedger(
        `inclusionProof(seq: ${seq}, treeSize: ${treeSize}) { ${INCLUSION} }`,
      );
      expect(inclusionProof).toMatchObject({ leafIndex: seq, treeSize, leafHash: entries[seq]?.hash });
      const hashes = inclusionProof.hashes.map((hash: string) => Buffer.from(hash, 'hex'));
      const fault = findInclusionFault({
        index: BigInt(seq),
        size: BigInt(treeSize),
        leaf: Buffer.from(entries[seq]?.hash ?? '', 'hex'),
        root: Buffer.from(inclusionProof.rootHash, 'hex'),
        proof: hashes,
      });
      expect(fault).toBeNull();
      expect(inclusionProof.rootHash).toBe(treeOver(entries.slice(0, treeSize)));
    }
    expect(await verifyLedger(api.pool, 'default', AbortSignal.timeout(60_000))).toMatchObject({
      fault: null,
      checked: 71_000,
      published: 71_000,
    });
  }, 120_000);

  it('come as a file that is checked with the public key alone', async () => {
    await append(300);
    await publisher.round();
    const { publicKey, inclusionProof } = await readLedger(`publicKey inclusionProof(seq: 17) { ${INCLUSION} }`);
    const proof = parseTlogProof(inclusionProof.tlogProof);
    const opened = open(proof?.checkpoint ?? '', publicKey);
    if (proof === null || 'fault' in opened) throw new TypeError(inclusionProof.tlogProof);
    const { size, root } = opened.checkpoint;
    const leaf = Buffer.from(inclusionProof.leafHash, 'hex');
    expect(findInclusionFault({ index: proof.index, size, leaf, root, proof: proof.proof })).toBeNull();
  });

  it('show that a tree is the beginning of a larger one', async () => {
    await append(1_000);
    await publisher.round();
    for (const [fromSize, toSize] of [
      [1, 1_000],
      [256, 257],
      [255, 600],
      [512, 1_000],
      [1_000, 1_000],
    ]) {
      const { consistencyProof } = await readLedger(
        `consistencyProof(fromSize: ${fromSize}, toSize: ${toSize}) { fromRootHash toRootHash hashes }`,
      );
      const fault = findConsistencyFault({
        fromSize: BigInt(fromSize as number),
        toSize: BigInt(toSize as number),
        fromRoot: Buffer.from(await rootOver(fromSize as number), 'hex'),
        toRoot: Buffer.from(await rootOver(toSize as number), 'hex'),
        proof: consistencyProof.hashes.map((hash: string) => Buffer.from(hash, 'hex')),
      });
      expect(fault).toBeNull();
    }
  });

  it('have what was sealed just now published first', async () => {
    await append(5);
    const { inclusionProof, entry } = await readLedger(
      'inclusionProof(seq: 4) { treeSize tlogProof } entry(seq: 4) { seq }',
    );
    expect(inclusionProof).toMatchObject({ treeSize: 5, tlogProof: expect.stringContaining('index 4\n') });
    expect(entry).toEqual({ seq: 4 });
  });

  it.each([
    ['inclusionProof(seq: 5) { treeSize }', /seq 5 is not in the tree of 5/],
    ['inclusionProof(seq: -1) { treeSize }', /seq -1 is not in the tree/],
    ['inclusionProof(seq: 3, treeSize: 3) { treeSize }', /seq 3 is not in the tree of 3/],
    ['inclusionProof(seq: 0, treeSize: 6) { treeSize }', /treeSize 6 is not published: the newest checkpoint is of 5/],
    ['inclusionProof(seq: 0, treeSize: -2) { treeSize }', /treeSize must be at least 1/],
    ['consistencyProof(fromSize: 0) { toSize }', /fromSize must be 1 to 5/],
    ['consistencyProof(fromSize: 1, toSize: 0) { toSize }', /toSize must be at least 1/],
    ['consistencyProof(fromSize: 4, toSize: 3) { toSize }', /fromSize must be 1 to 3/],
    ['consistencyProof(fromSize: 1, toSize: 9) { toSize }', /toSize 9 is not published/],
  ])('are refused in words: %s', async (field, words) => {
    await append(5);
    const { errors } = await api.ask(`{ ledger { ${field} } }`);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(words),
      extensions: { code: 'VALIDATION_FAILED' },
    });
  });

  it('are refused when what they are made of is damaged', async () => {
    await append(600);
    await publisher.round();
    await intrude(
      `UPDATE ledger_tile SET hashes = set_byte(hashes, 99, get_byte(hashes, 99) # 1) WHERE level = 0 AND index = 0`,
    );
    const { errors } = await api.ask('{ ledger { inclusionProof(seq: 2) { treeSize } } }');
    expect(errors?.[0]?.extensions.code).toBe('LEDGER_INTEGRITY');
  });
});

describe('the level of an entry', () => {
  it('is what there is to hold it to', async () => {
    await append(2);
    await publisher.round();
    await append(1);
    const edges = 'entries(first: 10) { nodes { level } }';
    expect((await readLedger(edges)).entries.nodes.map(({ level }: { level: string }) => level)).toEqual([
      'PUBLISHED',
      'PUBLISHED',
      'SEALED',
    ]);
    await api.pool.query(`UPDATE ledger_checkpoint SET witnessed_at = now() WHERE fleet_id = 'default'`);
    expect((await readLedger('entry(seq: 1) { level }')).entry).toEqual({ level: 'WITNESSED' });
  });
});

describe('the log of the installation', () => {
  it('has the newest checkpoint of every fleet, as each of them can show', async () => {
    await append(3);
    await publisher.round();
    for (const fleet of ['default', 'other']) {
      const { checkpoint, rootLog } = await readLedger(
        `${CHECKPOINT} rootLog { keys { publicKey } ${CHECKPOINT} }`,
        fleet,
      );
      const proof = parseTlogProof(checkpoint.rootProof);
      const root = open(proof?.checkpoint ?? '', rootLog.keys[0].publicKey);
      if (proof === null || 'fault' in root) throw new TypeError(checkpoint.rootProof);
      expect(root.checkpoint).toMatchObject({ size: 3n, origin: rootLog.checkpoint.origin });
      expect(checkpoint.origin).toBe(`${rootLog.checkpoint.origin}/${fleet}`);
      const leaf = Buffer.from(leafHash(checkpoint.note), 'hex');
      const { size, root: rootHash } = root.checkpoint;
      expect(findInclusionFault({ index: proof.index, size, leaf, root: rootHash, proof: proof.proof })).toBeNull();
    }
  });

  it('does not grow while nothing happens, and not faster than it must', async () => {
    await publisher.round();
    const sizeOf = async () => (await readLedger('rootLog { checkpoint { size } }')).rootLog.checkpoint.size;
    for (let second = 0; second < 9; second += 1) {
      clock.nowMs += 1_000;
      await append(1);
      await publisher.round();
    }
    // A leaf for each fleet, and one for all of them.
    expect(await sizeOf()).toBe(3);
    clock.nowMs += 1_000;
    await publisher.round();
    expect(await sizeOf()).toBe(5);
    clock.nowMs += 120_000;
    await publisher.round();
    expect(await sizeOf()).toBe(5);
    await newFleet(api.pool, 'new');
    clock.nowMs += 10_000;
    await startPublisher().round();
    expect(await sizeOf()).toBe(7);
    expect(faults).toEqual([]);
  });

  it('grows at once while somebody waits for it, and not while nobody does', async () => {
    await publisher.round();
    await append(2);
    await publisher.round();
    expect(await findRooted(api.pool, { fleet: 'default', size: 2 })).toBeNull();
    publisher.start();
    try {
      const wanted = { fleet: 'default', size: 2, hasWitnesses: false };
      expect(await Promise.all([wanted, wanted].map((each) => awaitRooted(api.pool, each)))).toEqual([2, 2]);
    } finally {
      await publisher.stop();
    }
    await append(1);
    await publisher.round();
    expect(await findRooted(api.pool, { fleet: 'default', size: 3 })).toBeNull();
  });

  it('commits to all fleets, and goes on doing so after a restart and over many tiles', async () => {
    for (let step = 0; step < 130; step += 1) {
      await append(1, step % 2 === 0 ? 'default' : 'other');
      clock.nowMs += 10_000;
      if (step === 64) publisher = startPublisher();
      await publisher.round();
    }
    expect(faults).toEqual([]);
    const { rows } = await api.pool.query<{ size: number; leaf: string }>(
      `SELECT size, leaf FROM ledger_checkpoint WHERE fleet_id = '' ORDER BY size`,
    );
    expect(rows).toHaveLength(130);
    const installation = await readInstallation(api.pool);
    for (const { size, leaf } of rows) {
      const list = formatFleetList(await readFleetHeads(api.pool, { installation, size }));
      expect(leaf).toBe(fleetListLeaf(list));
      const [last] = await readRootLeaves(api.pool, { from: size - 1, to: size });
      expect(last).toBe(leaf);
    }
    const newest = formatFleetList(await readFleetHeads(api.pool, { installation, size: rows.at(-1)?.size ?? 0 }));
    expect(newest.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      `midwatch/${installation}/default 65`,
      `midwatch/${installation}/other 65`,
      '',
    ]);
  });

  it('is not signed over fleets that were changed, by a publisher that starts', async () => {
    await append(3);
    await publisher.round();
    await intrude(`UPDATE ledger_checkpoint SET size = 2 WHERE fleet_id = 'default'`);
    await append(1, 'other');
    clock.nowMs += 10_000;
    signed = [];
    await startPublisher().round();
    expect(signed.filter(({ fleet }) => fleet === '')).toEqual([]);
  });

  it('that began without it commits to all fleets from then on', async () => {
    await append(3);
    await publisher.round();
    await intrude(`DELETE FROM ledger_checkpoint WHERE fleet_id = ''; DELETE FROM ledger_tree WHERE fleet_id = ''`);
    const { rows } = await api.pool.query<{ note: string }>(
      `SELECT note FROM ledger_checkpoint WHERE fleet_id <> '' ORDER BY root_seq`,
    );
    await signFormerRoot(rows.map(({ note }) => note));
    clock.nowMs += 10_000;
    await startPublisher().round();
    expect(faults).toEqual([]);
    const rooted = await findRooted(api.pool, { fleet: 'default', size: 1 });
    expect(rooted).toMatchObject({ checkpoint: { size: 3, rootSeq: 0 }, root: { size: 3 } });
  });
});

/** Signs a log of the installation of these leaves alone. */
async function signFormerRoot(leaves: readonly string[]): Promise<void> {
  const frontier = Frontier.empty();
  const hashes = leaves.map((leaf) => Buffer.from(leafHash(leaf), 'hex'));
  for (const hash of hashes) frontier.append(hash);
  const key = signerKey(`midwatch/${await readInstallation(api.pool)}`, SEED, 'note');
  const checkpoint = signCheckpoint(
    { key, fromSize: 0 },
    { size: frontier.size, root: frontier.root(), at: new Date(clock.nowMs) },
  );
  const after = { size: leaves.length, frontier: frontier.bytes, headHash: hashes.at(-1) as Buffer };
  const checkpoints = [{ size: leaves.length, ...checkpoint }];
  const step = { fleet: '', before: null, after, tiles: [], checkpoints, publicKey: key.publicKey, leaf: null };
  expect(await takeStep(api.pool, step)).toBe(true);
}

describe('nothing is signed', () => {
  const REHASHED = `UPDATE ledger_entry SET canonical = replace(canonical, '"s"', '"x"'), subject = 'x',
      hash = sha256('\\x00'::bytea || convert_to(replace(canonical, '"s"', '"x"'), 'UTF8')) WHERE seq = 4;
    UPDATE ledger_head SET hash = e.hash FROM ledger_entry e WHERE e.seq = 4`;

  it.each([
    ['a ledger whose newest signed entry was changed and hashed anew', REHASHED],
    [
      'a tree that was changed',
      `UPDATE ledger_tree SET frontier = set_byte(frontier, 2, get_byte(frontier, 2) # 1) WHERE fleet_id = 'default'`,
    ],
    [
      'a tree that was put back',
      `UPDATE ledger_tree SET size = 4, frontier = substr(frontier, 1, 32) WHERE fleet_id = 'default'`,
    ],
    ['a tree that was taken away', `DELETE FROM ledger_tree WHERE fleet_id = 'default'`],
    [
      'a ledger that is shorter than what was signed',
      `DELETE FROM ledger_entry WHERE seq > 2; UPDATE ledger_head SET size = 3, hash = (SELECT hash FROM ledger_entry WHERE seq = 2 AND fleet_id = 'default')`,
    ],
  ])('over %s, by a publisher that runs and by one that starts', async (_what, damage) => {
    await append(5);
    await publisher.round();
    await intrude(damage);
    await append(1).catch(() => undefined);
    signed = [];
    await publisher.round();
    await startPublisher().round();
    expect(signed.filter(({ fleet }) => fleet === 'default')).toEqual([]);
    expect(faults.map(({ fleet }) => fleet)).toEqual(expect.arrayContaining(['default']));
    expect(faults.every(({ fleet }) => fleet === 'default')).toBe(true);
    await append(1, 'other');
    await publisher.round();
    expect(signed.some(({ fleet, size }) => fleet === 'other' && size === 1)).toBe(true);
  });

  it('until the ledger was mended and all of it found sound', async () => {
    const { publisher: running } = api;
    const signedSize = async () => (await readLedger('checkpoint { size }')).checkpoint.size;
    const verify = async () => {
      clock.nowMs += 1_000;
      return (await readLedger('verify { intact }')).verify.intact;
    };
    await append(5);
    await running.round();
    await intrude(`CREATE TABLE kept AS SELECT frontier FROM ledger_tree WHERE fleet_id = 'default';
      UPDATE ledger_tree SET frontier = set_byte(frontier, 2, get_byte(frontier, 2) # 1) WHERE fleet_id = 'default'`);
    await append(1);
    await running.round();
    expect([running.halted, await verify(), running.halted]).toEqual([1, false, 1]);
    const beforeMending = clock.nowMs;
    await intrude(`UPDATE ledger_tree SET frontier = kept.frontier FROM kept WHERE fleet_id = 'default'`);
    running.resume('default', beforeMending - 60_000);
    await running.round();
    expect([running.halted, await signedSize()]).toEqual([1, 5]);
    expect([await verify(), running.halted]).toEqual([true, 0]);
    await running.round();
    expect(await signedSize()).toBe(6);
  });

  it('of the log of the installation for ten minutes, and then only when it was mended', async () => {
    await publisher.round();
    await intrude(`CREATE TABLE kept AS SELECT frontier FROM ledger_tree WHERE fleet_id = '';
      UPDATE ledger_tree SET frontier = set_byte(frontier, 2, get_byte(frontier, 2) # 1) WHERE fleet_id = ''`);
    await append(1);
    publisher = startPublisher();
    const rootSize = async () => (await readLedger('rootLog { checkpoint { size } }')).rootLog.checkpoint.size;
    const grown = async (ms: number) => {
      clock.nowMs += ms;
      const before = await rootSize();
      await publisher.round();
      return (await rootSize()) > before;
    };
    expect(await grown(10_000)).toBe(false);
    expect(await grown(11 * 60_000)).toBe(false);
    await intrude(`UPDATE ledger_tree SET frontier = kept.frontier FROM kept WHERE fleet_id = ''`);
    expect(await grown(60_000)).toBe(false);
    expect(await grown(10 * 60_000)).toBe(true);
  });

  it.each([
    ['a checkpoint that was taken away', `DELETE FROM ledger_checkpoint WHERE fleet_id = 'default'`],
    [
      'a checkpoint that somebody else signed',
      `UPDATE ledger_checkpoint SET note = regexp_replace(note, '(— \\S+ .{40}).{8}', '\\1AAAAAAAA') WHERE fleet_id = 'default'`,
    ],
  ])('after %s, by a publisher that starts', async (_what, damage) => {
    await append(5);
    await publisher.round();
    await intrude(damage);
    await append(1);
    signed = [];
    await startPublisher().round();
    expect(signed).toEqual([]);
    expect(faults).toMatchObject([{ fleet: 'default' }]);
  });

  it('under a lease that is another’s', async () => {
    const first = await acquireLease(leaseOf(api.database.url), log);
    const pool = createPool({ url: api.database.url, log, role: 'midwatch_server' });
    workUnderLease(pool, first.epoch);
    try {
      await first.release();
      await (await acquireLease(leaseOf(api.database.url), log)).release();
      await append(2);
      await expect(startPublisher(pool).publish('default')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(signed).toEqual([]);
    } finally {
      await pool.end();
    }
  });

  it('with another key than the one in force', async () => {
    await append(1);
    await publisher.round();
    await append(1);
    const stranger = new Publisher({
      pool: api.pool,
      keys: openSigningKeys({ dataDir: '', ledgerKey: Buffer.alloc(32, 8) }),
      published: (checkpoint) => signed.push(checkpoint),
      faulty: (fleet, fault) => faults.push({ fleet, fault }),
      clock,
      log,
    });
    signed = [];
    await expect(stranger.publish('default')).rejects.toMatchObject({ message: /not kept here.*key rotate/ });
    expect(signed).toEqual([]);
  });
});
