import { parseBase64 } from '../note/base64.js';
import { EMPTY_ROOT } from '../tree/node.js';
import { EntryFault, readEntry } from './entry.js';
import { EntryOpenings } from './entry-openings.js';
import { nameForeign } from './foreign.js';
import { InstallationWord } from './installation.js';
import {
  type BundleLine,
  type EndLine,
  type EntryLine,
  FORMER_FORMAT,
  findEntry,
  type InstallationLine,
  LineFault,
  type ManifestLine,
  type OpeningLine,
  readLine,
  startsManifest,
  type TimestampLine,
} from './line.js';
import { LineDigest } from './line-digest.js';
import { type Opened, openManifest } from './opened.js';
import type { Trust } from './pin.js';
import { BundleFault } from './proof.js';
import { findShortcomings } from './shortcomings.js';
import { FormFault } from './strict-json.js';
import { Tally } from './tally.js';
import type { BundleVerdict, Fault, Outcome } from './verdict.js';
import { leafHashIn } from './walk.js';

/** More keys than an installation changes in a lifetime; they are kept to be shown. */
const BUNDLED_KEYS_MAX = 1_000;

/** A line that shows something, or says it for information. */
type Evidence = Exclude<BundleLine, EntryLine | ManifestLine | EndLine>;

/** Checks a bundle line by line. */
export class BundleVerifier {
  readonly #trust: Trust;
  readonly #tally = new Tally();
  readonly #digest = new LineDigest();
  #lines = 0;
  #opened: Opened | null = null;
  /** Of the entry that lines may still say something of. */
  #openings: EntryOpenings | null = null;
  readonly #bundledKeys: string[] = [];
  #installation: InstallationWord | null = null;
  #token: Buffer | null = null;
  #isEnded = false;
  #fault: (Fault & { isUnreadable: boolean }) | null = null;

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  /** Takes the next line, without its newline. False once something is wrong: what follows is not looked at. */
  take(line: Buffer): boolean {
    this.#lines += 1;
    try {
      this.#take(line);
      return true;
    } catch (error) {
      if (error instanceof BundleFault) this.#fail(error.message, error.seq);
      else if (isFormFault(error)) this.#failForm(line, error.message);
      else throw error;
      return false;
    }
  }

  /** A token of the bundle and what it is over, its imprint being right; null without one. */
  get stamp(): { token: Buffer; bytes: Buffer } | null {
    if (this.#token === null || this.#installation === null) return null;
    return { token: this.#token, bytes: this.#installation.stamped };
  }

  /** A fault of the file as such. */
  reject(problem: string): BundleVerdict {
    this.#fail(problem, this.#opened?.proof.next ?? null);
    return this.#verdict([]);
  }

  /** The verdict once there are no more lines. `rest` is a line without its newline: the file was cut there. */
  end(rest: Buffer): BundleVerdict {
    const opened = this.#opened;
    const isCut = rest.length > 0;
    if (opened === null && isCut && !startsManifest(rest)) this.#failForm(rest, 'it does not begin with a manifest');
    if (this.#fault !== null) return this.#verdict([]);
    if (isCut) return this.#verdict([`the file breaks off after line ${this.#lines}`]);
    if (opened === null) return this.#verdict(['the file is empty: nothing was checked']);
    if (!this.#isEnded) return this.#verdict([`the file ends after line ${this.#lines}, before the bundle does`]);
    const found = { tally: this.#tally, kept: this.#trust.held, word: this.#installation };
    return this.#verdict(findShortcomings(opened, found));
  }

  #take(bytes: Buffer): void {
    if (this.#isEnded) throw new BundleFault('there is something after the end', null);
    const place = this.#opened === null ? null : findEntry(bytes);
    if (place !== null) {
      this.#openings?.end();
      this.#requireOpen('entry');
      this.#takeEntry(bytes, place);
      return;
    }
    const line = readLine(bytes);
    if (line.type !== 'opening') this.#openings?.end();
    if (line.type === 'end') this.#takeEnd(line);
    else this.#digest.takeLine(bytes);
    this.#takeLine(line);
  }

  #takeLine(line: Exclude<BundleLine, EntryLine>): void {
    if (line.type === 'manifest') this.#takeManifest(line);
    else if (line.type !== 'end') this.#takeEvidence(line, this.#open());
  }

  #takeEvidence(line: Evidence, { proof, checkpoints }: Opened): void {
    if (line.type === 'timestamp') {
      this.#takeTimestamp(line);
      return;
    }
    this.#requireOpen(line.type);
    if (line.type === 'opening') {
      this.#takeOpening(line);
      return;
    }
    this.#requirePlace(line);
    if (line.type === 'key') this.#takeKey(line.vkey);
    else if (line.type === 'installation') this.#takeInstallation(line);
    else if (line.type === 'checkpoint') {
      const opened = checkpoints.open(line.note);
      if ('problem' in opened) throw new BundleFault(opened.problem, null);
      proof.takeCheckpoint(opened);
      checkpoints.confirm(opened);
    } else if (line.type !== 'policy') proof.takeProof(line);
  }

  /** There is one order of lines: an entry, its proof, its content, and before all entries what is known of the log. */
  #requirePlace({ type }: Evidence): void {
    const { seq = null, count = 0 } = this.#openings ?? {};
    if (type === 'inclusion' && count > 0) throw new BundleFault('its proof does not follow it', seq);
    const isInformation = type === 'key' || type === 'policy';
    if (isInformation && this.#tally.checked > 0)
      throw new BundleFault(`a ${type} does not come before the entries`, null);
    if (type !== 'inclusion') this.#openings = null;
  }

  /** It belongs to the word of the installation, and stands right behind it. */
  #takeTimestamp({ token }: TimestampLine): void {
    if (this.#installation === null || this.#token !== null) {
      throw new BundleFault('the time-stamp does not follow the word of the installation', null);
    }
    const bytes = parseBase64(token);
    this.#installation.takeToken(bytes);
    this.#token = bytes;
  }

  /** Behind the word of the installation comes its time-stamp, if there is one, and the end. */
  #requireOpen(type: string): void {
    if (this.#installation === null) return;
    throw new BundleFault(`the ${type} follows the word of the installation, which is the last`, null);
  }

  #takeInstallation(line: InstallationLine): void {
    const { manifest, policy, proof } = this.#open();
    if (manifest.format === FORMER_FORMAT) throw new LineFault(`${FORMER_FORMAT} has no ${line.type}`);
    proof.end();
    const { held } = this.#trust;
    this.#installation = new InstallationWord(line, { manifest, policy, held, newest: proof.newest });
  }

  #takeManifest(manifest: ManifestLine): void {
    if (this.#opened !== null) throw new BundleFault('there is a second manifest', null);
    this.#opened = openManifest(manifest, this.#trust);
    const { from, to } = manifest;
    if (from > to) throw new BundleFault('the manifest’s range ends before it begins', null);
    // Every log goes on from the empty one, wherever the bundle begins.
    this.#opened.held.compare(0n, EMPTY_ROOT);
  }

  #takeEntry(line: Buffer, place: { from: number; to: number; hash: string }): void {
    const { manifest, proof } = this.#open();
    const hash = leafHashIn(line, place);
    const claimed = proof.next;
    if (hash !== place.hash) throw new BundleFault('its hash is not that of its bytes', claimed ?? seqIn(line, place));
    const entry = readEntry(line.subarray(place.from, place.to));
    if (entry.fleet !== manifest.fleet) throw new BundleFault(`it is of the fleet ${entry.fleet}`, entry.seq);
    proof.takeEntry({ ...entry, hash });
    if (this.#tally.lastRecordedAt !== null && entry.recordedAt < this.#tally.lastRecordedAt) {
      throw new BundleFault('it was recorded before the entry above it', entry.seq);
    }
    this.#digest.takeHash(hash);
    this.#tally.takeEntry(entry);
    this.#openings = new EntryOpenings(entry);
  }

