import type { BundleLine } from '../../src/ledger/bundle/line.js';
import { formatVerifierKey } from '../../src/ledger/note/key.js';
import { keyOf, MemoryLedger, textOf } from './bundle.js';
import type { BundleCase } from './bundle-corpus.js';
import { headOf, wordOf } from './installation.js';
import { issue, makeToken, TIME_STAMPING, type TokenWish } from './tsa.js';

type Line = Exclude<BundleLine, { type: 'end' }>;

const AT_MS = Date.UTC(2026, 10, 28, 12);
const AT = '2026-11-28T12:00:00.000Z';

/** Bundles with a time-stamp over the word of their installation, true and false. */
export async function timestampCorpus(): Promise<BundleCase[]> {
  const ledger = new MemoryLedger({ size: 21 });
  const witness = keyOf('w1', 'cosignature');
  const plain = wordOf([headOf(ledger)], { key: ledger.key });
  const cosigned = wordOf([headOf(ledger)], { key: ledger.key, witnesses: [witness] });
  const signer = await issue({ name: 'tsa.example', usages: TIME_STAMPING });
  const base64 = async (bytes: string, wish: Partial<TokenWish> = {}) =>
    (await makeToken({ signer, bytes: Buffer.from(bytes), atMs: AT_MS, ...wish })).toString('base64');
  const stamped = async (bytes: string, wish: Partial<TokenWish> = {}): Promise<Line> => ({
    type: 'timestamp',
    token: await base64(bytes, wish),
  });
  const token = await stamped(plain.note);
  const accuracy = { seconds: 1, millis: 250, micros: 1 };
  const inexact = await stamped(plain.note, { atMs: AT_MS + 250, accuracy });
  const entries = ledger.rangeLines();
  const selection = ledger.selectionLines([3, 9]);
  const caseOf = async (name: string, lines: readonly Line[], expected: Partial<BundleCase> = {}) => ({
    ...{ name, key: ledger.vkey, policy: null, held: [], problem: '', outcome: 'intact' as const },
    ...expected,
    text: await textOf(lines),
  });
  const said = { timestamp: { at: AT, authority: null, doubt: 'the signature of no authority was checked' } };
  const wrong = (name: string, lines: readonly Line[], problem: string) =>
    caseOf(`a time-stamp ${name}`, lines, { outcome: 'tampered', problem });
  const instead = async (name: string, line: Line | Promise<Line>, problem: string) =>
    wrong(name, [...entries, plain, await line], problem);
  const policy = `log ${ledger.vkey}\nwitness W ${formatVerifierKey(witness)}\nquorum W\n`;
  const former = entries.map((line) =>
    line.type === 'manifest' ? { ...line, format: 'midwatch-bundle/1' as const } : line,
  );
  return Promise.all([
    caseOf('a whole ledger that was time-stamped', [...entries, plain, token], { installation: said }),
    caseOf('a ledger that was time-stamped within a second', [...entries, plain, inexact], {
      // 1.25 s off at most, after 12:00:00.250.
      installation: { timestamp: { at: '2026-11-28T12:00:01.501Z' } },
    }),
    caseOf('a selection that was time-stamped', [...selection, plain, token], { installation: said }),
    caseOf('a ledger that was time-stamped and cosigned', [...entries, cosigned, token], { installation: said }),
    caseOf('a ledger that was time-stamped, without its word', [...entries, plain], {
      installation: { timestamp: null },
    }),
    caseOf('a time-stamped ledger of nobody', [...entries, cosigned, token], {
      key: null,
      policy,
      outcome: 'incomplete',
      problem: 'not believed',
      installation: said,
    }),
    instead('of something else', stamped('something else\n'), 'of something else than the checkpoint'),
    instead('of the ledger’s own checkpoint', stamped(ledger.note()), 'of something else than the checkpoint'),
    instead('of the text without its signature', stamped(plain.note.split('\n\n')[0] ?? ''), 'of something else'),
    wrong(
      'of the checkpoint with its cosignatures',
      [...entries, cosigned, await stamped(cosigned.note)],
      'of something else than the checkpoint',
    ),
    instead('by another hash', stamped(plain.note, { hashAlgorithm: 'SHA-1' }), 'no token over a SHA-256'),
    instead('that is none', { type: 'timestamp', token: 'AAAA' }, 'no token over a SHA-256'),
    instead('that is empty', { type: 'timestamp', token: '' }, 'no token over a SHA-256'),
    instead('in another base64', { type: 'timestamp', token: `${await base64(plain.note)}\n` }, 'no token'),
    instead(
      'with something behind it',
      {
        type: 'timestamp',
        token: Buffer.concat([Buffer.from(await base64(plain.note), 'base64'), Buffer.from([0])]).toString('base64'),
      },
      'no token over a SHA-256',
    ),
    wrong('without the word of the installation', [...entries, token], 'does not follow the word'),
    wrong('before the word of the installation', [...entries, token, plain], 'does not follow the word'),
    wrong('before the entries', [entries[0] as Line, token, ...entries.slice(1), plain], 'does not follow the word'),
    wrong('that is there twice', [...entries, plain, token, token], 'does not follow the word'),
    wrong('in a format that has none', [...former, token], 'does not follow the word'),
    caseOf('a key behind a time-stamp', [...entries, plain, token, { type: 'key', vkey: ledger.vkey }], {
      outcome: 'tampered',
    }),
  ]);
}
