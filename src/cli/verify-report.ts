import type { ManifestLine } from '../ledger/bundle/line.js';
import type { Together } from '../ledger/bundle/together.js';
import type { BundleVerdict, Fault, TimestampTally } from '../ledger/bundle/verdict.js';
import type { Comparison, ReportVerdict } from '../report/verify/verify-report.js';
import { counted } from './output.js';

const NAME_WIDTH = 13;

/** What a person reads of a verdict: what was checked, what not, and whom it rests on. */
export function describeVerdict(file: string, verdict: BundleVerdict): string {
  const rows: [string, string][] = [
    ['file', file],
    ['verdict', describeOutcome(verdict)],
    ...describeContents(verdict),
  ];
  return rows
    .map(([name, value]) => `${name.padEnd(NAME_WIDTH)}${value.replaceAll('\n', `\n${' '.repeat(NAME_WIDTH)}`)}`)
    .join('\n');
}

/** The same of a report, with what is said of each of its bundles. */
export function describeReport(file: string, verdict: ReportVerdict): string {
  const { outcome, problem, reasons, sha256, generator, figures, pages, signature, ledgers, installations } = verdict;
  const said = problem ?? reasons.join('; ');
  const rows: [string, string][] = [
    ['file', file],
    ['verdict', printable(said === '' ? `${outcome}, as far as is said below` : `${outcome}: ${said}`)],
    ['sha256', `${sha256}\nthe ledger’s EXPORT entry of the report has to say the same`],
    ['figures', COMPARISONS.figures[figures]],
    ['pages', COMPARISONS.pages[pages]],
    ['signature', describeSignature(signature)],
    ['fleets', describeTogether(installations)],
    ['made by', `${printable(generator ?? 'not known')} (nobody vouches for this)`],
  ];
  const head = rows.map(
    ([name, value]) => `${name.padEnd(NAME_WIDTH)}${value.replaceAll('\n', `\n${' '.repeat(NAME_WIDTH)}`)}`,
  );
  const bundles = ledgers.map(
    (each) => `\n${describeVerdict(`the bundle of ${printable(each.fleet)} in it`, each.verdict)}`,
  );
  return [...head, ...bundles].join('\n');
}

function describeSignature(signature: ReportVerdict['signature']): string {
  if (signature === null) return 'none';
  const { signer, claimedAt, doubt, timestamp, unsignedSha256 } = signature;
  return [
    `of ${printable(signer)}, over all of the file but itself, who says it was at ${claimedAt}`,
    doubt === null
      ? 'whose certificate follows from those that were pinned'
      : `which nobody has to believe: ${printable(doubt)}`,
    ...(timestamp === null
      ? []
      : [
          timestamp.doubt === null
            ? `seen by ${printable(timestamp.authority)} no later than ${timestamp.at}`
            : `its time-stamp nobody has to believe: ${printable(timestamp.doubt)}`,
        ]),
    `without it the file has the SHA-256 ${unsignedSha256}`,
  ].join('\n');
}

const COMPARISONS: Readonly<Record<'figures' | 'pages', Readonly<Record<Comparison, string>>>> = {
  figures: {
    same: 'added up again from the entries, and the same',
    different: 'not those of the entries',
    'not compared': 'not compared',
  },
  pages: {
    same: 'made again from what is embedded, and the same',
    different: 'not those that come of what is embedded',
    'not compared': 'not compared',
  },
};

function describeOutcome({ outcome, fault, reasons }: BundleVerdict): string {
  if (outcome === 'intact') return 'intact, as far as is said below';
  if (outcome === 'incomplete') return `incomplete: ${reasons.join('\n')}`;
  return `${outcome}: ${fault === null ? '' : describeFault(fault)}`;
}

/** Texts of the bundle are somebody else's: they cannot move the cursor. */
export function describeFault({ seq, line, problem }: Fault): string {
  return printable(seq === null ? `${problem} (line ${line})` : `entry ${seq}: ${problem} (line ${line})`);
}

function describeContents(verdict: BundleVerdict): [string, string][] {
  const { manifest, entries, openings, published } = verdict;
  if (manifest === null) return [];
  const { origin, fleet, scope, generator, about } = manifest;
  return [
    ['log', printable(`${origin}, fleet ${fleet}`)],
    [
      'scope',
      scope === 'range'
        ? describeRange(verdict)
        : `chosen entries: ${printable(about.join(', ')) || 'not said by what'}\nwhether others concern the same is not shown`,
    ],
    ['entries', describeEntries(verdict)],
    [
      'kinds',
      Object.entries(entries.kinds)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ') || 'none',
    ],
    ['published', describePublished(published)],
    ['content', describeOpenings(openings, manifest.content)],
    ['removed', describeRemoved(entries.kinds, openings.erasures)],
    ['recorded', `${describeTimes(verdict)}`],
    ['keys', describeKeys(verdict)],
    ['witnesses', describeWitnesses(verdict)],
    ['installation', describeInstallation(verdict)],
    ['written by', `${printable(generator)} (nobody vouches for this)`],
  ];
}

function describeRange({ manifest, fault }: BundleVerdict): string {
  const { from = 0, to = 0 } = manifest ?? {};
  if (from === to) return `no entries: the range is empty, before entry ${from}`;
  const whole = `every entry from ${from} up to ${to - 1}`;
  return fault === null ? (from === 0 ? `${whole}, the beginning included` : whole) : `${whole}, as the manifest says`;
}

function describeEntries({ entries, manifest }: BundleVerdict): string {
  const { checked, firstSeq, lastSeq, leftOut } = entries;
  if (firstSeq === null) return 'none';
  const gaps = manifest?.scope === 'range' ? 'no gaps' : `${leftOut} between them not in the bundle`;
  return `${checked} checked, seq ${firstSeq} to ${lastSeq}, ${gaps}`;
}

