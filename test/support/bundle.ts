import { hash } from 'node:crypto';
import { BUNDLE_FORMAT, type BundleLine, type EndLine, type ManifestLine } from '../../src/ledger/bundle/line.js';
import type { Trust } from '../../src/ledger/bundle/pin.js';
import type { BundleVerdict } from '../../src/ledger/bundle/verdict.js';
import { type Vouch, verifyBundle } from '../../src/ledger/bundle/verify.js';
import { writeBundle } from '../../src/ledger/bundle/write.js';
import { type CanonicalValue, canonicalize } from '../../src/ledger/canonical.js';
import { EMPTY_HEAD, type Entry, extendChain } from '../../src/ledger/chain.js';
import { commit } from '../../src/ledger/commitment.js';
import { formatCheckpoint } from '../../src/ledger/note/checkpoint.js';
import { cosign } from '../../src/ledger/note/cosignature.js';
import { formatVerifierKey, type SignerKey, signerKey } from '../../src/ledger/note/key.js';
import { formatNote, signText } from '../../src/ledger/note/signed-note.js';
import { Frontier } from '../../src/ledger/tree/frontier.js';
import { foldSubtrees, hashChildren, type LeafRange, type NodeId, subtreesOf } from '../../src/ledger/tree/node.js';
import { consistencyRanges, inclusionRanges } from '../../src/ledger/tree/proof.js';

/** A key that is the same in every run. */
export function keyOf(name: string, type: 'note' | 'cosignature' = 'note', salt = ''): SignerKey {
  return signerKey(name, hash('sha256', `test key ${type} ${name}${salt}`, 'buffer'), type);
}

const START_MS = Date.UTC(2026, 10, 2, 9);
const COSIGNED_AT_S = BigInt(START_MS / 1_000 + 86_400);

type Line = Exclude<BundleLine, EndLine>;
type OpeningLine = Extract<BundleLine, { type: 'opening' }>;

interface Draft {
  kind?: Entry['kind'];
  subject: string;
  payload: CanonicalValue;
}

/** What a decision commits to, with salts that are the same in every run. */
function decisionDraft(index: number): { draft: Draft; contents: Omit<OpeningLine, 'seq' | 'type'>[] } {
  const contents = ['/input', '/output', '/steps/0', '/steps/1'].map((path) => ({
    path,
    salt: hash('sha256', `salt ${index} ${path}`, 'hex'),
    content: canonicalize({ text: `what ${path} of ${index} says: “Grüße”, \u{1f600}\n` }),
  }));
  const [input, output, ...steps] = contents.map(({ salt, content }) => commit(Buffer.from(salt, 'hex'), content));
  const payload = {
    agent: 'triage',
    costUsd: '0.0123',
    endedAt: new Date(START_MS + index * 1_000 - 200).toISOString(),
    input: input ?? null,
    output: output ?? null,
    sampled: true,
    steps,
    tokens: { input: 100 + index, output: 20 },
  };
  return { draft: { subject: `decision-${index}`, payload }, contents };
}

export interface LedgerOptions {
  size: number;
  fleet?: string;
  origin?: string;
  /** Changes what the entry of this seq says, and what of it is opened: nothing, if not told. */
  change?: {
    seq: number;
    payload: CanonicalValue;
    kind?: Entry['kind'];
    contents?: readonly Omit<OpeningLine, 'seq' | 'type'>[];
  };
  key?: SignerKey;
  witnesses?: readonly SignerKey[];
}

/** A ledger in memory, the same in every run, and the bundles that are made of it. */
export class MemoryLedger {
  readonly origin: string;
  readonly fleet: string;
  readonly key: SignerKey;
  readonly entries: readonly Entry[];
  readonly #openings: readonly OpeningLine[][];
  readonly #leaves: readonly Buffer[];
  readonly #witnesses: readonly SignerKey[];

  constructor({ size, fleet = 'prod', origin = `midwatch/test/${fleet}`, change, key, witnesses = [] }: LedgerOptions) {
    this.fleet = fleet;
    this.origin = origin;
    this.key = key ?? keyOf(origin);
    this.#witnesses = witnesses;
    const entries: Entry[] = [];
    const openings: OpeningLine[][] = [];
    for (let seq = 0; seq < size; seq += 1) {
      const { draft, contents } = decisionDraft(seq);
      const isChanged = change?.seq === seq;
      const payload = isChanged ? change.payload : draft.payload;
      const [entry] = extendChain(fleet, entries.at(-1) ?? EMPTY_HEAD, {
        drafts: [
          {
            kind: isChanged ? (change.kind ?? 'DECISION') : 'DECISION',
            subject: draft.subject,
            payload: canonicalize(payload),
          },
        ],
        recordedAt: new Date(START_MS + seq * 1_000).toISOString(),
      });
      if (entry === undefined) throw new Error('no entry was made');
      entries.push(entry);
      const opened = isChanged ? (change.contents ?? []) : contents;
      openings.push(opened.map((content) => ({ type: 'opening', seq, ...content })));
    }
    this.entries = entries;
    this.#openings = openings;
    this.#leaves = entries.map((entry) => Buffer.from(entry.hash, 'hex'));
  }

