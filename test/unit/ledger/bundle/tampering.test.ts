import { describe, expect, it } from 'vitest';
import type { BundleLine } from '../../../../src/ledger/bundle/line.js';
import { leafHash } from '../../../../src/ledger/chain.js';
import { check, keyOf, MemoryLedger, textOf } from '../../../support/bundle.js';

/** Who tampers here makes the end line anew, as anybody can: what finds it is not the checksum. */
const ledger = new MemoryLedger({ size: 21 });
const { trust } = ledger;

type Lines = Parameters<typeof textOf>[0] & { type: string }[];
type LineOf<T> = Extract<BundleLine, { type: T }>;

const range = () => structuredClone(ledger.rangeLines({ sizes: [16, 21] })) as Lines;
const selection = () => structuredClone(ledger.selectionLines([3, 9, 20])) as Lines;
const part = () => structuredClone(ledger.rangeLines({ from: 5, to: 13 })) as Lines;

const pick = <T extends BundleLine['type']>(lines: Lines, type: T, at = 0) =>
  lines.filter((line) => line.type === type).at(at) as LineOf<T>;
const indexOf = (lines: Lines, type: string, at = 0) => lines.indexOf(pick(lines, type as 'entry', at));

function remove(lines: Lines, type: string, at = 0) {
  lines.splice(indexOf(lines, type, at), 1);
}

/** Removes an entry and everything said of it. */
function removeEntries(lines: Lines, seqs: readonly number[]) {
  for (const seq of seqs) {
    const from = lines.findIndex(
      (line) => line.type === 'entry' && (line as LineOf<'entry'>).canonical.includes(`"seq":${seq},`),
    );
    const after = lines.findIndex((line, at) => at > from && !['opening', 'inclusion'].includes(line.type));
    lines.splice(from, (after < 0 ? lines.length : after) - from);
  }
}

function rehash(line: LineOf<'entry'>, canonical: string) {
  Object.assign(line, { canonical, hash: leafHash(canonical) });
}

const flip = (digits: string) => (digits.startsWith('0') ? '1' : '0') + digits.slice(1);

async function verdictOf(lines: Lines) {
  return check(await textOf(lines), trust);
}

describe.each([
  ['a whole ledger', range],
  ['a range', part],
  ['a selection', selection],
] as const)('tampering with %s', (_what, make) => {
  it('is not needed to be intact', async () => {
    expect(await verdictOf(make())).toMatchObject({ outcome: 'intact' });
  });

  const cases: [string, (lines: Lines) => unknown, string, number?][] = [
    [
      'an edited entry',
      (lines) =>
        Object.assign(pick(lines, 'entry', 1), {
          canonical: pick(lines, 'entry', 1).canonical.replace('triage', 'TRIAGE'),
        }),
      'its hash is not that of its bytes',
      1,
    ],
    [
      'edited content',
      (lines) => Object.assign(pick(lines, 'opening', 2), { content: '{"text":"nothing"}' }),
      'not what it commits to',
      0,
    ],
    [
      'a changed salt',
      (lines) => Object.assign(pick(lines, 'opening', 2), { salt: flip(pick(lines, 'opening', 2).salt) }),
      'not what it commits to',
      0,
    ],
    [
      'content under another digest',
      (lines) => Object.assign(pick(lines, 'opening', 2), { path: '/steps/1' }),
      'not what it commits to',
      0,
    ],
    [
      'content of what is no digest',
      (lines) => Object.assign(pick(lines, 'opening'), { path: '/agent' }),
      'commits to nothing',
      0,
    ],
    [
      'content that is given twice',
      (lines) => lines.splice(indexOf(lines, 'opening'), 0, { ...pick(lines, 'opening') }),
      'opened twice',
      0,
    ],
    [
      'content of another entry',
      (lines) => Object.assign(pick(lines, 'opening'), { seq: pick(lines, 'opening').seq + 1 }),
      'does not follow its entry',
    ],
    [
      'a checkpoint of another size',
      (lines) =>
        Object.assign(pick(lines, 'checkpoint', -1), {
          note: pick(lines, 'checkpoint', -1).note.replace('\n21\n', '\n22\n'),
        }),
      'signature',
    ],
    [
      'a checkpoint of another log',
      (lines) =>
        Object.assign(pick(lines, 'checkpoint', -1), {
          note: new MemoryLedger({ size: 21, origin: 'midwatch/test/else' }).note(),
        }),
      'another log',
    ],
    [
      'a signature of another note',
      (lines) =>
        Object.assign(pick(lines, 'checkpoint', -1), {
          note: ledger.note().replace(/—.*/, /—.*/.exec(ledger.note(20))?.[0] ?? ''),
        }),
      'signature',
    ],
    [
      'a checkpoint that is none',
      (lines) => Object.assign(pick(lines, 'checkpoint', -1), { note: 'size 21' }),
      'no signed note',
    ],
    [
      'entries of another fleet',
      (lines) => Object.assign(pick(lines, 'manifest'), { fleet: 'else' }),
      'it is of the fleet prod',
    ],
    [
      'a manifest that promises more',
      (lines) => Object.assign(pick(lines, 'manifest'), { to: pick(lines, 'manifest').to + 1 }),
      '',
    ],
    [
      'a manifest that promises less',
      (lines) => Object.assign(pick(lines, 'manifest'), { to: pick(lines, 'manifest').to - 1 }),
      '',
    ],
    ['two manifests', (lines) => lines.splice(1, 0, pick(lines, 'manifest')), 'second manifest'],
    [
      'withheld content that is there',
      (lines) => Object.assign(pick(lines, 'manifest'), { content: 'withheld' }),
      'withheld',
      0,
    ],
    [
      'two entries that changed places',
      (lines) => {
        const [a, b] = [indexOf(lines, 'entry', 1), indexOf(lines, 'entry', 2)];
        [lines[a], lines[b]] = [lines[b], lines[a]] as [never, never];
      },
      '',
    ],
    [
      'an entry that is there twice',
      (lines) => lines.splice(indexOf(lines, 'entry', 1), 0, pick(lines, 'entry', 1)),
      '',
    ],
    ['an unknown line', (lines) => lines.splice(2, 0, { type: 'tile' }), 'no type the format has'],
    [
      'a field the format does not have',
      (lines) => void Object.assign(pick(lines, 'checkpoint'), { size: 99 }),
      'has no "size"',
    ],
    ['a missing field', (lines) => void Reflect.deleteProperty(pick(lines, 'opening'), 'salt'), 'salt is missing'],
  ];
  it.each(cases)('shows: %s', async (_change, change, problem, place) => {
    const lines = make();
    const entries = lines.filter(({ type }) => type === 'entry') as LineOf<'entry'>[];
    const seq = place === undefined ? undefined : Number(/"seq":(\d+)/.exec(entries[place]?.canonical ?? '')?.[1]);
    change(lines);
    const verdict = await verdictOf(lines);
    expect(verdict.outcome).toBe('tampered');
    expect(verdict.fault?.problem).toContain(problem);
    if (seq !== undefined) expect(verdict.fault?.seq).toBe(seq);
  });
});

