import { hash } from 'node:crypto';
import { leafHash } from '../chain.js';
import { type Checkpoint, parseCheckpoint } from '../note/checkpoint.js';
import { type FleetHead, fleetListLeaf, parseFleetList } from '../note/fleet-list.js';
import { verifierKey } from '../note/key.js';
import type { Policy } from '../note/policy.js';
import { parseNote } from '../note/signed-note.js';
import { openCheckpoint, type TrustedCheckpoint } from '../note/trust.js';
import { findInclusionFault } from '../tree/verify.js';
import { moment, type OpenedCheckpoint } from './checkpoints.js';
import { parseHeld } from './held.js';
import { bytesOf, type InstallationLine, type ManifestLine } from './line.js';
import { BundleFault } from './proof.js';
import { readToken } from './token.js';
import type { InstallationTally, TimestampTally } from './verdict.js';

/** What the word of an installation is held against. */
export interface InstallationContext {
  manifest: ManifestLine;
  /** Whom to believe about the bundle's own log; null when nobody was pinned. */
  policy: Policy | null;
  /** Checkpoints that were kept from before. */
  held: readonly string[];
  /** The bundle's last checkpoint. */
  newest: OpenedCheckpoint | null;
}

/** What the log of the installation says of all fleets, found to be what it signed. */
export class InstallationWord {
  readonly #manifest: ManifestLine;
  readonly #checkpoint: Checkpoint;
  readonly #fleets: readonly FleetHead[];
  readonly #opened: TrustedCheckpoint | null;
  readonly #doubt: string | null;
  readonly #note: string;
  #timestamp: TimestampTally | null = null;

  /** Throws BundleFault for what cannot be true, whoever is believed. */
  constructor({ note, hashes, fleets: text }: InstallationLine, context: InstallationContext) {
    const { manifest, policy, newest } = context;
    this.#manifest = manifest;
    this.#note = note;
    const origin = installationOf(manifest.origin);
    const signed = parseNote(note);
    const checkpoint = signed === null ? null : parseCheckpoint(signed.text);
    if (checkpoint === null) throw fault('its checkpoint is no signed note of one');
    if (checkpoint.origin !== origin) throw fault(`its checkpoint is of another log, ${checkpoint.origin}`);
    const trusted = policy === null ? null : openCheckpoint(note, policyOfInstallation(policy, manifest.origin));
    if (trusted !== null && 'fault' in trusted && (trusted.reason === 'malformed' || trusted.reason === 'forged')) {
      throw fault(`its checkpoint: ${trusted.fault}`);
    }
    const { size, root } = checkpoint;
    const leaf = Buffer.from(leafHash(fleetListLeaf(text)), 'hex');
    const problem = findInclusionFault({ index: size - 1n, size, leaf, root, proof: bytesOf(hashes) });
    if (problem !== null) throw fault(`its fleets are not those that were signed: ${problem}`);
    const fleets = parseFleetList(text);
    if (fleets === null) throw fault('its fleets are not listed as they have to be');
    const foreign = fleets.find((head) => installationOf(head.origin) !== origin);
    if (foreign !== undefined) throw fault(`it names a fleet of another, ${foreign.origin}`);
    requireHead(fleets, { origin: manifest.origin, newest });
    requireContinued([...fleets, checkpoint], context.held);
    this.#checkpoint = checkpoint;
    this.#fleets = fleets;
    this.#opened = trusted === null || 'fault' in trusted ? null : trusted;
    this.#doubt = trusted === null ? 'no key was pinned' : 'fault' in trusted ? trusted.fault : null;
  }

