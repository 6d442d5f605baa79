import type { BundleLine, InstallationLine } from '../../src/ledger/bundle/line.js';
import { formatFleetList } from '../../src/ledger/note/fleet-list.js';
import { formatVerifierKey } from '../../src/ledger/note/key.js';
import { keyOf, MemoryLedger, textOf } from './bundle.js';
import type { BundleCase } from './bundle-corpus.js';
import { headOf, INSTALLATION, wordOf } from './installation.js';

/** Bundles with the word of their installation, true and false, the same in every run. */
export async function installationCorpus(): Promise<BundleCase[]> {
  return Promise.all(
    [...honest(), ...tamperings()].map(async ({ lines, ...one }) => ({ ...one, text: await textOf(lines) })),
  );
}

type Line = Exclude<BundleLine, { type: 'end' }>;
type LineCase = Omit<BundleCase, 'text'> & { lines: readonly Line[] };

const ledger = new MemoryLedger({ size: 21 });
const { key } = ledger;
const other = new MemoryLedger({ size: 7, fleet: 'other' });
const empty = new MemoryLedger({ size: 0, fleet: 'Empty.1' });
const HEADS = [headOf(ledger), headOf(other), headOf(empty)];
const WORD = wordOf(HEADS, { key });
const WITNESS = keyOf('w1', 'cosignature');
const POLICY = `log ${ledger.vkey}\nwitness W ${formatVerifierKey(WITNESS)}\nquorum W\n`;

function caseOf(name: string, lines: readonly Line[], expected: Partial<BundleCase> = {}): LineCase {
  return { name, lines, key: ledger.vkey, policy: null, held: [], problem: '', outcome: 'intact', ...expected };
}

const range = (word: Line = WORD) => [...ledger.rangeLines({ sizes: [16, 21] }), word];
const part = () => [...ledger.rangeLines({ from: 5, to: 13 }), WORD];
const selection = (word: Line = WORD) => [...ledger.selectionLines([3, 9, 20]), word];

const FLEETS = [
  { fleet: 'Empty.1', size: '0' },
  { fleet: 'other', size: '7' },
  { fleet: 'prod', size: '21' },
];

function honest(): LineCase[] {
  const said = (fields: object) => ({ origin: INSTALLATION, size: '4', doubt: null, fleets: FLEETS, ...fields });
  const witnessed = new MemoryLedger({ size: 21, witnesses: [WITNESS] });
  const payload = { action: 'REVOKE', keyId: ledger.key.id };
  const revoking = new MemoryLedger({ size: 21, change: { seq: 18, kind: 'LEDGER_KEY', payload } });
  return [
    caseOf('a whole ledger among other fleets', range(), { installation: said({ beyond: '0' }) }),
    caseOf('a range with a tail behind it', part(), { installation: said({ beyond: '8' }) }),
    caseOf('a selection among other fleets', selection(), { installation: said({ beyond: '0' }) }),
    caseOf(
      'an unpublished tail among other fleets',
      [...ledger.rangeLines({ sizes: [16] }), wordOf([headOf(ledger, 16)], { key })],
      {
        outcome: 'incomplete',
        problem: '5 entries are not covered',
        installation: { beyond: '0', fleets: [{ fleet: 'prod', size: '16' }] },
      },
    ),
    caseOf('no word of the installation', ledger.rangeLines(), { installation: null }),
    caseOf('a bare key among other fleets', range(), {
      key: ledger.key.publicKey.toString('hex'),
      installation: said({}),
    }),
    caseOf('nobody to believe among other fleets', range(), {
      key: null,
      outcome: 'incomplete',
      problem: 'no key was pinned',
      installation: said({ doubt: 'no key was pinned' }),
    }),
    caseOf('the word of an installation of another key', range(wordOf(HEADS, { key: keyOf('midwatch/test/stolen') })), {
      installation: said({ doubt: `it is not signed by a known key of ${INSTALLATION}` }),
    }),
    caseOf('a cosigned word', [...witnessed.rangeLines(), wordOf(HEADS, { key, witnesses: [WITNESS] })], {
      key: null,
      policy: POLICY,
      installation: said({ cosignedAt: [{ name: 'W', at: '2026-11-06T21:20:00.000Z' }] }),
    }),
    caseOf('a word that too few cosigned', [...witnessed.rangeLines(), WORD], {
      policy: POLICY,
      installation: said({ doubt: 'the witnesses that cosigned it are no quorum' }),
    }),
    caseOf('a word of a key that was revoked', [...revoking.rangeLines(), wordOf([headOf(revoking)], { key })], {
      outcome: 'incomplete',
      problem: 'it was revoked',
      installation: { doubt: 'its key was revoked' },
    }),
    caseOf('the word of an installation that was kept', range(), { held: [WORD.note] }),
    ...[range(wordOf(HEADS, { key, size: 5 })), ledger.rangeLines()].map((lines, at) =>
      caseOf(`a word of an installation that was kept, and ${at === 0 ? 'another' : 'no'} size here`, lines, {
        held: [WORD.note],
        outcome: 'incomplete',
        problem: 'the kept checkpoint of the installation of size 4 could not be compared',
      }),
    ),
    caseOf('a list that goes on from what was kept', range(), { held: [other.note(5), other.note(7)] }),
  ];
}