describe('tampering with a chain', () => {
  it.each<[string, (lines: Lines) => unknown, number, string]>([
    ['an entry out of the middle', (lines) => removeEntries(lines, [6]), 6, 'entry 6 is missing before entry 7'],
    ['several of them', (lines) => removeEntries(lines, [6, 7, 8]), 6, 'entries 6 to 8 are missing before entry 9'],
    ['the first one', (lines) => removeEntries(lines, [0]), 0, 'entry 0 is missing'],
    ['the tail', (lines) => removeEntries(lines, [19, 20]), 19, 'entries 19 to 20 are missing'],
  ])('shows what was taken out: %s', async (_what, change, seq, problem) => {
    const lines = range();
    change(lines);
    expect(await verdictOf(lines)).toMatchObject({
      outcome: 'tampered',
      fault: { seq, problem: expect.stringContaining(problem) },
    });
  });

  it('shows an edit with a new hash by the next link', async () => {
    const lines = range();
    const entry = pick(lines, 'entry', 6);
    rehash(entry, entry.canonical.replace('triage', 'TRIAGE'));
    expect(await verdictOf(lines)).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 7, problem: 'its previousHash is not the hash of the entry before' },
    });
  });

  it('shows an edit with all hashes after it made anew by the tree', async () => {
    const forged = new MemoryLedger({ size: 21, change: { seq: 6, payload: { agent: 'nobody' } } });
    const lines = range();
    const forgedLines = forged.rangeLines({ sizes: [16, 21] }) as Lines;
    const notes = [pick(lines, 'checkpoint', 0), pick(lines, 'checkpoint', 1)];
    for (const [at, note] of notes.entries()) Object.assign(pick(forgedLines, 'checkpoint', at), note);
    const verdict = await verdictOf(forgedLines);
    expect(verdict).toMatchObject({
      outcome: 'tampered',
      fault: { seq: null, problem: expect.stringContaining('first 16 entries') },
    });
  });

  it('shows history rewritten with the key itself by a checkpoint that was kept', async () => {
    const forged = new MemoryLedger({ size: 25, change: { seq: 6, payload: { agent: 'nobody' } } });
    const text = await textOf(forged.rangeLines());
    expect(await check(text, trust)).toMatchObject({ outcome: 'intact' });
    expect(await check(text, { ...trust, held: [ledger.note(21)] })).toMatchObject({
      outcome: 'tampered',
      fault: { problem: expect.stringContaining('history was rewritten') },
    });
    const honest = new MemoryLedger({ size: 25 });
    expect(await check(await textOf(honest.rangeLines()), { ...trust, held: [ledger.note(21)] })).toMatchObject({
      outcome: 'intact',
    });
  });

  it('shows a time that goes back', async () => {
    const { entries } = new MemoryLedger({ size: 2 });
    const lines = new MemoryLedger({ size: 2 }).rangeLines({ content: false, sizes: [] }) as Lines;
    const second = pick(lines, 'entry', 1);
    rehash(second, second.canonical.replace(entries[1]?.recordedAt ?? '', '2026-11-02T08:00:00.000Z'));
    expect(await verdictOf(lines)).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 1, problem: expect.stringContaining('recorded before') },
    });
  });
});

