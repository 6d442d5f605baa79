import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackgroundCheck } from '../../src/ledger/check/background-check.js';
import { createLog } from '../../src/log.js';
import { disarm } from '../support/disarm.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
/** Someone with the database's own password, whom no trigger stops. */
let intruder: pg.Client;

beforeEach(async () => {
  api = await startGraphQL({ fleets: ['other'] });
  await record(
    api,
    ['a', 'b', 'c', 'd'].map((id) => decisionInput(id)),
  );
  await record(api, [decisionInput('first'), decisionInput('elsewhere')], { fleet: 'other' });
  intruder = new pg.Client({ connectionString: api.database.url });
  await intruder.connect();
  await disarm(intruder);
  await intruder.query('ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_hash_check');
});
afterEach(async () => {
  await intruder.end();
  await api.close();
});

const REHASH = `hash = sha256('\\x00'::bytea || convert_to(replace(canonical, '"b"', '"x"'), 'UTF8'))`;

describe('Ledger.verify', () => {
  it.each([
    [
      'changed text',
      `UPDATE ledger_entry SET canonical = replace(canonical, '"b"', '"x"') WHERE subject = 'b'`,
      1,
      'hash',
    ],
    [
      'changed text with a new hash',
      `UPDATE ledger_entry SET canonical = replace(canonical, '"b"', '"x"'), subject = 'x', ${REHASH} WHERE subject = 'b'`,
      2,
      'previousHash',
    ],
    ['a changed column', `UPDATE ledger_entry SET subject = 'x' WHERE subject = 'b'`, 1, 'subject'],
    [
      'a changed time',
      `UPDATE ledger_entry SET recorded_at = recorded_at + interval '1 ms' WHERE subject = 'c'`,
      2,
      'recordedAt',
    ],
    ['an entry taken out', `DELETE FROM ledger_entry WHERE subject = 'c'`, 2, 'missing'],
    ['the first entry taken out', `DELETE FROM ledger_entry WHERE subject = 'a'`, 0, 'missing'],
    [
      'an entry of another fleet',
      `UPDATE ledger_entry SET fleet_id = 'default', seq = 4 WHERE subject = 'elsewhere'`,
      4,
      'previousHash',
    ],
  ])('finds %s and names the first bad entry', async (_what, change, faultSeq, fault) => {
    await intruder.query(change);
    const { data } = await api.ask('{ ledger { verify { intact checked faultSeq fault headHash } } }');
    const { verify } = data.ledger;
    expect(verify).toMatchObject({ intact: false, checked: faultSeq, faultSeq });
    expect(verify.fault).toContain(fault);
  });

  it('walks more than one page', async () => {
    for (let batch = 0; batch < 3; batch += 1) {
      await record(
        api,
        Array.from({ length: 900 }, (_, index) => decisionInput(`x-${batch}-${index}`)),
      );
    }
    const { data } = await api.ask('{ ledger { size verify { intact checked } } }');
    expect(data.ledger).toEqual({ size: 2_704, verify: { intact: true, checked: 2_704 } });
  });
});

const BAD_HASH = `'\\x${'ff'.repeat(32)}'`;

