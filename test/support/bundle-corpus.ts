import { type BundleLine, FORMER_FORMAT } from '../../src/ledger/bundle/line.js';
import type { Outcome } from '../../src/ledger/bundle/verdict.js';
import { leafHash } from '../../src/ledger/chain.js';
import { formatVerifierKey } from '../../src/ledger/note/key.js';
import { EMPTY_ROOT } from '../../src/ledger/tree/node.js';
import { keyOf, MemoryLedger, textOf } from './bundle.js';
import { installationCorpus } from './installation-corpus.js';
import { longChainCorpus } from './long-chain-corpus.js';
import { timestampCorpus } from './timestamp-corpus.js';

/** A bundle, whom its verifier believes, and what it has to say. */
export interface BundleCase {
  name: string;
  text: string | Buffer;
  /** The pinned key, as it is handed over. */
  key: string | null;
  /** A C2SP tlog-policy. */
  policy: string | null;
  held: readonly string[];
  outcome: Outcome;
  /** The first bad entry; undefined where it does not matter. */
  seq?: number | null | undefined;
  /** What `midwatch verify` says is wrong or missing. */
  problem: string;
  /** What it says of all fleets; undefined where it does not matter. */
  installation?: object | null;
}

type Expectation = Pick<BundleCase, 'outcome'> & Partial<BundleCase>;

/** Bundles to accept and to refuse, the same in every run: every verifier has to say the same of them. */
export async function bundleCorpus(): Promise<BundleCase[]> {
  return [
    ...(await honest()),
    ...(await insufficient()),
    ...(await tamperings()),
    ...(await chainTamperings()),
    ...(await proofTamperings()),
    ...(await rewritings()),
    ...(await files()),
    ...(await longChainCorpus()),
    ...(await installationCorpus()),
    ...(await timestampCorpus()),
  ];
}

/** Who tampers here makes the end line anew, as anybody can: what finds it is not the checksum. */
const ledger = new MemoryLedger({ size: 21 });

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

async function caseOf(name: string, made: Lines | string | Buffer, expected: Expectation): Promise<BundleCase> {
  const text = typeof made === 'string' || Buffer.isBuffer(made) ? made : await textOf(made);
  return { name, text, key: ledger.vkey, policy: null, held: [], problem: '', ...expected };
}

function seqOf({ canonical }: LineOf<'entry'>): number {
  return Number(/"seq":(\d+)/.exec(canonical)?.[1]);
}

const WITNESSES = ['w1', 'w2'].map((name) => keyOf(name, 'cosignature'));
const WITNESS_LINES = WITNESSES.map((key, at) => `witness W${at} ${formatVerifierKey(key)}`).join('\n');
const POLICY = `log ${ledger.vkey}\n${WITNESS_LINES}\ngroup both all W0 W1\nquorum both\n`;

/** The same ledger with a checkpoint that its witnesses say they cosigned at a time of their own. */
function cosignedLines(atS: bigint): Lines {
  const witnessed = new MemoryLedger({ size: 21, witnesses: WITNESSES });
  const lines = witnessed.rangeLines() as Lines;
  Object.assign(pick(lines, 'checkpoint', -1), { note: witnessed.note(21, { atS }) });
  return lines;
}

/** An entry revokes the first key; the bundle's checkpoints are signed by it and, at the end, by the one after it. */
function rotatedLines(): { lines: Lines; policy: string } {
  const payload = { action: 'REVOKE', keyId: ledger.key.id };
  const rotated = new MemoryLedger({ size: 21, change: { seq: 18, kind: 'LEDGER_KEY', payload } });
  const next = keyOf(rotated.origin, 'note', 'next');
  const lines = rotated.rangeLines({ sizes: [16, 21] }) as Lines;
  Object.assign(pick(lines, 'checkpoint', -1), { note: rotated.note(21, { key: next }) });
  return { lines, policy: `log ${ledger.vkey}\nlog ${formatVerifierKey(next)}\nquorum none\n` };
}