  /** What a token has to be over: the checkpoint as the log itself signed it, without what others put under it. */
  get stamped(): Buffer {
    const signaturesFrom = this.#note.lastIndexOf('\n\n') + 2;
    return Buffer.from(this.#note.slice(0, this.#note.indexOf('\n', signaturesFrom) + 1));
  }

  /** Takes the token that says when it was seen. Throws BundleFault for one that is of something else. */
  takeToken(token: Buffer | null): void {
    const word = token === null ? null : readToken(token);
    if (word === null) throw new BundleFault('the time-stamp: it is no token over a SHA-256', null);
    if (!word.imprint.equals(hash('sha256', this.stamped, 'buffer'))) {
      throw new BundleFault('the time-stamp: it is of something else than the checkpoint of the installation', null);
    }
    this.#timestamp = { at: word.at, authority: null, doubt: UNCHECKED };
  }

  /** How many leaves its log had. */
  get size(): bigint {
    return this.#checkpoint.size;
  }

  /** `revoked`: ids of the log's keys that entries of the bundle revoke. The installation's log is signed with the same keys. */
  tally(revoked: ReadonlySet<string>): InstallationTally {
    const { origin, to, scope } = this.#manifest;
    const { publicKey } = this.#opened?.signedBy ?? {};
    const isRevoked = publicKey !== undefined && revoked.has(verifierKey(origin, publicKey, 'note').id);
    const own = this.#fleets.find((head) => head.origin === origin)?.size ?? 0n;
    return {
      origin: this.#checkpoint.origin,
      size: String(this.#checkpoint.size),
      root: this.#checkpoint.root.toString('base64'),
      doubt: isRevoked ? 'its key was revoked' : this.#doubt,
      cosignedAt: [...(this.#opened?.cosignedAtS ?? [])].map(([name, atS]) => ({ name, at: moment(atS) })),
      timestamp: this.#timestamp,
      fleets: this.#fleets.map((head) => ({
        fleet: head.origin.slice(this.#checkpoint.origin.length + 1),
        size: String(head.size),
      })),
      beyond: String(scope === 'range' && own > BigInt(to) ? own - BigInt(to) : 0n),
    };
  }
}

/** The sizes of kept checkpoints of the installation's own log that could not be compared with the bundle's word of it. */
export function findUncompared(
  notes: readonly string[],
  manifest: ManifestLine,
  word: InstallationWord | null,
): bigint[] {
  const origin = installationOf(manifest.origin);
  const kept = notes.map(parseHeld).filter((held) => held?.origin === origin) as Checkpoint[];
  return kept.map(({ size }) => size).filter((size) => size !== word?.size);
}

/** Of a token that is over the right thing, whoever signed it. */
const UNCHECKED = 'the signature of no authority was checked';

/** The origin of an installation's own log: a fleet's without its last part. */
export function installationOf(origin: string): string {
  return origin.slice(0, Math.max(0, origin.lastIndexOf('/')));
}

/** Whoever is believed to sign a fleet's ledger is believed about its installation: one key signs all its logs. */
function policyOfInstallation(policy: Policy, fleetOrigin: string): Policy {
  const origin = installationOf(fleetOrigin);
  const named = policy.logs.filter(({ name }) => name === origin || name === fleetOrigin);
  const keys = new Map(named.map(({ publicKey }) => [publicKey.toString('hex'), publicKey]));
  return { ...policy, logs: [...keys.values()].map((publicKey) => verifierKey(origin, publicKey, 'note')) };
}

/** An honest export waits until its own checkpoint is in the list: another head of this fleet is of another history or time. */
function requireHead(
  fleets: readonly FleetHead[],
  { origin, newest }: { origin: string; newest: OpenedCheckpoint | null },
): void {
  const head = fleets.find((one) => one.origin === origin);
  if (head === undefined) throw fault(`it does not name ${origin}`);
  if (newest === null) throw fault('there is no checkpoint of this fleet for it to name');
  if (head.size !== newest.size) {
    throw fault(`it has this fleet at ${head.size} entries, and the bundle’s last checkpoint is of ${newest.size}`);
  }
  if (!head.root.equals(newest.root)) throw fault(`it has another history of this fleet of ${head.size} entries`);
}

/** Compares with checkpoints that were kept of any of these logs, where they are of the same size. */
function requireContinued(heads: readonly FleetHead[], notes: readonly string[]): void {
  for (const held of notes.map(parseHeld)) {
    const head = heads.find(({ origin, size }) => origin === held?.origin && size === held.size);
    if (head === undefined || held === null || head.root.equals(held.root)) continue;
    throw fault(`it has another history of ${head.origin} than the checkpoint of size ${held.size} that was kept`);
  }
}

function fault(problem: string): BundleFault {
  return new BundleFault(`the word of the installation: ${problem}`, null);
}
