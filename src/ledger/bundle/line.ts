import { type CanonicalValue, canonicalize } from '../canonical.js';
import { HASH_BYTES } from '../tree/node.js';
import { readCanonical } from './strict-json.js';

/** The format's name and version. A verifier refuses what it does not know. */
export const BUNDLE_FORMAT = 'midwatch-bundle/2';

/** The one before, which had no word of the installation: bundles of it are around. */
export const FORMER_FORMAT = 'midwatch-bundle/1';

/**
 * The lines of a bundle (docs/LEDGER.md). Each is one JSON object in canonical form with a `type`; hashes and salts are 64
 * lower-case hex digits.
 */
export type BundleLine =
  | ManifestLine
  | KeyLine
  | PolicyLine
  | FrontierLine
  | EntryLine
  | InclusionLine
  | OpeningLine
  | ConsistencyLine
  | CheckpointLine
  | InstallationLine
  | TimestampLine
  | EndLine;

/** What the bundle says it is. All of it is compared with what is found. */
export interface ManifestLine {
  type: 'manifest';
  format: typeof BUNDLE_FORMAT | typeof FORMER_FORMAT;
  /** The program that wrote it: nobody vouches for it. */
  generator: string;
  /** The log's origin, `midwatch/<installation>/<fleet>`. */
  origin: string;
  fleet: string;
  /** Every entry of a range, or some that were chosen. */
  scope: 'range' | 'selection';
  /** The first seq, and the one after the last; a selection lies between them. */
  from: number;
  to: number;
  /** What a selection was chosen by, in words for people; empty for a range. */
  about: readonly string[];
  /** Whether content was disclosed where it is kept, that of some entries alone, or withheld from whoever asked for the bundle. */
  content: 'disclosed' | 'chosen' | 'withheld';
}

/** A key of the log, for information: one that comes with the bundle proves nothing. */
export interface KeyLine {
  type: 'key';
  vkey: string;
}

/** A C2SP tlog-policy, for information. */
export interface PolicyLine {
  type: 'policy';
  text: string;
}

/** The right edge of the tree before a range's first entry: the roots of its perfect subtrees, the largest first. */
export interface FrontierLine {
  type: 'frontier';
  size: number;
  hashes: readonly string[];
}

export interface EntryLine {
  type: 'entry';
  /** The entry's exact bytes. */
  canonical: string;
  hash: string;
}

/** Shows that the entry before it is in the tree of the bundle's checkpoint; `seq` is the entry's. */
export interface InclusionLine {
  type: 'inclusion';
  seq: number;
  hashes: readonly string[];
}

/** Content that the entry above commits to. */
export interface OpeningLine {
  type: 'opening';
  seq: number;
  /**
   * Where in the entry's payload the digest stands: a JSON pointer (RFC 6901), as `/steps/3`; `/chain/3` for the fourth step
   * under the one digest of a long chain.
   */
  path: string;
  salt: string;
  /** In canonical form. */
  content: string;
}

/** Shows that the tree of the entries so far is the beginning of that of the checkpoint that follows. */
export interface ConsistencyLine {
  type: 'consistency';
  fromSize: number;
  hashes: readonly string[];
}

/** A signed note, as it stands, with its cosignatures. */
export interface CheckpointLine {
  type: 'checkpoint';
  note: string;
}

/** What the log of the installation says of all fleets: they are the last leaf of the tree that its checkpoint was signed for. */
export interface InstallationLine {
  type: 'installation';
  /** The checkpoint of that log: a signed note, as it stands, with its cosignatures. */
  note: string;
  /** The inclusion proof of its last leaf. */
  hashes: readonly string[];
  /** The list that the leaf commits to (see `formatFleetList`). */
  fleets: string;
}

/** That an authority saw the checkpoint of the installation's log, and when. */
export interface TimestampLine {
  type: 'timestamp';
  /** DER of an RFC 3161 TimeStampToken in base64: over that checkpoint with the log's own signature and no other. */
  token: string;
}

export interface EndLine {
  type: 'end';
  entries: number;
  openings: number;
  /** Of the whole bundle, this one included. */
  lines: number;
  /** See `LineDigest`. */
  digest: string;
}

/** An entry's line is `{"entry":<its bytes>,"hash":"<64 digits>","type":"entry"}`, so that its bytes can be cut out. */
const ENTRY_START = '{"entry":';
/** No other line has it there. */
const SECOND_LETTER = ENTRY_START.charCodeAt(2);
const ENTRY_HASH = ',"hash":"';
const ENTRY_END = '","type":"entry"}';
const HASH_DIGITS = 2 * HASH_BYTES;
const AFTER_ENTRY = ENTRY_HASH.length + HASH_DIGITS + ENTRY_END.length;

