import { readTogether } from '../../ledger/bundle/together.js';
import type { TimestampTally } from '../../ledger/bundle/verdict.js';
import type { Block, Rich, Section, Tone } from './block.js';
import { code, eachLedger, type LedgerData, paragraph, plain, type ReportData, section, strong } from './data.js';
import { counted, grouped } from './wording.js';

/** Whether the entries are as they were sealed, how far that is proven, and what is missing. */
export function integritySection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'integrity',
      title: 'Integrity statement',
      serves:
        'SOC 2 CC7.2: watch for signs of tampering. ISO/IEC 42001 A.6.2.8: keep logs of events. The properties of an electronic ledger (eIDAS Art. 45l), not a qualified one.',
    },
    [
      paragraph(
        'The record is one chain of entries for each fleet. Every entry names the hash of the one before it, so that none can be changed, taken out, put in or moved without every later hash changing. The hashes are also the leaves of a Merkle tree (RFC 6962); its root is signed at short intervals and the signed text is kept as a checkpoint.',
      ),
      ...eachLedger(data, (ledger) => ledgerBlocks(ledger, data)),
      { kind: 'heading', text: 'Fleets of the installation' },
      ...fleetBlocks(data),
      { kind: 'heading', text: 'How to check this without us' },
      paragraph(
        'The entries lie in this file as an attachment. The command below takes them out, checks every hash, signature and proof, adds up the figures again and compares them and these pages with what it finds. The key has to come from somewhere else than this file: a key that travels with what it signed proves nothing about who signed.',
      ),
      { kind: 'code', text: 'npx midwatch verify report.pdf --public-key KEY' },
    ],
  );
}

function ledgerBlocks(ledger: LedgerData, data: ReportData): readonly Block[] {
  const { verdict, checkpoint } = ledger;
  const { entries, published, witnesses, manifest } = verdict;
  const isSelection = manifest?.scope === 'selection';
  const covered = entries.checked - published.unpublished;
  return [
    {
      kind: 'tiles',
      tiles: [
        { value: grouped(entries.checked), label: 'entries checked', tone: verdict.fault === null ? 'good' : 'bad' },
        isSelection
          ? { value: grouped(entries.leftOut), label: 'left out by choice', note: 'a selection, not a range' }
          : {
              value: verdict.fault === null ? '0' : '1+',
              label: 'gaps',
              tone: verdict.fault === null ? 'good' : 'bad',
            },
        {
          value: grouped(published.unpublished),
          label: 'sealed, not published',
          tone: published.unpublished === 0 ? 'good' : 'attention',
        },
        {
          value: grouped(witnesses.filter(({ cosignatures }) => cosignatures > 0).length),
          label: witnesses.length === 0 ? 'witnesses: none are asked' : `of ${witnesses.length} witnesses cosigned`,
        },
      ],
    },
    ...findings(verdict),
    {
      kind: 'extent',
      title: 'How far the entries of this report are proven',
      description: `Of ${entries.checked} entries, ${covered} are covered by a signed checkpoint and ${published.unpublished} are sealed only.`,
      parts: [
        { name: 'Published', tone: 'good', size: covered, note: 'covered by a signed checkpoint' },
        {
          name: 'Sealed only',
          tone: 'attention',
          size: published.unpublished,
          note: 'in the chain; no checkpoint covers them yet',
        },
      ],
    },
    { kind: 'facts', rows: factRows(ledger, data) },
    ...(checkpoint === null
      ? []
      : [
          paragraph([
            strong('The checkpoint. '),
            plain('Who keeps this text can show later that the ledger was rewritten, if it was.'),
          ]),
          { kind: 'code', text: checkpoint } satisfies Block,
        ]),
  ];
}

/** More fleets than a reader looks through; the bundle has them all. */
const FLEETS_MAX = 100;

/** Which fleets there are, and which the report leaves out, by the word of the log of the installation. */
function fleetBlocks({ ledgers }: ReportData): readonly Block[] {
  const [together] = readTogether(ledgers.map(({ verdict }) => verdict));
  if (together === undefined) {
    const text =
      'The log of the installation had not taken in this record when the report was made, or stood still: whether there are other fleets is not shown.';
    return [callout('attention', 'Nothing is said of other fleets', text)];
  }
  const { word, leftOut } = together;
  const [all, out] = [word.fleets.length, leftOut.length];
  const places = new Map(ledgers.map(({ input, verdict }) => [input.fleet, placeOf(verdict)]));
  const rows = word.fleets
    .map(({ fleet, size }) => ({ fleet, size, place: places.get(fleet) ?? null }))
    .sort((left, right) => Number(left.place === null) - Number(right.place === null));
  return [
    paragraph(
      `The installation signs one more log, over all of its fleets. At its checkpoint of size ${grouped(Number(word.size))}, the first that has what this report rests on, it had ${counted(all, 'fleet')}. A fleet that was made later is not among them.${word.doubt === null ? '' : ` That checkpoint is not proven by what travels with this report: ${word.doubt}.`}`,
    ),
    out === 0
      ? callout('good', 'No fleet is left out', 'The report has entries of every fleet there was.')
      : callout(
          'attention',
          `${grouped(out)} of ${counted(all, 'fleet')} ${out === 1 ? 'is' : 'are'} not in this report`,
          'They are named below. The report was asked for without them, and says nothing of what they decided.',
        ),
    {
      kind: 'table',
      caption: 'Fleets, by the word of the installation’s log',
      columns: [
        { title: 'Fleet', weight: 3 },
        { title: 'Entries published', weight: 2, align: 'right' },
        { title: 'In this report', weight: 4 },
      ],
      rows: rows
        .slice(0, FLEETS_MAX)
        .map(({ fleet, size, place }) => [
          { text: [code(fleet)] },
          { text: grouped(Number(size)) },
          place === null ? { text: 'left out', tone: 'attention' as const } : { text: place },
        ]),
      rest: rows.length > FLEETS_MAX ? `${grouped(rows.length - FLEETS_MAX)} more are named in the bundle.` : null,
    },
  ];
}

