import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BundleLine,
  type EndLine,
  type EntryLine,
  findEntry,
  type InstallationLine,
  readLine,
} from '../../src/ledger/bundle/line.js';
import { readTogether } from '../../src/ledger/bundle/together.js';
import { noteOf } from '../../src/ledger/publish/proofs.js';
import { findNewestCheckpoint } from '../../src/ledger/publish/store.js';
import { check, textOf } from '../support/bundle.js';
import { exportText } from '../support/export.js';
import { Scene } from '../support/scene.js';

/** Whoever hands bundles over leaves out what he does not like: a fleet, or the end of one. */
let scene: Scene;
/** The checkpoint of the installation's log that the auditor kept. */
let kept: string;
beforeEach(async () => {
  scene = await Scene.open();
  await scene.seal(6);
  await scene.seal(3, { fleet: 'other', prefix: 'o' });
  await scene.publishAll();
  await scene.pin();
  kept = await readRoot();
});
afterEach(() => scene.close());

async function readRoot(): Promise<string> {
  const newest = await findNewestCheckpoint(scene.api.pool, '');
  return newest === null ? '' : noteOf(newest);
}

const FLEETS = [
  { fleet: 'default', size: '6' },
  { fleet: 'other', size: '3' },
];

/** One key signs all logs of an installation: without a name it is pinned for all of them. */
const bare = () => ({ ...scene.trust, key: scene.trust.key && { publicKey: scene.trust.key.publicKey } });

/** The bundle that is handed out, with another word of the installation and an end that fits, as anybody can make it. */
async function forge(change: (word: InstallationLine) => InstallationLine): Promise<string> {
  const lines = (await exportText(scene.api.pool)).trimEnd().split('\n').slice(0, -1);
  return textOf(
    lines.map((text) => {
      const bytes = Buffer.from(text);
      const place = findEntry(bytes);
      if (place !== null) {
        return { type: 'entry', canonical: bytes.toString('utf8', place.from, place.to), hash: place.hash };
      }
      const line = readLine(bytes) as Exclude<BundleLine, EntryLine | EndLine>;
      return line.type === 'installation' ? change(line) : line;
    }),
  );
}

describe('the honest twin', () => {
  it('shows all fleets, and that none is left out', async () => {
    const verdicts = [];
    for (const fleet of ['default', 'other']) {
      const verdict = await scene.audit({ ...bare(), held: [kept] }, { fleet });
      expect(verdict).toMatchObject({ outcome: 'intact', installation: { doubt: null, fleets: FLEETS, beyond: '0' } });
      verdicts.push(verdict);
    }
    expect(readTogether(verdicts)).toMatchObject([{ leftOut: [], contradiction: null }]);
  });
});

describe('a fleet', () => {
  it('that is not handed over shows from the bundle of another', async () => {
    expect(readTogether([await scene.audit(bare())])).toMatchObject([{ leftOut: ['other'] }]);
  });

  it('that is cut out of what a bundle says is missed by the tree', async () => {
    const cut = await forge((word) => ({ ...word, fleets: word.fleets.replace(/^.*\/other .*\n/m, '') }));
    expect(await check(cut, scene.trust)).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('its fleets are not those that were signed') },
    });
  });

  it('that is put back in the database is missed by the tree', async () => {
    await scene.intrude(
      `UPDATE ledger_checkpoint SET size = 1, root_hash = sha256('1') WHERE fleet_id = 'other' AND size = 3`,
    );
    expect(await scene.audit()).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('its fleets are not those that were signed') },
    });
  });

  it('that is taken out of the database takes the word of the installation with it, and nothing more is signed', async () => {
    for (const table of ['ledger_tree', 'ledger_tile', 'ledger_checkpoint', 'ledger_entry', 'ledger_head']) {
      await scene.intrude(`DELETE FROM ${table} WHERE fleet_id = 'other'`);
    }
    expect(await scene.audit()).toMatchObject({ outcome: 'intact', installation: null });
    expect(await scene.audit({ ...scene.trust, held: [kept] })).toMatchObject({ outcome: 'incomplete' });
    await scene.seal(1, { prefix: 'later' });
    await scene.publishAll();
    expect(await readRoot()).toBe(kept);
  });

  it('that never was by a log signed anew with the stolen key is doubted by who wants witnesses or kept the log', async () => {
    for (const table of ['ledger_tree', 'ledger_tile', 'ledger_checkpoint']) {
      await scene.intrude(`DELETE FROM ${table} WHERE fleet_id IN ('', 'other')`);
    }
    await scene.intrude(`UPDATE ledger_checkpoint SET root_seq = NULL`);
    await scene.intrude(`DELETE FROM fleet WHERE id = 'other'`).catch(() => undefined);
    await scene.intrude(`UPDATE ledger_tree SET size = 0 WHERE fleet_id = 'other'`);
    await scene.publishAll();
    expect(await scene.witness()).toBe(200);
    const verdict = await scene.audit(scene.witnessed);
    expect(verdict.installation?.doubt).toBe('the witnesses that cosigned it are no quorum');
    expect((await scene.audit({ ...scene.trust, held: [kept] })).outcome).not.toBe('intact');
  });
});

describe('the end of a fleet', () => {
  it('that is not handed over shows from the bundle of what is', async () => {
    const scope = { kind: 'range', from: 0, to: 4 } as const;
    expect(await scene.audit(scene.trust, { scope })).toMatchObject({
      outcome: 'intact',
      installation: { doubt: null, beyond: '2' },
    });
  });

  it('cannot be hidden behind what the installation said before', async () => {
    let stale: InstallationLine | null = null;
    await forge((word) => {
      stale = word;
      return word;
    });
    await scene.seal(2, { prefix: 'later' });
    await scene.publishAll();
    const aged = await forge((word) => stale ?? word);
    expect(await check(aged, scene.trust)).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('this fleet at 6 entries') },
    });
  });
});
