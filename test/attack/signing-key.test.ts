import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalize } from '../../src/ledger/canonical.js';
import { Scene, type StoredEntry } from '../support/scene.js';

/** The attacker has the database and the signing key: signatures prove nothing any more; what others kept does. */
let scene: Scene;
let clock: { nowMs: number; now(): number };
beforeEach(async () => {
  clock = { nowMs: Date.parse('2026-11-30T08:00:00.000Z'), now: () => clock.nowMs };
  scene = await Scene.open({ clock });
  await scene.seal(6);
  await scene.pin();
});
afterEach(() => scene.close());

const lie = (entries: StoredEntry[]) =>
  entries.map((entry) =>
    entry.seq === 2 ? { ...entry, canonical: entry.canonical.replace('triage', 'TRIAGE') } : entry,
  );

describe('history rewritten and signed again', () => {
  it('is intact to somebody who kept nothing, and this is what witnesses are for', async () => {
    await scene.rewrite(lie);
    await scene.signAnew();
    expect(await scene.audit()).toMatchObject({ outcome: 'intact' });
  });

  it('is found by whoever kept a checkpoint, however far it goes on', async () => {
    await scene.rewrite(lie);
    await scene.signAnew();
    await scene.seal(3, { prefix: 'later' });
    expect(await scene.audit(scene.careful)).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('history was rewritten') },
    });
  });

  it('is not cosigned by a witness that saw it before, so that no quorum believes it', async () => {
    expect(await scene.witness()).toBe(200);
    await scene.seal(2, { prefix: 'honest' });
    expect(await scene.witness()).toBe(200);
    expect(await scene.audit(scene.witnessed)).toMatchObject({
      outcome: 'intact',
      witnesses: [{ name: 'w1', cosignatures: 1 }],
    });
    await scene.rewrite(lie);
    await scene.signAnew();
    await scene.seal(2, { prefix: 'later' });
    expect(await scene.witness()).not.toBe(200);
    expect(await scene.audit(scene.witnessed)).toMatchObject({
      outcome: 'incomplete',
      reasons: [expect.stringContaining('no quorum')],
    });
  });

  it('cannot borrow the cosignature of the true one', async () => {
    expect(await scene.witness()).toBe(200);
    const { rows } = await scene.intrude('SELECT cosignatures FROM ledger_checkpoint WHERE fleet_id = $1', ['default']);
    await scene.rewrite(lie);
    await scene.signAnew();
    await scene.intrude('UPDATE ledger_checkpoint SET cosignatures = $1', [rows[0].cosignatures]);
    expect(await scene.audit(scene.witnessed)).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('cosignature of w1 is wrong') },
    });
  });
});

describe('truncated, filled up again and signed', () => {
  it('is found by whoever kept a checkpoint', async () => {
    await scene.rewrite((entries) => entries.slice(0, 4));
    await scene.signAnew();
    expect(await scene.audit(scene.careful)).toMatchObject({
      outcome: 'incomplete',
      reasons: [expect.stringContaining('size 6 could not be compared')],
    });
    await scene.seal(4, { prefix: 'other' });
    expect(await scene.audit(scene.careful)).toMatchObject({ outcome: 'tampered' });
  });
});

describe('an old backup that is continued', () => {
  it('is found by whoever kept a checkpoint, and not cosigned', async () => {
    const backup: StoredEntry[] = [];
    await scene.rewrite((entries) => {
      backup.push(...entries);
      return entries;
    });
    expect(await scene.witness()).toBe(200);
    await scene.seal(3, { prefix: 'lost' });
    expect(await scene.witness()).toBe(200);
    await scene.pin();
    await scene.rewrite(() => backup);
    await scene.signAnew();
    expect(await scene.witness()).not.toBe(200);
    await scene.seal(5, { prefix: 'new' });
    expect(await scene.audit(scene.careful)).toMatchObject({ outcome: 'tampered' });
    expect(await scene.witness()).not.toBe(200);
  });
});

describe('two histories for two auditors', () => {
  it('are found as soon as they compare what they kept', async () => {
    await scene.seal(2, { prefix: 'first' });
    await scene.pin();
    const first = scene.kept;
    await scene.rewrite((entries) =>
      entries.map((entry) =>
        entry.seq === 7 ? { ...entry, canonical: entry.canonical.replace('first-1', 'second') } : entry,
      ),
    );
    await scene.signAnew();
    await scene.pin();
    expect(await scene.audit({ ...scene.trust, held: [scene.kept] })).toMatchObject({ outcome: 'intact' });
    expect(await scene.audit({ ...scene.trust, held: [scene.kept, first] })).toMatchObject({ outcome: 'tampered' });
  });
});