function placeOf({ entries, manifest, installation }: LedgerData['verdict']): string {
  if (entries.firstSeq === null) return 'no entries';
  if (manifest?.scope === 'selection') return counted(entries.checked, 'chosen entry', 'chosen entries');
  const later = Number(installation?.beyond ?? 0);
  const behind = later === 0 ? '' : `; ${grouped(later)} after them ${later === 1 ? 'is' : 'are'} not`;
  return `seq ${grouped(entries.firstSeq)} to ${grouped(entries.lastSeq ?? entries.firstSeq)}${behind}`;
}

function findings({ outcome, fault, reasons, published }: LedgerData['verdict']): readonly Block[] {
  if (fault !== null) {
    return [
      callout(
        'bad',
        'The entries are not as they were sealed',
        `${fault.seq === null ? '' : `Entry ${fault.seq}: `}${fault.problem}.`,
      ),
    ];
  }
  const notes = reasons.filter((reason) => !reason.includes('pinned'));
  if (outcome === 'intact' || notes.length === 0) return [];
  const title = published.unpublished > 0 ? 'Not everything is published' : 'Not everything is proven';
  return [callout('attention', title, `${notes.map(sentence).join(' ')}`)];
}

function callout(tone: Tone, title: string, text: string): Block {
  return { kind: 'callout', tone, title, text };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

function later(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right;
  return left > right ? left : right;
}

/** Whose it is, this file cannot say: the reader pins the authorities. */
function timestampRows(
  timestamp: TimestampTally | null,
  moment: (text: string | null) => string,
): { label: string; value: Rich }[] {
  if (timestamp === null) return [];
  const seen = `A token of a time-stamping authority says that what the log of the installation signed of this ledger was there no later than ${moment(timestamp.at)}. `;
  const value = [plain(seen), plain('Who signed the token is checked with '), code('--timestamp-roots FILE')];
  return [{ label: 'Time-stamp', value }];
}

function factRows({ input, verdict }: LedgerData, { calendar }: ReportData): { label: string; value: Rich }[] {
  const { entries, published, openings, keys, bundledKeys, witnesses, manifest } = verdict;
  const moment = (text: string | null) => (text === null ? 'never' : calendar.exactMoment(Date.parse(text)));
  const isSelection = manifest?.scope === 'selection';
  const newest = witnesses.map(({ newestAt }) => newestAt).reduce(later, null);
  return [
    { label: 'Ledger', value: [code(manifest?.origin ?? input.fleet)] },
    {
      label: isSelection ? 'Selection' : 'Range',
      value:
        entries.firstSeq === null
          ? 'no entries'
          : `seq ${grouped(entries.firstSeq)} to ${grouped(entries.lastSeq ?? entries.firstSeq)}${
              isSelection ? `: ${manifest?.about.join(', ') || 'chosen entries'}` : ', every entry between them'
            }`,
    },
    {
      label: 'Recorded',
      value: `${moment(entries.firstRecordedAt)} to ${moment(entries.lastRecordedAt)}, by the recorder’s clock`,
    },
    {
      label: 'Published size',
      value:
        published.size === null
          ? 'no checkpoint covers any of it'
          : `${grouped(Number(published.size))} entries, by ${counted(published.checkpoints, 'checkpoint that agrees', 'checkpoints that agree')} with the entries`,
    },
    {
      label: 'Contents',
      value: `${grouped(openings.opened)} of ${grouped(openings.digests)} committed contents are disclosed here; the others were not asked for, erased, or removed by retention. Of ${counted(openings.unsampled, 'decision')} none was kept.`,
    },
    {
      label: 'Keys',
      value:
        keys.length === 0 && bundledKeys.length === 0
          ? 'none'
          : [...(keys.length > 0 ? keys.map(({ vkey }) => vkey) : bundledKeys)].flatMap((vkey) => [
              code(vkey),
              plain(' '),
            ]),
    },
    {
      label: 'Witnesses',
      value:
        witnesses.length === 0
          ? 'none are asked for: what somebody with the signing key rewrote whole would not show'
          : `${witnesses.map(({ name, cosignatures }) => `${name} (${cosignatures})`).join(', ')}; the newest cosignature is of ${moment(newest)}`,
    },
    ...timestampRows(verdict.installation?.timestamp ?? null, moment),
    {
      label: 'Delay',
      value: `at most ${grouped(Math.max(0, Math.round(verdict.lateS)))} s between when a decision says that it ended and when it was sealed`,
    },
    { label: 'Bundle', value: [code(input.bundle), plain(' SHA-256 '), code(input.bundleSha256)] },
  ];
}