/** An erasure was asked for, or carried out. */
function erasedLines(change: string): Lines {
  const payload = { change, entries: [2], requestedBy: 'ada' };
  return new MemoryLedger({ size: 21, change: { seq: 9, kind: 'ERASURE', payload } }).rangeLines() as Lines;
}

/** As an earlier version wrote it. */
const formerly = ([manifest, ...rest]: Lines) => [{ ...manifest, format: FORMER_FORMAT }, ...rest] as Lines;

function honest(): Promise<BundleCase[]> {
  const rotated = rotatedLines();
  const intact: Expectation = { outcome: 'intact' };
  const witnessed = new MemoryLedger({ size: 21, witnesses: WITNESSES });
  return Promise.all([
    caseOf('a whole ledger', range(), intact),
    caseOf(
      'a whole ledger with every checkpoint',
      ledger.rangeLines({ sizes: ledger.entries.map(({ seq }) => seq + 1) }),
      intact,
    ),
    caseOf('a ledger in the format before', formerly(range()), { ...intact, installation: null }),
    caseOf('a range', part(), intact),
    caseOf('a range of one entry', ledger.rangeLines({ from: 12, to: 13 }), intact),
    caseOf('a selection', selection(), intact),
    caseOf('a ledger of one entry', new MemoryLedger({ size: 1 }).rangeLines(), intact),
    caseOf('a ledger without its content', ledger.rangeLines({ content: false }), intact),
    caseOf('a bare key in hex', range(), { ...intact, key: ledger.key.publicKey.toString('hex') }),
    caseOf('a bare key in base64', range(), { ...intact, key: ledger.key.publicKey.toString('base64') }),
    caseOf('a continued checkpoint', range(), { ...intact, held: [ledger.note(5), ledger.note(21)] }),
    caseOf('a continued checkpoint of the empty ledger', range(), { ...intact, held: [ledger.note(0)] }),
    caseOf('a range after the checkpoint of the empty ledger', part(), { ...intact, held: [ledger.note(0)] }),
    caseOf('a selection after the checkpoint of the empty ledger', selection(), { ...intact, held: [ledger.note(0)] }),
    caseOf('a continued checkpoint at the beginning of a range', part(), { ...intact, held: [ledger.note(5)] }),
    caseOf('a key that was rotated, with both known', rotated.lines, { ...intact, key: null, policy: rotated.policy }),
    caseOf('an erasure that was asked for', erasedLines('REQUESTED'), intact),
    caseOf('an erasure that was carried out', erasedLines('ERASED'), intact),
    caseOf('a quorum', witnessed.rangeLines(), { ...intact, key: null, policy: POLICY }),
    caseOf('a quorum at the last time there is', cosignedLines(2n ** 63n - 1n), { ...intact, policy: POLICY }),
    caseOf('a quorum and a key', witnessed.selectionLines([4]), { ...intact, policy: POLICY }),
  ]);
}

function insufficient(): Promise<BundleCase[]> {
  const lacks = (problem: string): Expectation => ({ outcome: 'incomplete', problem });
  const forged = new MemoryLedger({
    size: 21,
    key: keyOf(ledger.origin, 'note', 'stolen'),
    change: { seq: 6, payload: {} },
  });
  const payload = { action: 'REVOKE', keyId: ledger.key.id };
  const revoked = new MemoryLedger({ size: 21, change: { seq: 9, kind: 'LEDGER_KEY', payload } });
  const once = new MemoryLedger({ size: 21, witnesses: WITNESSES.slice(0, 1) });
  return Promise.all([
    caseOf('no pinned key', range(), { ...lacks('no key was pinned'), key: null }),
    caseOf('the key of another log', range(), {
      ...lacks('is not believed'),
      key: formatVerifierKey(keyOf('midwatch/test/other')),
    }),
    caseOf('a bundle of an attacker with a key of the attacker’s', forged.rangeLines(), lacks('is not believed')),
    caseOf('the same with nobody to believe', forged.rangeLines(), { ...lacks('no key was pinned'), key: null }),
    caseOf('no checkpoint', ledger.rangeLines({ sizes: [] }), lacks('no checkpoint')),
    caseOf('an unpublished tail', ledger.rangeLines({ sizes: [16] }), lacks('5 entries are not covered')),
    caseOf(
      'an unpublished chosen entry',
      ledger.selectionLines([3, 18], { size: 10 }),
      lacks('1 entry is not covered'),
    ),
    caseOf('no entries', ledger.selectionLines([]), lacks('nothing was checked')),
    caseOf('an empty file', '', lacks('empty')),
    caseOf('a kept checkpoint that is out of reach', ledger.rangeLines({ from: 8 }), {
      ...lacks('size 5 could not be compared'),
      held: [ledger.note(5)],
    }),
    caseOf('a key that was rotated, with the one before known', rotatedLines().lines, lacks('is not believed')),
    caseOf('a key that was revoked', revoked.rangeLines(), lacks('it was revoked')),
    caseOf('a chosen entry under a key that was revoked', revoked.selectionLines([3, 9]), lacks('it was revoked')),
    caseOf('too few witnesses', once.rangeLines(), { ...lacks('no quorum'), key: null, policy: POLICY }),
    ...[0.01, 0.3, 0.6, 0.999].map(async (share) => {
      const bytes = Buffer.from(await textOf(range()));
      return caseOf(`a file cut at ${share}`, bytes.subarray(0, Math.floor(bytes.length * share)), lacks(''));
    }),
  ]);
}