describe('a whole history made up later', () => {
  it('has no witness from the time it tells of', async () => {
    expect(await scene.witness()).toBe(200);
    const honest = await scene.audit(scene.witnessed);
    expect(honest.witnesses[0]?.oldestAt).toBe('2026-11-30T08:00:00.000Z');
    expect(honest.entries.lastRecordedAt).toBe('2026-11-30T08:00:00.000Z');
    const invented = await Scene.open({ clock });
    try {
      await invented.seal(6);
      await invented.rewrite((entries) =>
        entries.map(({ recordedAt, canonical, ...entry }) => {
          const told = recordedAt.replace('2026-', '2020-');
          return { ...entry, recordedAt: told, canonical: canonical.replace(recordedAt, told) };
        }),
      );
      await invented.signAnew();
      await invented.pin();
      expect(await invented.witness()).toBe(200);
      const verdict = await invented.audit(invented.witnessed);
      expect(verdict.entries.lastRecordedAt).toBe('2020-11-30T08:00:00.000Z');
      expect(verdict.witnesses[0]?.oldestAt).toBe('2026-11-30T08:00:00.000Z');
    } finally {
      await invented.close();
    }
  });
});

describe('another key', () => {
  it('than the pinned one signs for nothing, though it comes with the bundle', async () => {
    const forger = await Scene.open({ clock });
    try {
      const { rows } = await scene.api.pool.query('SELECT id FROM installation');
      await forger.intrude('UPDATE installation SET id = $1', [rows[0].id]);
      await forger.seal(6);
      const verdict = await forger.audit(scene.trust);
      expect(verdict).toMatchObject({
        outcome: 'incomplete',
        reasons: [expect.stringContaining('not signed by a known key')],
        keys: [],
      });
      expect(verdict.bundledKeys).toHaveLength(1);
    } finally {
      await forger.close();
    }
  });
});

describe('hostile bytes, hashed and signed as they stand', () => {
  const edits: [string, (canonical: string) => string][] = [
    ['a duplicate key', (text) => text.replace('"agent":"triage"', '"agent":"triage","agent":"other"')],
    [
      'a duplicate key of the entry',
      (text) => text.replace('"fleet":"default"', '"fleet":"default","fleet":"default"'),
    ],
    ['white space', (text) => text.replace('"agent":', '"agent": ')],
    ['a lone surrogate', (text) => text.replace('triage', '\\ud800')],
    ['NUL', (text) => text.replace('triage', '\\u0000')],
    ['a fraction', (text) => text.replace('"costUsd":"0.01"', '"costUsd":0.01')],
    ['a number beyond 2^53', (text) => text.replace('"costUsd":"0.01"', '"costUsd":9007199254740993')],
    ['negative zero', (text) => text.replace('"costUsd":"0.01"', '"costUsd":-0')],
    ['an exponent', (text) => text.replace('"costUsd":"0.01"', '"costUsd":1e3')],
    [
      'keys in another order',
      (text) => text.replace(/"agent":"triage",("agentVersion":[^,]+),/, '$1,"agent":"triage",'),
    ],
    ['deep nesting', (text) => text.replace('"agent":"triage"', `"agent":${'['.repeat(200)}${']'.repeat(200)}`)],
    ['something after its end', (text) => `${text} `],
    ['a field more', (text) => text.replace(',"v":1}', ',"v":1,"w":2}')],
    ['another version', (text) => text.replace(',"v":1}', ',"v":2}')],
    ['an impossible time', (text) => text.replace(/"recordedAt":"[^"]+"/, '"recordedAt":"2026-13-45T99:99:99.999Z"')],
  ];
  it.each(edits)('with %s are refused', async (_what, edit) => {
    await scene.rewrite((entries) =>
      entries.map((entry) => (entry.seq === 4 ? { ...entry, canonical: edit(entry.canonical) } : entry)),
    );
    await scene.signAnew();
    expect(await scene.audit()).toMatchObject({ outcome: 'tampered', fault: { seq: 4 } });
  });

  it('are let pass when they are what the form allows', async () => {
    const text = canonicalize('"\\\b\f\n\r\t\u001f\u007f\u2028 \u202e\u{1f600} e\u0301 {"type":"end"}\n');
    await scene.rewrite((entries) =>
      entries.map((entry) =>
        entry.seq === 4 ? { ...entry, canonical: entry.canonical.replace('"triage"', () => text) } : entry,
      ),
    );
    await scene.signAnew();
    expect(await scene.audit()).toMatchObject({ outcome: 'intact', entries: { checked: 6 } });
  });
});

describe('a clock that was put back', () => {
  it('does not take the ledger back', async () => {
    clock.nowMs -= 86_400_000;
    await scene.seal(2, { prefix: 'yesterday' });
    const verdict = await scene.audit(scene.careful);
    expect(verdict).toMatchObject({
      outcome: 'intact',
      entries: { checked: 8, lastRecordedAt: '2026-11-30T08:00:00.000Z' },
    });
  });
});