function describePublished({ size, unpublished, checkpoints }: BundleVerdict['published']): string {
  const compared = `${counted(checkpoints, 'checkpoint')} compared with the entries`;
  if (size === null) return `nothing is proven to be published; ${compared}`;
  const tail =
    unpublished === 0 ? 'no unpublished tail' : `unpublished tail of ${counted(unpublished, 'entry', 'entries')}`;
  return `size ${size}, ${tail}; ${compared}`;
}

function describeOpenings(
  { digests, opened, unsampled }: BundleVerdict['openings'],
  content: ManifestLine['content'],
): string {
  const rest = digests - opened;
  const why = UNOPENED[content];
  return `${opened} of ${digests} contents opened and matched, ${rest} ${why}; ${counted(unsampled, 'decision')} kept none`;
}

/** What became of content that is not in a bundle. */
const UNOPENED: Readonly<Record<ManifestLine['content'], string>> = {
  disclosed: 'erased or removed',
  chosen: 'not asked for, erased or removed',
  withheld: 'withheld, erased or removed',
};

/** Kinds of entries that say that something was taken away, or must not be. */
const REMOVALS = ['ERASURE', 'PRUNE', 'HOLD', 'RELEASE'];

function describeRemoved(kinds: Readonly<Record<string, number>>, erasures: number): string {
  const found = REMOVALS.filter((kind) => kinds[kind] !== undefined).map(
    (kind) => `${kind} ${kinds[kind]}${kind === 'ERASURE' ? ` (${erasures} carried out)` : ''}`,
  );
  return found.join(', ') || 'no erasures, prunes or holds recorded';
}

function describeTimes({ entries, lateS }: BundleVerdict): string {
  if (entries.firstRecordedAt === null) return 'never';
  const late = `at most ${Math.max(0, Math.round(lateS))} s after what an entry is about had ended`;
  return `${entries.firstRecordedAt} to ${entries.lastRecordedAt} by the recorder’s clock, ${late}`;
}

function describeKeys({ keys, bundledKeys }: BundleVerdict): string {
  const used = keys.map(({ vkey, checkpoints }) => `${printable(vkey)} signed ${checkpoints}`);
  const bundled =
    bundledKeys.length === 0
      ? []
      : [`${bundledKeys.length} came with the bundle, which proves nothing about who made it`];
  return [...(used.length === 0 ? ['no pinned key signed anything here'] : used), ...bundled].join('\n');
}

function describeWitnesses({ witnesses }: BundleVerdict): string {
  if (witnesses.length === 0) return 'none asked for';
  return witnesses
    .map(({ name, cosignatures, oldestAt, newestAt }) =>
      cosignatures === 0
        ? `${printable(name)} cosigned nothing`
        : `${printable(name)} cosigned ${cosignatures}, ${oldestAt} to ${newestAt}`,
    )
    .join('\n');
}

function describeInstallation({ installation, manifest, fault }: BundleVerdict): string {
  if (installation === null) {
    return fault === null
      ? 'the bundle has no word of it: nothing shows whether there are other fleets'
      : 'not checked';
  }
  const { origin, size, doubt, cosignedAt, timestamp, fleets, beyond } = installation;
  const times = cosignedAt.map(({ name, at }) => `, cosigned by ${printable(name)} at ${at}`).join('');
  const count = fleets.length === 1 ? 'this fleet alone' : `${fleets.length} fleets`;
  return [
    `${printable(origin)} had ${count} at its log’s checkpoint of size ${size}${times}`,
    ...(doubt === null ? [] : [`which nobody has to believe: ${doubt}`]),
    ...(timestamp === null ? [] : [describeTimestamp(timestamp)]),
    ...fleets.map(
      ({ fleet, size: entries }) =>
        `${printable(fleet)}: ${entries} entries in all, ${fleet === manifest?.fleet ? 'which this bundle is of' : 'none of them in this bundle'}`,
    ),
    ...(beyond === '0' ? [] : [`by then this fleet’s ledger was longer by ${beyond}, not in this bundle`]),
  ].join('\n');
}

/** What several files show together, and which checkpoints that were kept are of none of them. */
export function describeSeveral(installations: readonly Together[], strays: readonly string[]): string {
  const rows = [`${'together'.padEnd(NAME_WIDTH)}${describeTogether(installations)}`];
  return [...rows, ...strays.map((stray) => `${'kept'.padEnd(NAME_WIDTH)}${printable(stray)}`)].join('\n');
}

/** Which fleets of an installation none of several bundles is of. */
function describeTogether(installations: readonly Together[]): string {
  if (installations.length === 0) return 'nothing shows whether there are other fleets';
  return installations
    .map(({ word: { origin, size, fleets, doubt }, leftOut, contradiction }) => {
      const named = `${printable(origin)} at size ${size}`;
      const found =
        leftOut.length === 0
          ? `no fleet of ${named} is left out: ${fleets.length} in all`
          : `${leftOut.length} of ${fleets.length} fleets of ${named} are not here: ${printable(leftOut.join(', '))}`;
      const why = contradiction ?? doubt;
      return why === null
        ? found
        : `${found}\n${contradiction === null ? 'which nobody has to believe: ' : ''}${printable(why)}`;
    })
    .join('\n');
}

function describeTimestamp({ at, authority, doubt }: TimestampTally): string {
  return doubt === null
    ? `seen by ${printable(authority ?? '')} no later than ${at}`
    : `its time-stamp says ${at}, for which nobody vouches: ${printable(doubt)}`;
}

/** Control and direction characters as code points. */
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu,
    (character) => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  );
}