const CHANGES: readonly [string, (lines: Lines) => unknown, string, number?][] = [
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
  [
    'a manifest that ends before it begins',
    (lines) => Object.assign(pick(lines, 'manifest'), { from: pick(lines, 'manifest').to + 1 }),
    'range ends before it begins',
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
  ['an entry that is there twice', (lines) => lines.splice(indexOf(lines, 'entry', 1), 0, pick(lines, 'entry', 1)), ''],
  ['an unknown line', (lines) => lines.splice(2, 0, { type: 'tile' }), 'no type the format has'],
  [
    'a field the format does not have',
    (lines) => void Object.assign(pick(lines, 'checkpoint'), { size: 99 }),
    'has no "size"',
  ],
  ['a missing field', (lines) => void Reflect.deleteProperty(pick(lines, 'opening'), 'salt'), 'salt is missing'],
];

function tamperings(): Promise<BundleCase[]> {
  const kinds = { 'a whole ledger': range, 'a range': part, 'a selection': selection };
  return Promise.all(
    Object.entries(kinds).flatMap(([kind, make]) =>
      CHANGES.map(([name, change, problem, place]) => {
        const lines = make();
        const entries = lines.filter(({ type }) => type === 'entry') as LineOf<'entry'>[];
        const entry = place === undefined ? undefined : entries[place];
        const seq = entry === undefined ? undefined : seqOf(entry);
        change(lines);
        return caseOf(`${kind} with ${name}`, lines, { outcome: 'tampered', problem, seq });
      }),
    ),
  );
}

const REMOVALS: readonly [string, (lines: Lines) => unknown, number, string][] = [
  ['an entry out of the middle', (lines) => removeEntries(lines, [6]), 6, 'entry 6 is missing before entry 7'],
  ['several of them', (lines) => removeEntries(lines, [6, 7, 8]), 6, 'entries 6 to 8 are missing before entry 9'],
  ['the first one', (lines) => removeEntries(lines, [0]), 0, 'entry 0 is missing'],
  ['the tail', (lines) => removeEntries(lines, [19, 20]), 19, 'entries 19 to 20 are missing'],
];

/** Every line is true, and stands where it should not. */
const DISORDER: readonly [string, () => Lines, (lines: Lines) => unknown][] = [
  [
    'content behind a checkpoint',
    range,
    (lines) => move(lines, indexOf(lines, 'opening', 16 * 4 - 1), indexOf(lines, 'checkpoint')),
  ],
  ['a proof behind content', selection, (lines) => move(lines, indexOf(lines, 'inclusion'), indexOf(lines, 'opening'))],
  ['a key among entries', range, (lines) => move(lines, indexOf(lines, 'key'), indexOf(lines, 'entry', 3))],
  ['a checkpoint that is there twice', range, (lines) => lines.push(pick(lines, 'checkpoint', -1))],
  [
    'a checkpoint behind its place',
    range,
    (lines) => move(lines, indexOf(lines, 'checkpoint'), indexOf(lines, 'entry', 18)),
  ],
];

function move(lines: Lines, from: number, to: number) {
  lines.splice(to, 0, ...lines.splice(from, 1));
}

function chainTamperings(): Promise<BundleCase[]> {
  const edited = range();
  rehash(pick(edited, 'entry', 6), pick(edited, 'entry', 6).canonical.replace('triage', 'TRIAGE'));
  const two = new MemoryLedger({ size: 2 });
  const late = two.rangeLines({ content: false, sizes: [] }) as Lines;
  const second = structuredClone(pick(late, 'entry', 1));
  late[indexOf(late, 'entry', 1)] = second;
  rehash(second, second.canonical.replace(two.entries[1]?.recordedAt ?? '', '2026-11-02T08:00:00.000Z'));
  return Promise.all([
    ...REMOVALS.map(([name, change, seq, problem]) => {
      const lines = range();
      change(lines);
      return caseOf(`a ledger without ${name}`, lines, { outcome: 'tampered', seq, problem });
    }),
    ...DISORDER.map(([name, make, change]) => {
      const lines = make();
      change(lines);
      return caseOf(name, lines, { outcome: 'tampered' });
    }),
    caseOf('an edit with a new hash', edited, {
      outcome: 'tampered',
      seq: 7,
      problem: 'its previousHash is not the hash of the entry before',
    }),
    caseOf('a time that goes back', late, { outcome: 'tampered', seq: 1, problem: 'recorded before' }),
  ]);
}

const INCLUSIONS: readonly [string, (line: LineOf<'inclusion'>) => unknown][] = [
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
];

const RANGES: readonly [string, (lines: Lines) => unknown][] = [
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
];

function proofTamperings(): Promise<BundleCase[]> {
  const unproven = selection();
  remove(unproven, 'inclusion', 1);
  return Promise.all([
    ...INCLUSIONS.map(([name, change]) => {
      const lines = selection();
      change(pick(lines, 'inclusion', 1));
      return caseOf(`an inclusion proof ${name}`, lines, { outcome: 'tampered' });
    }),
    caseOf('a cosignature at a time that cannot be', cosignedLines(2n ** 63n), {
      outcome: 'tampered',
      policy: POLICY,
      problem: 'the cosignature of W0 is wrong',
    }),
    caseOf('a missing inclusion proof', unproven, {
      outcome: 'tampered',
      seq: 9,
      problem: 'its inclusion proof is missing',
    }),
    caseOf('a line behind the last entry that cannot be read', [...range(), { type: 'tile' }] as Lines, {
      outcome: 'tampered',
      seq: null,
      problem: 'no type the format has',
    }),
    ...RANGES.map(([name, change]) => {
      const lines = part();
      change(lines);
      return caseOf(`a range with ${name}`, lines, { outcome: 'tampered' });
    }),
  ]);
}

/** Histories that hold together in themselves. */
function rewritings(): Promise<BundleCase[]> {
  const change = { seq: 6, payload: { agent: 'nobody' } };
  const forged = new MemoryLedger({ size: 21, change }).rangeLines({ sizes: [16, 21] }) as Lines;
  const honestLines = range();
  for (const at of [0, 1]) Object.assign(pick(forged, 'checkpoint', at), pick(honestLines, 'checkpoint', at));
  const rewritten = new MemoryLedger({ size: 25, change });
  const continued = new MemoryLedger({ size: 25 });
  const elsewhere = new MemoryLedger({ size: 21, origin: ledger.origin, fleet: 'else' });
  const history: Expectation = {
    outcome: 'tampered',
    seq: null,
    problem: 'history was rewritten',
    held: [ledger.note(21)],
  };
  return Promise.all([
    caseOf('hashes made anew under the old checkpoint', forged, {
      outcome: 'tampered',
      seq: null,
      problem: 'first 16 entries',
    }),
    caseOf('a history rewritten with the key itself', rewritten.rangeLines(), { outcome: 'intact' }),
    caseOf('the same to somebody who kept a checkpoint', rewritten.rangeLines(), history),
    caseOf('the same in a range that ends before it', rewritten.rangeLines({ from: 3, to: 5, sizes: [21] }), history),
    caseOf('the same in a selection', rewritten.selectionLines([3], { size: 21 }), history),
    caseOf('a ledger that began with something', range(), {
      ...history,
      problem: 'the first 0 entries are not those of the checkpoint that was kept',
      held: [ledger.note(0).replace(EMPTY_ROOT.toString('base64'), ledger.root(1).toString('base64'))],
    }),
    caseOf('its honest twin', continued.rangeLines(), { outcome: 'intact', held: [ledger.note(21)] }),
    caseOf(
      'a ledger that was truncated and filled again',
      new MemoryLedger({ size: 21, change: { seq: 20, payload: {} } }).rangeLines(),
      history,
    ),
    caseOf('an entry of another fleet', [...range().slice(0, 3), ...elsewhere.entryLines(0)] as Lines, {
      outcome: 'tampered',
      seq: 0,
      problem: 'it is of the fleet else',
    }),
  ]);
}

const UNREADABLE: readonly [string, string][] = [
  ['that is no bundle', 'GIF89a something\n'],
  ['that is another JSON', '{"hello":"world"}\n'],
  [
    'of another version',
    '{"about":[],"content":"disclosed","fleet":"f","format":"midwatch-bundle/3","from":0,"generator":"x","origin":"o","scope":"range","to":1,"type":"manifest"}\n',
  ],
  ['without a newline', 'binary'],
];

const SPOILED: readonly [string, (text: string) => string][] = [
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
  ['with an escaped slash', (text) => text.replace('midwatch/test/prod+', 'midwatch\\/test/prod+')],
  ['with an escaped letter', (text) => text.replace('"policy"', '"\\u0070olicy"')],
  [
    'with keys in another order',
    (text) => text.replace(/\{"text":("[^\n]*"),"type":"policy"\}/, '{"type":"policy","text":$1}'),
  ],
  ['with a lone surrogate', (text) => text.replace('midwatch test', '\\ud800')],
  ['with NUL', (text) => text.replace('midwatch test', '\\u0000')],
  ['with a fraction', (text) => text.replace('"from":0', '"from":0.0')],
  ['with negative zero', (text) => text.replace('"from":0', '"from":-0')],
  ['with a huge number', (text) => text.replace('"to":21', '"to":21000000000000000000')],
  ['with an exponent', (text) => text.replace('"to":21', '"to":21e0')],
  ['with NaN', (text) => text.replace('"from":0', '"from":NaN')],
  ['with deep nesting', (text) => text.replace('"about":[]', `"about":${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
  ['with a second manifest key', (text) => text.replace('"about":[]', '"about":[],"about":[]')],
  ['with a boolean for a number', (text) => text.replace('"from":0', '"from":false')],
  ['without its manifest', (text) => text.slice(text.indexOf('\n') + 1)],
  ['without its end', (text) => `${text.trimEnd().slice(0, text.trimEnd().lastIndexOf('\n'))}\n{}\n`],
];

/** Files that are not what a writer writes; what is wrong with them is found without looking at signatures. */
async function files(): Promise<BundleCase[]> {
  const text = await textOf(range());
  const invalid = Buffer.from(text);
  invalid[invalid.indexOf('midwatch test')] = 0xff;
  const spoiled = SPOILED.map(([name, change]) => ({ name: `a file ${name}`, text: change(text) as string | Buffer }));
  return Promise.all([
    ...UNREADABLE.map(([name, made]) => caseOf(`a file ${name}`, made, { outcome: 'unreadable' })),
    ...[...spoiled, { name: 'a file that is not UTF-8', text: invalid }].map(({ name, text: made }) => {
      // A first line that cannot be read is no bundle's.
      const end = made.indexOf('\n');
      const isFirst = Buffer.from(made).subarray(0, end).compare(Buffer.from(text).subarray(0, end)) !== 0;
      return caseOf(name, made, { outcome: isFirst ? 'unreadable' : 'tampered' });
    }),
  ]);
}