  #takeOpening(line: OpeningLine): void {
    const { seq } = line;
    if (seq !== this.#openings?.seq) throw new BundleFault('content does not follow its entry', seq);
    if (this.#open().manifest.content === 'withheld') throw new BundleFault('content was to be withheld', seq);
    this.#openings.take(line);
    this.#tally.takeOpening();
  }

  #takeKey(vkey: string): void {
    if (this.#bundledKeys.length === BUNDLED_KEYS_MAX) throw new BundleFault('it has too many keys', null);
    this.#bundledKeys.push(vkey);
  }

  #takeEnd({ entries, openings, lines, digest }: EndLine): void {
    const { proof } = this.#open();
    proof.end();
    if (entries !== this.#tally.checked) throw new BundleFault(`the end counts ${entries} entries`, null);
    if (openings !== this.#tally.opened) throw new BundleFault(`the end counts ${openings} openings`, null);
    if (lines !== this.#lines) throw new BundleFault(`the end counts ${lines} lines`, null);
    if (digest !== this.#digest.end()) throw new BundleFault('a line was changed: the end has another digest', null);
    this.#isEnded = true;
  }

  #open(): Opened {
    if (this.#opened === null) throw new LineFault('it does not begin with a manifest');
    return this.#opened;
  }

  #failForm(line: Buffer, problem: string): void {
    const foreign = this.#opened === null ? nameForeign(line) : null;
    this.#fail(foreign ?? `line ${this.#lines}: ${problem}`, this.#opened?.proof.next ?? null);
  }

  #fail(problem: string, seq: number | null): void {
    this.#fault ??= { line: this.#lines, seq, problem, isUnreadable: this.#opened === null };
  }

  #verdict(reasons: readonly string[]): BundleVerdict {
    const opened = this.#opened;
    const outcome: Outcome =
      this.#fault === null
        ? reasons.length > 0
          ? 'incomplete'
          : 'intact'
        : this.#fault.isUnreadable
          ? 'unreadable'
          : 'tampered';
    const fault =
      this.#fault === null ? null : { line: this.#fault.line, seq: this.#fault.seq, problem: this.#fault.problem };
    const size = opened?.checkpoints.publishedSize(this.#tally.revokedKeyIds) ?? null;
    return {
      outcome,
      fault,
      reasons,
      manifest: opened?.manifest ?? null,
      entries: this.#tally.entries(),
      openings: this.#tally.openings(),
      published: {
        size: size === null ? null : String(size),
        unpublished: opened?.proof.uncovered(size) ?? 0,
        checkpoints: opened?.checkpoints.compared ?? 0,
      },
      keys: opened?.checkpoints.keys() ?? [],
      witnesses: opened?.checkpoints.witnesses() ?? [],
      installation: this.#installation?.tally(this.#tally.revokedKeyIds) ?? null,
      bundledKeys: this.#bundledKeys,
      lateS: this.#tally.lateS,
    };
  }
}

function isFormFault(error: unknown): error is Error {
  return error instanceof FormFault || error instanceof LineFault || error instanceof EntryFault;
}

/** The seq an entry gives itself, for a message about bytes that are not to be believed. */
function seqIn(line: Buffer, place: { from: number; to: number }): number | null {
  const [, digits] = /"seq":(\d{1,16})/.exec(line.toString('latin1', place.from, place.to)) ?? [];
  return digits === undefined ? null : Number(digits);
}
