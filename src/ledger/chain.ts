import { hash } from 'node:crypto';
import { type CanonicalValue, canonicalize, canonicalString } from './canonical.js';

/** `previousHash` of the first entry. */
export const GENESIS_HASH = '0'.repeat(64);

export const ENTRY_KINDS = [
  'DECISION',
  'AMENDMENT',
  'REPRICE',
  'AGENT',
  'ALERT',
  'RULE',
  'SILENCE',
  'INCIDENT',
  'SETTINGS',
  'LEDGER_KEY',
  'ACCESS',
  'READ',
  'ERASURE',
  'HOLD',
  'RELEASE',
  'EXPORT',
  'PRUNE',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** What is to be appended: everything of an entry that its place in the chain does not decide. */
export interface EntryDraft {
  kind: EntryKind;
  /** What the entry is about: a decision's or an alert's id, a rule's name; of a re-pricing, `prices`. */
  subject: string;
  /** In its canonical form. */
  payload: string;
}

export interface Entry {
  seq: number;
  kind: EntryKind;
  subject: string;
  /** RFC 3339 in UTC with milliseconds. */
  recordedAt: string;
  canonical: string;
  /** 64 lower-case hex digits. */
  previousHash: string;
  hash: string;
}

/** The newest entry of a chain, which the next one names. */
export interface Head {
  seq: number;
  hash: string;
}

/** The head of a chain without entries. */
export const EMPTY_HEAD: Head = { seq: -1, hash: GENESIS_HASH };

/** The RFC 6962 leaf hash, SHA-256(0x00 ‖ data), in lower-case hex: the chain's links are the Merkle tree's leaves. */
export function leafHash(canonical: string): string {
  return hash('sha256', `\u0000${canonical}`, 'hex');
}

/** The entries that continue `head`, in the order of the drafts. Throws LEDGER_INTEGRITY on what the form cannot hold. */
export function extendChain(
  fleet: string,
  head: Head,
  append: { drafts: readonly EntryDraft[]; recordedAt: string },
): Entry[] {
  const entries: Entry[] = [];
  let { seq, hash: previousHash } = head;
  for (const { kind, subject, payload } of append.drafts) {
    seq += 1;
    const canonical = canonicalEntry({
      fleet,
      kind,
      payload,
      previousHash,
      recordedAt: append.recordedAt,
      seq,
      subject,
    });
    const entryHash = leafHash(canonical);
    entries.push({ seq, kind, subject, recordedAt: append.recordedAt, canonical, previousHash, hash: entryHash });
    previousHash = entryHash;
  }
  return entries;
}

interface EntryFields extends EntryDraft {
  fleet: string;
  previousHash: string;
  recordedAt: string;
  seq: number;
}

/** CONTRACT section 9, its keys in the order JCS gives them. */
function canonicalEntry(entry: EntryFields): string {
  return (
    `{"fleet":${canonicalString(entry.fleet)},"kind":"${entry.kind}","payload":${entry.payload},` +
    `"previousHash":"${entry.previousHash}","recordedAt":"${entry.recordedAt}","seq":${entry.seq},` +
    `"subject":${canonicalString(entry.subject)},"v":1}`
  );
}

/** What is wrong with an entry read back from storage; null when it continues `head` and its hash is that of its bytes. */
export function findFault(fleet: string, head: Head, entry: Entry): string | null {
  if (entry.seq !== head.seq + 1) return `seq ${head.seq + 1} is missing`;
  if (leafHash(entry.canonical) !== entry.hash) return 'the hash is not that of the canonical bytes';
  if (entry.previousHash !== head.hash) return 'previousHash is not the hash of the entry before';
  return findMismatch(fleet, entry);
}

/** The bytes are what is proven; a column that says something else than they do is a fault too. */
function findMismatch(fleet: string, entry: Entry): string | null {
  const proven = parseCanonical(entry.canonical);
  if (proven === null) return 'the canonical bytes are not the canonical form of an entry';
  const expected = { ...entry, fleet };
  const columns = ['fleet', 'kind', 'previousHash', 'recordedAt', 'seq', 'subject'] as const;
  const differing = columns.find((column) => proven[column] !== expected[column]);
  return differing ? `the stored ${differing} is not the one in the canonical bytes` : null;
}

function parseCanonical(canonical: string): EntryFields | null {
  try {
    const parsed: Omit<EntryFields, 'payload'> & { payload: CanonicalValue } = JSON.parse(canonical);
    const fields = { ...parsed, payload: canonicalize(parsed.payload) };
    return canonicalEntry(fields) === canonical ? fields : null;
  } catch {
    // Anything that is not the canonical form of an entry is the same verdict.
    return null;
  }
}
