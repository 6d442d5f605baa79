import { describe, expect, it } from 'vitest';
import { formatVerifierKey } from '../../../../src/ledger/note/key.js';
import { parsePolicy } from '../../../../src/ledger/note/policy.js';
import { check, keyOf, MemoryLedger, textOf } from '../../../support/bundle.js';

const ledger = new MemoryLedger({ size: 21 });
const NOBODY = { key: null, policy: null, held: [] };

describe('an honest bundle', () => {
  it('of a whole ledger is intact, and the verdict says what was checked', async () => {
    const verdict = await check(await textOf(ledger.rangeLines({ sizes: [1, 7, 16, 21] })), ledger.trust);
    expect(verdict).toMatchObject({
      outcome: 'intact',
      fault: null,
      reasons: [],
      entries: { checked: 21, firstSeq: 0, lastSeq: 20, kinds: { DECISION: 21 }, leftOut: 0 },
      openings: { digests: 84, opened: 84 },
      published: { size: '21', unpublished: 0, checkpoints: 4 },
      keys: [{ vkey: ledger.vkey, checkpoints: 4 }],
      bundledKeys: [ledger.vkey],
    });
  });

  it('of every range is intact', async () => {
    const small = new MemoryLedger({ size: 9 });
    for (let from = 0; from < 9; from += 1) {
      for (let to = from + 1; to <= 9; to += 1) {
        const verdict = await check(await textOf(small.rangeLines({ from, to })), small.trust);
        expect([from, to, verdict.outcome, verdict.fault]).toEqual([from, to, 'intact', null]);
        expect(verdict.entries).toMatchObject({ firstSeq: from, lastSeq: to - 1 });
      }
    }
  });

  it('of chosen entries is intact', async () => {
    for (let seq = 0; seq < 21; seq += 1) {
      const verdict = await check(await textOf(ledger.selectionLines([seq])), ledger.trust);
      expect([seq, verdict.outcome, verdict.fault]).toEqual([seq, 'intact', null]);
    }
    const verdict = await check(await textOf(ledger.selectionLines([3, 4, 9, 20])), ledger.trust);
    expect(verdict).toMatchObject({ outcome: 'intact', entries: { checked: 4, leftOut: 14 } });
  });

  it('is intact without its content', async () => {
    const verdict = await check(await textOf(ledger.rangeLines({ content: false })), ledger.trust);
    expect(verdict).toMatchObject({ outcome: 'intact', openings: { digests: 84, opened: 0 } });
  });

  it('is read the same in pieces of any size', async () => {
    const text = await textOf(new MemoryLedger({ size: 2 }).rangeLines());
    for (const pieceBytes of [1, 2, 3, 64, 1_000_000]) {
      expect(await check(text, new MemoryLedger({ size: 2 }).trust, { pieceBytes })).toMatchObject({
        outcome: 'intact',
      });
    }
  });

  it('is believed by a bare key under its own origin', async () => {
    const trust = { ...NOBODY, key: { publicKey: ledger.key.publicKey } };
    expect(await check(await textOf(ledger.rangeLines()), trust)).toMatchObject({ outcome: 'intact' });
  });

  it('continues the checkpoints that were kept', async () => {
    const trust = { ...ledger.trust, held: [ledger.note(5), ledger.note(21)] };
    expect(await check(await textOf(ledger.rangeLines()), trust)).toMatchObject({ outcome: 'intact' });
    const part = await textOf(ledger.rangeLines({ from: 5, to: 9 }));
    expect(await check(part, trust)).toMatchObject({ outcome: 'intact' });
  });
});

describe('a bundle that does not prove enough', () => {
  it('is incomplete wherever it is cut', async () => {
    const one = new MemoryLedger({ size: 1 });
    const bytes = Buffer.from(await textOf(one.rangeLines()));
    for (let length = 0; length < bytes.length; length += 7) {
      const { outcome } = await check(bytes.subarray(0, length), one.trust, { pieceBytes: 100_000 });
      expect([length, outcome]).toEqual([length, 'incomplete']);
    }
  });

  it('is incomplete below the quorum of the policy, and intact with it', async () => {
    const witnesses = ['w1', 'w2'].map((name) => keyOf(name, 'cosignature'));
    const lines = witnesses.map((key, at) => `witness W${at} ${formatVerifierKey(key)}`).join('\n');
    const policy = parsePolicy(`log ${ledger.vkey}\n${lines}\ngroup both all W0 W1\nquorum both\n`);
    const trust = { key: null, policy, held: [] };
    const once = new MemoryLedger({ size: 21, witnesses: witnesses.slice(0, 1) });
    expect(await check(await textOf(once.rangeLines()), trust)).toMatchObject({
      outcome: 'incomplete',
      reasons: [expect.stringContaining('no quorum')],
    });
    const twice = new MemoryLedger({ size: 21, witnesses });
    expect(await check(await textOf(twice.rangeLines()), trust)).toMatchObject({
      outcome: 'intact',
      witnesses: [
        { name: 'W0', cosignatures: 1, oldestAt: '2026-11-03T09:00:00.000Z', newestAt: '2026-11-03T09:00:00.000Z' },
        { name: 'W1', cosignatures: 1 },
      ],
    });
  });
});