/** The line without its newline. */
export function formatLine(line: BundleLine): string {
  if (line.type === 'entry') return `${ENTRY_START}${line.canonical}${ENTRY_HASH}${line.hash}${ENTRY_END}`;
  // The content is canonical already, and its key is the first: "content" sorts before "path".
  if (line.type === 'opening') {
    const { content, ...rest } = line;
    return `{"content":${content},${canonicalize(rest).slice(1)}`;
  }
  return canonicalize({ ...line });
}

/** Where an entry's bytes lie in its line, and the hash beside them. */
export interface EntryPlace {
  from: number;
  to: number;
  hash: string;
}

/**
 * Finds the entry in a line; null when the line is not an entry's. Nothing but the frame is looked at: the hash may be any 64
 * bytes.
 */
export function findEntry(line: Buffer): EntryPlace | null {
  const to = line.length - AFTER_ENTRY;
  if (to <= ENTRY_START.length || line[2] !== SECOND_LETTER) return null;
  if (line.toString('latin1', 0, ENTRY_START.length) !== ENTRY_START) return null;
  const after = line.toString('latin1', to);
  if (!after.startsWith(ENTRY_HASH) || !after.endsWith(ENTRY_END)) return null;
  return { from: ENTRY_START.length, to, hash: after.slice(ENTRY_HASH.length, ENTRY_HASH.length + HASH_DIGITS) };
}

const HEX_HASH = /^[0-9a-f]{64}$/;

type Check = (value: CanonicalValue) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => typeof value === 'number' && value >= 0;
const isHashes: Check = (value) => Array.isArray(value) && value.every(isHash);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isAnything: Check = () => true;
const isOneOf =
  (...texts: readonly string[]): Check =>
  (value) =>
    texts.includes(value as string);

/** The fields each type of line has, and no others. */
const SHAPES: Readonly<Record<Exclude<BundleLine['type'], 'entry'>, Readonly<Record<string, Check>>>> = {
  manifest: {
    about: isTexts,
    content: isOneOf('disclosed', 'chosen', 'withheld'),
    fleet: isText,
    format: isText,
    from: isCount,
    generator: isText,
    origin: isText,
    scope: isOneOf('range', 'selection'),
    to: isCount,
  },
  key: { vkey: isText },
  policy: { text: isText },
  frontier: { hashes: isHashes, size: isCount },
  inclusion: { hashes: isHashes, seq: isCount },
  opening: { content: isAnything, path: isText, salt: isHash, seq: isCount },
  consistency: { fromSize: isCount, hashes: isHashes },
  checkpoint: { note: isText },
  installation: { fleets: isText, hashes: isHashes, note: isText },
  timestamp: { token: isText },
  end: { digest: isHash, entries: isCount, lines: isCount, openings: isCount },
};

/** A line of a type or with fields the format does not have. */
export class LineFault extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'LineFault';
  }
}

/** Reads a line that is not an entry's, without its newline. Throws FormFault and LineFault. */
export function readLine(bytes: Buffer): Exclude<BundleLine, EntryLine> {
  const value = readCanonical(bytes);
  if (!isObject(value)) throw new LineFault('it is no object');
  const { type, ...fields } = value;
  if (type === 'entry') throw new LineFault('it is not an entry as the format frames it');
  if (typeof type !== 'string' || !Object.hasOwn(SHAPES, type)) throw new LineFault('it is of no type the format has');
  const shape = SHAPES[type as keyof typeof SHAPES];
  const odd = Object.keys(fields).find((name) => !Object.hasOwn(shape, name));
  if (odd !== undefined) throw new LineFault(`a ${type} has no ${JSON.stringify(odd)}`);
  const bad = Object.keys(shape).find((name) => !Object.hasOwn(fields, name) || !shape[name]?.(fields[name] ?? null));
  if (bad !== undefined) throw new LineFault(`its ${bad} is missing or not as the format has it`);
  const line = type === 'opening' ? { ...value, content: canonicalize(fields.content ?? null) } : value;
  return line as unknown as Exclude<BundleLine, EntryLine>;
}

/** Whether a line that was cut can have been a manifest. */
export function startsManifest(bytes: Buffer): boolean {
  const start = '{"about":[';
  return bytes.toString('latin1', 0, start.length) === start.slice(0, bytes.length);
}

/** A hash, a digest or a salt, as the format writes all of them. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HEX_HASH.test(value);
}

export function isObject(value: CanonicalValue | undefined): value is { readonly [key: string]: CanonicalValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The bytes of hashes that `isHashes` let pass. */
export function bytesOf(hashes: readonly string[]): Buffer[] {
  return hashes.map((hash) => Buffer.from(hash, 'hex'));
}