describe('proofs that prove something else', () => {
  const inclusion = (change: (line: LineOf<'inclusion'>) => unknown) => {
    const lines = selection();
    change(pick(lines, 'inclusion', 1));
    return verdictOf(lines);
  };
  it.each<[string, (line: LineOf<'inclusion'>) => unknown]>([
    [
      'with a changed hash',
      (line) => Object.assign(line, { hashes: [flip(line.hashes[0] ?? ''), ...line.hashes.slice(1)] }),
    ],
    ['cut', (line) => Object.assign(line, { hashes: line.hashes.slice(0, -1) })],
    ['lengthened', (line) => Object.assign(line, { hashes: [...line.hashes, '0'.repeat(64)] })],
    ['of another entry', (line) => Object.assign(line, { seq: 10 })],
    ['of nothing', (line) => Object.assign(line, { hashes: [] })],
    [
      'with too many hashes',
      (line) => Object.assign(line, { hashes: Array.from({ length: 100 }, () => '0'.repeat(64)) }),
    ],
  ])('an inclusion proof %s', async (_what, change) => {
    expect(await inclusion(change)).toMatchObject({ outcome: 'tampered' });
  });

  it('an inclusion proof that is missing', async () => {
    const lines = selection();
    remove(lines, 'inclusion', 1);
    expect(await verdictOf(lines)).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 9, problem: 'its inclusion proof is missing' },
    });
  });

  it.each<[string, (lines: Lines) => unknown]>([
    [
      'a frontier with a changed hash',
      (lines) =>
        Object.assign(pick(lines, 'frontier'), {
          hashes: [flip(pick(lines, 'frontier').hashes[0] ?? ''), ...pick(lines, 'frontier').hashes.slice(1)],
        }),
    ],
    ['a frontier of another size', (lines) => Object.assign(pick(lines, 'frontier'), { size: 4 })],
    ['no frontier', (lines) => remove(lines, 'frontier')],
    [
      'a consistency proof with a changed hash',
      (lines) => Object.assign(pick(lines, 'consistency'), { hashes: pick(lines, 'consistency').hashes.map(flip) }),
    ],
    ['a consistency proof from another size', (lines) => Object.assign(pick(lines, 'consistency'), { fromSize: 12 })],
    ['no consistency proof', (lines) => remove(lines, 'consistency')],
    ['a consistency proof without its checkpoint', (lines) => remove(lines, 'checkpoint')],
  ])('a range with %s', async (_what, change) => {
    const lines = part();
    change(lines);
    expect(await verdictOf(lines)).toMatchObject({ outcome: 'tampered' });
  });
});

describe('keys', () => {
  it('of an attacker, in a bundle of the attacker’s, prove nothing', async () => {
    const forged = new MemoryLedger({
      size: 21,
      key: keyOf(ledger.origin, 'note', 'stolen'),
      change: { seq: 6, payload: {} },
    });
    const text = await textOf(forged.rangeLines());
    expect(await check(text, trust)).toMatchObject({ outcome: 'incomplete', keys: [], bundledKeys: [forged.vkey] });
    expect(await check(text, { ...trust, key: null })).toMatchObject({ outcome: 'incomplete' });
  });
});

describe('a file', () => {
  it.each([
    ['that is no bundle', '%PDF-1.7 something\n'],
    ['that is another JSON', '{"hello":"world"}\n'],
    [
      'of another version',
      '{"about":[],"content":"disclosed","fleet":"f","format":"midwatch-bundle/2","from":0,"generator":"x","origin":"o","scope":"range","to":1,"type":"manifest"}\n',
    ],
    ['without a newline', 'binary'],
  ])('%s is unreadable', async (_what, text) => {
    expect(await check(text, trust)).toMatchObject({ outcome: 'unreadable' });
  });

  it.each([
    ['with white space in a line', (text: string) => text.replace('"type":"policy"', '"type": "policy"')],
    ['with a duplicate key', (text: string) => text.replace('"type":"policy"', '"type":"policy","type":"policy"')],
    ['with an empty line', (text: string) => text.replace('\n', '\n\n')],
    ['with Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['with something after the end', (text: string) => `${text}{}\n`],
    [
      'with another digest',
      (text: string) => text.replace(/"digest":"(.)/, (_all, digit) => `"digest":"${digit === '0' ? 1 : 0}`),
    ],
    ['with other counts', (text: string) => text.replace('"openings":84', '"openings":83')],
    ['with changed information', (text: string) => text.replace('quorum none', 'quorum some')],
  ])('%s is refused', async (_what, change) => {
    const { outcome } = await check(change(await textOf(range())), trust);
    expect(['tampered', 'unreadable']).toContain(outcome);
  });
});
