import type { ManifestLine } from './line.js';

/**
 * What became of checking a bundle. `intact`: every line was checked and everything in it is covered by a checkpoint of a
 * pinned key. `incomplete`: nothing is wrong with what is there, but it does not prove what it should. `unreadable`: it is no
 * bundle.
 */
export type Outcome = 'intact' | 'tampered' | 'incomplete' | 'unreadable';

export interface Fault {
  /** The line of the file, from 1. */
  line: number;
  /** The first bad entry; null when what is wrong is not in or about one entry. */
  seq: number | null;
  problem: string;
}

/** Everything that was checked, and what came of it. Sizes and seqs count entries; times are RFC 3339 in UTC. */
export interface BundleVerdict {
  outcome: Outcome;
  /** What is wrong; null unless it is tampered or unreadable. What lies behind the fault was not looked at. */
  fault: Fault | null;
  /** Why it does not prove what it should; empty unless it is incomplete. */
  reasons: readonly string[];
  /** What the bundle says it is; null when not even that could be read. */
  manifest: ManifestLine | null;
  entries: EntryTally;
  openings: OpeningTally;
  published: PublishedTally;
  keys: readonly KeyTally[];
  witnesses: readonly WitnessTally[];
  /** What the log of the installation says of all fleets; null when the bundle has no word of it, or was not checked so far. */
  installation: InstallationTally | null;
  /** Keys that came with the bundle. They prove nothing about who made it. */
  bundledKeys: readonly string[];
  /** The longest time, in seconds, between when an entry says that its matter ended and when it was recorded. */
  lateS: number;
}

export interface EntryTally {
  checked: number;
  firstSeq: number | null;
  lastSeq: number | null;
  firstRecordedAt: string | null;
  lastRecordedAt: string | null;
  /** How many of each kind, by name. */
  kinds: Readonly<Record<string, number>>;
  /** Seqs that are left out between the first and the last: by choice in a selection, never in a range. */
  leftOut: number;
}

export interface OpeningTally {
  /** Digests of content in the entries. */
  digests: number;
  /** Of these, how many came with the content they were made of. The rest was withheld, erased or removed by retention. */
  opened: number;
  /** Decisions of which sampling kept no content. */
  unsampled: number;
  /** Entries that say that content was erased; other ERASURE entries ask for it, or reject it. */
  erasures: number;
}

export interface PublishedTally {
  /** The size of the largest believed checkpoint, in decimal; null when there is none. */
  size: string | null;
  /** Entries of the bundle that no believed checkpoint covers. */
  unpublished: number;
  /** Checkpoints that were compared with the tree, believed or not. */
  checkpoints: number;
}

export interface KeyTally {
  /** C2SP verifier key. */
  vkey: string;
  /** How many checkpoints of the bundle it signed. */
  checkpoints: number;
}

export interface WitnessTally {
  name: string;
  cosignatures: number;
  oldestAt: string | null;
  newestAt: string | null;
}

/** The fleets of an installation, by the word of its log. That no others exist is shown as far as that word is believed. */
export interface InstallationTally {
  /** The origin of its log, `midwatch/<installation>`. */
  origin: string;
  /** How many leaves that log had, in decimal. */
  size: string;
  /** The root of their tree, in base64 as its checkpoint has it. */
  root: string;
  /** Why nobody has to believe it; null when a pinned key signed it and the policy's witnesses cosigned. */
  doubt: string | null;
  /** When witnesses cosigned it. */
  cosignedAt: readonly { name: string; at: string }[];
  /** What a time-stamping authority says of the checkpoint; null when the bundle has no token. */
  timestamp: TimestampTally | null;
  /** Every fleet there was, by its id, with how many entries it had published, in decimal. */
  fleets: readonly { fleet: string; size: string }[];
  /** Entries this fleet had by then behind the end of a range, in decimal: a tail that is not in the bundle. */
  beyond: string;
}

/** A token that is over the checkpoint of the installation's log. */
export interface TimestampTally {
  /** When the authority says that it saw it, RFC 3339 in UTC. */
  at: string;
  /** Who its certificate says it is; null where nobody checked that. */
  authority: string | null;
  /** Why nobody has to believe it; null when it is of an authority that was pinned. */
  doubt: string | null;
}