describe('Ledger.verify of what is published', () => {
  const VERIFY = '{ ledger { verify { intact checked faultSeq fault sealed published unpublished } } }';
  const PUBLISHED = 600;

  beforeEach(async () => {
    await record(
      api,
      Array.from({ length: PUBLISHED - 4 }, (_, index) => decisionInput(`p-${index}`)),
    );
    await api.publisher.round();
    await record(api, [decisionInput('unpublished')]);
  });

  it('finds it intact, and says how much of it is published', async () => {
    const { data } = await api.ask(VERIFY);
    expect(data.ledger.verify).toEqual({
      intact: true,
      checked: PUBLISHED + 1,
      faultSeq: null,
      fault: null,
      sealed: PUBLISHED + 1,
      published: PUBLISHED,
      unpublished: 1,
    });
  });

  it.each([
    [
      'a changed tile',
      `UPDATE ledger_tile SET hashes = overlay(hashes PLACING ${BAD_HASH} FROM 321) WHERE index = 1`,
      266,
      'tile 0/1',
    ],
    ['a changed root of a tile', `UPDATE ledger_tile SET root = ${BAD_HASH} WHERE index = 0`, null, 'root of tile 0/0'],
    ['a tile taken out', 'DELETE FROM ledger_tile WHERE index = 1', null, 'tile 0/1 is missing'],
    [
      'a changed tree',
      `UPDATE ledger_tree SET frontier = overlay(frontier PLACING ${BAD_HASH} FROM 33)`,
      null,
      'the stored tree of 600',
    ],
    ['a tree taken out', 'DELETE FROM ledger_tree', null, 'of the size that was signed'],
    ['a checkpoint taken out', 'DELETE FROM ledger_checkpoint WHERE size = 600', null, 'of the size that was signed'],
    [
      'a checkpoint of another root',
      `UPDATE ledger_checkpoint SET root_hash = ${BAD_HASH} WHERE size = 600`,
      null,
      'says something else',
    ],
    [
      'a checkpoint of another signature',
      `UPDATE ledger_checkpoint SET note = regexp_replace(note, '(— \\S+ .{40}).{8}', '\\1AAAAAAAA') WHERE size = 600`,
      null,
      'not signed by a key',
    ],
    ['a head that was moved', `UPDATE ledger_head SET hash = ${BAD_HASH} WHERE fleet_id = 'default'`, null, 'head'],
    ['a tail that was cut', 'DELETE FROM ledger_entry WHERE seq > 598', 599, 'seq 599 is missing'],
    [
      'a tail that was cut with the head',
      `DELETE FROM ledger_entry WHERE seq > 598; UPDATE ledger_head SET size = 599,
         hash = (SELECT hash FROM ledger_entry e WHERE e.fleet_id = 'default' AND seq = 598) WHERE fleet_id = 'default'`,
      599,
      'seq 599 is missing',
    ],
  ])('finds %s', async (_what, change, faultSeq, fault) => {
    await intruder.query(change);
    const { data } = await api.ask(VERIFY);
    expect(data.ledger.verify).toMatchObject({ intact: false, faultSeq, fault: expect.stringContaining(fault) });
  });
});

describe('the check in the background', () => {
  const told: { fleet: string; message: string; seq: number | null }[] = [];
  const sound: { fleet: string; begunMs: number }[] = [];
  let check: BackgroundCheck;
  let clock: { nowMs: number; now(): number };

  beforeEach(() => {
    told.length = 0;
    sound.length = 0;
    clock = { nowMs: Date.now(), now: () => clock.nowMs };
    check = new BackgroundCheck({
      pool: api.pool,
      listFleets: async () => ['default', 'other'],
      faulty: (fleet, fault) => told.push({ fleet, ...fault }),
      sound: (fleet, begunMs) => sound.push({ fleet, begunMs }),
      clock,
      log: createLog('silent'),
    });
  });

  /** As many pages as both ledgers have, and more. */
  const pass = async () => {
    for (let page = 0; page < 10; page += 1) await check.step();
  };

  it('says of ledgers that are as they were sealed that they are sound', async () => {
    await api.publisher.round();
    await pass();
    const begunMs = clock.nowMs;
    clock.nowMs += 3_700_000;
    await pass();
    expect(told).toEqual([]);
    expect(sound).toEqual(
      [begunMs, clock.nowMs].flatMap((at) => ['default', 'other'].map((fleet) => ({ fleet, begunMs: at }))),
    );
  });

  it('tells the first bad entry of a ledger and goes on with the next', async () => {
    await pass();
    await intruder.query(`UPDATE ledger_entry SET subject = 'x' WHERE subject IN ('b', 'd', 'elsewhere')`);
    await pass();
    expect(told).toEqual([]);
    clock.nowMs += 3_700_000;
    await pass();
    expect(told).toEqual([
      { fleet: 'default', message: expect.stringContaining('subject'), seq: 1 },
      { fleet: 'other', message: expect.stringContaining('subject'), seq: 1 },
    ]);
    expect(sound).toHaveLength(2);
  });

  it('walks more than one page', async () => {
    await record(
      api,
      Array.from({ length: 990 }, (_, index) => decisionInput(`x-${index}`)),
    );
    await intruder.query(`UPDATE ledger_entry SET subject = 'x' WHERE subject = 'x-980'`);
    await pass();
    expect(told).toEqual([{ fleet: 'default', message: expect.stringContaining('subject'), seq: 984 }]);
  });
});