  get vkey(): string {
    return formatVerifierKey(this.key);
  }

  get trust(): Trust {
    return { key: this.key, policy: null, held: [] };
  }

  root(size = this.entries.length): Buffer {
    const frontier = Frontier.empty();
    for (const leaf of this.#leaves.slice(0, size)) frontier.append(leaf);
    return frontier.root();
  }

  /** The signed and cosigned checkpoint of the first `size` entries. */
  note(size = this.entries.length, { key = this.key, atS = COSIGNED_AT_S } = {}): string {
    const text = formatCheckpoint({ origin: this.origin, size: BigInt(size), root: this.root(size), extensions: [] });
    return formatNote({
      text,
      signatures: [signText(text, key), ...this.#witnesses.map((one) => cosign(text, one, atS))],
    });
  }

  hashes(ranges: readonly LeafRange[]): string[] {
    return ranges.map((range) => foldSubtrees(subtreesOf(range).map((node) => this.#node(node))).toString('hex'));
  }

  #node({ level, index }: NodeId): Buffer {
    if (level === 0) return this.#leaves[Number(index)] as Buffer;
    const below = (at: bigint) => this.#node({ level: level - 1, index: at });
    return hashChildren(below(2n * index), below(2n * index + 1n));
  }

  manifest(fields: Partial<ManifestLine>): ManifestLine {
    return {
      type: 'manifest',
      format: BUNDLE_FORMAT,
      generator: 'midwatch test',
      origin: this.origin,
      fleet: this.fleet,
      scope: 'range',
      from: 0,
      to: this.entries.length,
      about: [],
      content: 'disclosed',
      ...fields,
    };
  }

  entryLines(seq: number, { content = true } = {}): Line[] {
    const { canonical, hash: digits } = this.entries[seq] as Entry;
    return [{ type: 'entry', canonical, hash: digits }, ...(content ? (this.#openings[seq] ?? []) : [])];
  }

  /** The lines of a bundle of entries `from` up to `to`, with checkpoints of these sizes, each in its place. */
  rangeLines({ from = 0, to = this.entries.length, sizes = [this.entries.length], content = true } = {}): Line[] {
    const lines: Line[] = [
      this.manifest({ from, to, content: content ? 'disclosed' : 'withheld' }),
      { type: 'key', vkey: this.vkey },
      { type: 'policy', text: `log ${this.vkey}\nquorum none\n` },
    ];
    if (from > 0) {
      const hashes = this.hashes(
        subtreesOf({ from: 0n, to: BigInt(from) }).map(({ level, index }) => ({
          from: index << BigInt(level),
          to: (index + 1n) << BigInt(level),
        })),
      );
      lines.push({ type: 'frontier', size: from, hashes });
    }
    for (let seq = from; seq < to; seq += 1) {
      lines.push(...this.entryLines(seq, { content }));
      if (seq + 1 < to && sizes.includes(seq + 1)) lines.push({ type: 'checkpoint', note: this.note(seq + 1) });
    }
    for (const size of sizes.filter((one) => one >= to)) {
      if (size > to) {
        lines.push({
          type: 'consistency',
          fromSize: to,
          hashes: this.hashes(consistencyRanges(BigInt(to), BigInt(size))),
        });
      }
      lines.push({ type: 'checkpoint', note: this.note(size) });
    }
    return lines;
  }

  selectionLines(seqs: readonly number[], { size = this.entries.length } = {}): Line[] {
    return [
      this.manifest({
        scope: 'selection',
        from: seqs[0] ?? 0,
        to: (seqs.at(-1) ?? -1) + 1,
        about: ['conversation c-1'],
      }),
      { type: 'checkpoint', note: this.note(size) },
      ...seqs.flatMap((seq): Line[] => {
        const [entry, ...openings] = this.entryLines(seq) as [Line, ...Line[]];
        if (seq >= size) return [entry, ...openings];
        const hashes = this.hashes(inclusionRanges(BigInt(seq), BigInt(size)));
        return [entry, { type: 'inclusion', seq, hashes }, ...openings];
      }),
    ];
  }
}

export async function textOf(lines: Iterable<Line>): Promise<string> {
  let text = '';
  for await (const chunk of writeBundle(lines)) text += chunk;
  return text;
}

/** Verifies a bundle that comes in pieces of any size. */
export async function check(
  bundle: string | Buffer,
  trust: Trust,
  { pieceBytes = 1_000, vouch = null }: { pieceBytes?: number; vouch?: Vouch | null } = {},
): Promise<BundleVerdict> {
  const bytes = Buffer.from(bundle);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  return verifyBundle(pieces(), trust, vouch);
}
