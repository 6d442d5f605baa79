import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Scene } from '../support/scene.js';

/** Whoever owns the database does to it what he likes; the auditor pinned the key before, and gets a bundle after. */
let scene: Scene;
beforeEach(async () => {
  scene = await Scene.open();
  await scene.seal(6);
  await scene.pin();
});
afterEach(() => scene.close());

const replaced =
  (from: string, to: string) =>
  ({ canonical, ...rest }: { canonical: string }) => ({ ...rest, canonical: canonical.replace(from, to) });

describe('the honest twin', () => {
  it('is intact, and stays so as the ledger goes on', async () => {
    expect(await scene.audit(scene.careful)).toMatchObject({ outcome: 'intact', entries: { checked: 6 } });
    await scene.seal(5, { prefix: 'later' });
    expect(await scene.audit(scene.careful)).toMatchObject({
      outcome: 'intact',
      entries: { checked: 11 },
      published: { size: '11' },
    });
  });

  it('is intact when the tables are only touched', async () => {
    await scene.intrude('UPDATE ledger_entry SET canonical = canonical');
    await scene.rewrite((entries) => entries);
    expect(await scene.audit(scene.careful)).toMatchObject({ outcome: 'intact' });
  });
});

describe('an edit', () => {
  it.each([
    [
      'of an entry',
      `UPDATE ledger_entry SET canonical = replace(canonical, 'triage', 'TRIAGE') WHERE seq = 3`,
      3,
      'hash is not that of its bytes',
    ],
    [
      'of an entry, with a new hash',
      `UPDATE ledger_entry SET canonical = replace(canonical, 'triage', 'TRIAGE'),
       hash = sha256('\\x00'::bytea || convert_to(replace(canonical, 'triage', 'TRIAGE'), 'UTF8')) WHERE seq = 3`,
      4,
      'previousHash',
    ],
    ['of a hash', `UPDATE ledger_entry SET hash = sha256('other') WHERE seq = 3`, 3, 'hash is not that of its bytes'],
    ['of an answer', `UPDATE decision SET output = 'another answer' WHERE id = 'd-3'`, 3, 'not what it commits to'],
    ['of a question', `UPDATE decision SET input = 'another question' WHERE id = 'd-3'`, 3, 'not what it commits to'],
    [
      'of a salt',
      `UPDATE decision SET salt = sha256('a') || sha256('b') WHERE id = 'd-3'`,
      3,
      'not what it commits to',
    ],
  ])('%s is found, and where', async (_what, statement, seq, problem) => {
    await scene.intrude(statement);
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { seq, problem: expect.stringContaining(problem) },
    });
  });

  it('with every later hash made anew is found by the tree', async () => {
    await scene.rewrite((entries) =>
      entries.map((entry) => ({ ...entry, ...(entry.seq === 3 ? replaced('triage', 'TRIAGE')(entry) : {}) })),
    );
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('another root') },
    });
  });
});

describe('entries taken away', () => {
  it.each([
    ['out of the middle', 'DELETE FROM ledger_entry WHERE seq = 3', 3],
    ['from the beginning', 'DELETE FROM ledger_entry WHERE seq < 2', 0],
    ['from the end', 'DELETE FROM ledger_entry WHERE seq >= 4', 4],
    ['altogether', 'TRUNCATE ledger_entry', 0],
    ['by moving them on, which leaves a gap', 'UPDATE ledger_entry SET seq = seq + 1 WHERE seq = 5', 5],
  ])('%s are missed, the first of them by name', async (_what, statement, seq) => {
    await scene.intrude(statement);
    expect(await scene.audit()).toMatchObject({ outcome: 'tampered', fault: { seq } });
  });

  it('by taking the head back too are missed', async () => {
    await scene.rewrite((entries) => entries.slice(0, 4));
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 4, problem: expect.stringContaining('missing') },
    });
  });

  it('and filled up again to the same length are missed by the tree', async () => {
    await scene.rewrite((entries) => [
      ...entries.slice(0, 5),
      { ...entries[5], ...replaced('d-5', 'x-5')(entries[5] as never) } as never,
    ]);
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('another root') },
    });
  });

  it('with their whole table make no bundle', async () => {
    await scene.intrude('DROP TABLE ledger_entry CASCADE');
    await expect(scene.audit()).rejects.toThrow('ledger_entry');
  });
});