/** The list is what is changed; it is signed anew only where that is said. */
const CUTS: readonly [string, InstallationLine, string][] = [
  [
    'a fleet cut out of the list',
    { ...WORD, fleets: formatFleetList([headOf(ledger), headOf(empty)]) },
    'not those that were signed',
  ],
  ['another size in the list', { ...WORD, fleets: WORD.fleets.replace(' 7 ', ' 8 ') }, 'not those that were signed'],
  [
    'a fleet added to the list',
    { ...WORD, fleets: formatFleetList([...HEADS, headOf(new MemoryLedger({ size: 1, fleet: 'x' }))]) },
    '',
  ],
  ['a list of nobody', { ...WORD, fleets: '' }, ''],
  ['another proof', { ...WORD, hashes: [...WORD.hashes].reverse() }, 'not those that were signed'],
  ['a shorter proof', { ...WORD, hashes: WORD.hashes.slice(1) }, ''],
  ['no proof', { ...WORD, hashes: [] }, ''],
  ['a checkpoint that is none', { ...WORD, note: 'x' }, 'no signed note'],
  ['a checkpoint of another size', { ...WORD, note: WORD.note.replace('\n4\n', '\n5\n') }, 'signature'],
  ['a checkpoint of size 0', { ...WORD, note: WORD.note.replace('\n4\n', '\n0\n') }, 'signature'],
  ['the checkpoint of a fleet', { ...WORD, note: ledger.note() }, 'of another log, midwatch/test/prod'],
  [
    'the list of another installation',
    wordOf(HEADS, { key, origin: 'midwatch/else' }),
    'of another log, midwatch/else',
  ],
  [
    'a signed list of another installation’s fleets',
    wordOf([headOf(ledger), headOf(new MemoryLedger({ size: 3, origin: 'midwatch/else/prod' }))], { key }),
    'a fleet of another',
  ],
  [
    'a signed list of deeper origins',
    wordOf([headOf(ledger), headOf(new MemoryLedger({ size: 3, origin: 'midwatch/test/prod/deep' }))], { key }),
    'a fleet of another',
  ],
  ['a signed list without this fleet', wordOf([headOf(other)], { key }), 'does not name midwatch/test/prod'],
  ['a stale list', wordOf([headOf(ledger, 16), headOf(other)], { key }), 'this fleet at 16 entries'],
  [
    'a list of a later time than its checkpoint',
    wordOf([headOf(new MemoryLedger({ size: 25 }))], { key }),
    'this fleet at 25 entries',
  ],
  [
    'a list of another history',
    wordOf([headOf(new MemoryLedger({ size: 21, change: { seq: 6, payload: {} } }))], { key }),
    'another history of this fleet',
  ],
  [
    'a signed list in another order',
    wordOf([], { key, text: [...formatFleetList(HEADS).trimEnd().split('\n').reverse(), ''].join('\n') }),
    'not listed',
  ],
  ['a signed list with a fleet twice', wordOf([...HEADS, headOf(other, 3)], { key }), 'not listed'],
  [
    'a signed list with white space',
    wordOf([], { key, text: formatFleetList(HEADS).replace(' 7 ', '  7 ') }),
    'not listed',
  ],
  [
    'a signed list with a leading zero',
    wordOf([], { key, text: formatFleetList(HEADS).replace(' 7 ', ' 07 ') }),
    'not listed',
  ],
  ['a signed list without its last newline', wordOf([], { key, text: formatFleetList(HEADS).trimEnd() }), 'not listed'],
  [
    'a signed list with a carriage return',
    wordOf([], { key, text: formatFleetList(HEADS).replaceAll('\n', '\r\n') }),
    'not listed',
  ],
  [
    'a signed list with a size beyond 64 bits',
    wordOf([], { key, text: formatFleetList(HEADS).replace(' 7 ', ' 18446744073709551616 ') }),
    'not listed',
  ],
  [
    'a signed list with a short root',
    wordOf([{ ...headOf(other), root: Buffer.alloc(31) }, headOf(ledger)], { key }),
    'not listed',
  ],
  ['a signed list that is empty', wordOf([], { key }), 'not listed'],
];

function tamperings(): LineCase[] {
  const [manifest, ...rest] = range();
  const rewritten = new MemoryLedger({ size: 7, fleet: 'other', change: { seq: 2, payload: {} } });
  const disordered: Record<string, readonly Line[]> = {
    'that is there twice': [...range(), WORD],
    'before the last checkpoint': [...range().slice(0, -2), WORD, ...range().slice(-2, -1)],
    'before the entries': [...ledger.selectionLines([3]).slice(0, 2), WORD, ...ledger.selectionLines([3]).slice(2)],
    'before its entry’s proof': [
      ...ledger.selectionLines([3]).slice(0, 3),
      WORD,
      ...ledger.selectionLines([3]).slice(3),
    ],
    'followed by a key': [...range(), { type: 'key', vkey: ledger.vkey }],
    'in a bundle of a format that has none': [{ ...manifest, format: 'midwatch-bundle/1' } as Line, ...rest],
    'without any checkpoint': [...ledger.rangeLines({ sizes: [] }), WORD],
  };
  const tampered = { outcome: 'tampered' as const };
  return [
    ...CUTS.flatMap(([name, word, problem]) => [
      caseOf(`a whole ledger with ${name}`, range(word), { ...tampered, problem }),
      caseOf(`a selection with ${name}`, selection(word), { ...tampered, problem }),
    ]),
    ...Object.entries(disordered).map(([name, lines]) => caseOf(`a word of the installation ${name}`, lines, tampered)),
    caseOf('another word of the installation than was kept', range(wordOf([headOf(ledger)], { key })), {
      ...tampered,
      held: [WORD.note],
      problem: 'another history of midwatch/test',
    }),
    caseOf('another history of another fleet than was kept', range(), {
      ...tampered,
      held: [rewritten.note(7)],
      problem: 'another history of midwatch/test/other',
    }),
  ];
}