describe('another order', () => {
  it('of two entries is found', async () => {
    await scene.intrude(`UPDATE ledger_entry SET seq = CASE seq WHEN 2 THEN 300 ELSE 2 END WHERE seq IN (2, 3);`);
    await scene.intrude('UPDATE ledger_entry SET seq = 3 WHERE seq = 300');
    expect(await scene.audit()).toMatchObject({ outcome: 'tampered', fault: { seq: 2 } });
  });

  it('with everything made to fit is found by the tree', async () => {
    await scene.rewrite(([a, b, c, ...rest]) => [a, c, b, ...rest] as never);
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('another root') },
    });
  });
});

describe('an entry added', () => {
  it('at the end with an earlier time is found by its time', async () => {
    await scene.rewrite((entries) => {
      const { recordedAt, ...last } = entries[5] as (typeof entries)[number];
      const earlier = '2020-01-01T00:00:00.000Z';
      return [...entries, { ...last, recordedAt: earlier, canonical: last.canonical.replace(recordedAt, earlier) }];
    });
    await scene.publish();
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 6, problem: expect.stringContaining('recorded before') },
    });
  });

  it('in the middle is found by the tree', async () => {
    await scene.rewrite((entries) => [...entries.slice(0, 3), entries[2] as never, ...entries.slice(3)]);
    expect((await scene.audit()).outcome).toBe('tampered');
  });

  it('copied from another fleet is found', async () => {
    await scene.seal(1, { fleet: 'other', prefix: 'elsewhere' });
    await scene.intrude(`DELETE FROM ledger_entry WHERE fleet_id = 'default' AND seq = 0`);
    await scene.intrude(`UPDATE ledger_entry SET fleet_id = 'default' WHERE fleet_id = 'other'`);
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 0, problem: 'it is of the fleet other' },
    });
  });

  it('beside another that continues the same one is refused by the database', async () => {
    const fork = `INSERT INTO ledger_entry (fleet_id, seq, kind, subject, recorded_at, canonical, previous_hash, hash)
      SELECT fleet_id, 99, kind, 'fork', recorded_at, canonical || ' ', previous_hash, sha256('\\x00'::bytea || convert_to(canonical || ' ', 'UTF8'))
      FROM ledger_entry WHERE seq = 3`;
    await expect(scene.api.pool.query(fork)).rejects.toThrow('previous_hash');
  });
});

describe('the tree', () => {
  it.each([
    [
      'tiles that tell another story',
      `UPDATE ledger_tile SET hashes = set_byte(hashes, 100, get_byte(hashes, 100) # 1)`,
    ],
    ['a checkpoint with another root', `UPDATE ledger_checkpoint SET note = replace(note, E'\\n306\\n', E'\\n307\\n')`],
    [
      'a checkpoint with a changed signature',
      `UPDATE ledger_checkpoint SET note = regexp_replace(note, '(— .* .{20}).', '\\1' || CASE WHEN note ~ '— .* .{20}A' THEN 'B' ELSE 'A' END)`,
    ],
    ['a checkpoint of another log', `UPDATE ledger_checkpoint SET note = replace(note, '/default', '/other')`],
  ])('with %s proves nothing', async (_what, statement) => {
    await scene.seal(300, { prefix: 'more' });
    expect((await scene.audit()).outcome).toBe('intact');
    await scene.intrude(statement);
    const part = { scope: { kind: 'range', from: 100, to: 110 } } as const;
    const verdict = await scene.audit(scene.trust, part).catch((error) => ({ outcome: 'refused', error }));
    expect(['tampered', 'refused']).toContain(verdict.outcome);
  });
});

describe('rotten bits', () => {
  it.each([
    [
      'an entry',
      `UPDATE ledger_entry SET canonical = overlay(canonical placing chr(ascii(substr(canonical, 40, 1)) # 1) from 40 for 1) WHERE seq = 2`,
      2,
    ],
    ['a hash', 'UPDATE ledger_entry SET hash = set_byte(hash, 7, get_byte(hash, 7) # 4) WHERE seq = 2', 2],
    [
      'content',
      `UPDATE decision SET output = overlay(output placing chr(ascii(substr(output, 3, 1)) # 1) from 3 for 1) WHERE id = 'd-2'`,
      2,
    ],
  ])('in %s are found', async (_what, statement, seq) => {
    await scene.intrude(statement);
    expect(await scene.audit()).toMatchObject({ outcome: 'tampered', fault: { seq } });
  });
});
