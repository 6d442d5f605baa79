import { createHash, hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { commitDecision } from '../src/decision/record/payload.js';
import { readEntry } from '../src/ledger/bundle/entry.js';
import { BUNDLE_FORMAT, type BundleLine, type EndLine, findEntry } from '../src/ledger/bundle/line.js';
import { splitLines } from '../src/ledger/bundle/split.js';
import { verifyBundle } from '../src/ledger/bundle/verify.js';
import { leafHashIn, Walk } from '../src/ledger/bundle/walk.js';
import { writeBundle } from '../src/ledger/bundle/write.js';
import { canonicalize } from '../src/ledger/canonical.js';
import { EMPTY_HEAD, extendChain, type Head } from '../src/ledger/chain.js';
import { formatCheckpoint } from '../src/ledger/note/checkpoint.js';
import { signerKey } from '../src/ledger/note/key.js';
import { formatNote, signText } from '../src/ledger/note/signed-note.js';
import { Frontier } from '../src/ledger/tree/frontier.js';
import { makeDecision, makeStep } from '../test/support/decision.js';
import { median, spread } from './rounds.js';

const ENTRIES = 1_000_000;
const ROUNDS = 3;
const GOAL = 0.6;
const ORIGIN = 'midwatch/bench/prod';
const READ_BYTES = 1_048_576;
const key = signerKey(ORIGIN, Buffer.alloc(32, 7), 'note');

/**
 * Offline verification of a million entries against SHA-256 of the same bytes, in CPU time of one process: `entries` hashes
 * each entry by itself, which no verifier can do with less; `file` hashes the file from end to end. Hashes and tree are the
 * whole proof; that each entry is in canonical form is checked too by `midwatch verify`, and stated apart.
 */
export async function run(): Promise<void> {
  const folder = await fs.mkdtemp(path.join(tmpdir(), 'midwatch-bench-'));
  const file = path.join(folder, 'bundle.jsonl');
  try {
    const root = await writeFile(file);
    const { size } = await fs.stat(file);
    const runs = {
      'SHA-256 of the file': () => hashFile(file),
      'SHA-256 of each entry': () => hashEntries(file),
      'hashes, links and tree': () => proveEntries(file, root),
      'canonical form': () => readEntries(file),
      'midwatch verify, all of it': () => verify(file),
    };
    const times = await measure(runs);
    console.log(`verify: ${ENTRIES} entries, ${(size / 1e9).toFixed(2)} GB, CPU time of one process`);
    for (const [name, seconds] of Object.entries(times)) {
      const perEntry = (median(seconds) / ENTRIES) * 1e6;
      console.log(`  ${name.padEnd(28)} ${median(seconds).toFixed(2)} s, ${perEntry.toFixed(2)} µs an entry`);
    }
    const proven = times['hashes, links and tree'];
    console.log(
      `  SHA-256 of each entry / proof: ${spread(times['SHA-256 of each entry'], proven)} (goal: at least ${GOAL})`,
    );
    console.log(`  SHA-256 of the file / proof:   ${spread(times['SHA-256 of the file'], proven)}`);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

async function measure<Name extends string>(runs: Record<Name, () => Promise<void>>): Promise<Record<Name, number[]>> {
  const names = Object.keys(runs) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      const before = process.cpuUsage();
      await runs[name]();
      const { user, system } = process.cpuUsage(before);
      times[name].push((user + system) / 1e6);
    }
  }
  return times;
}

type Line = Exclude<BundleLine, EndLine>;

/** Writes the bundle; returns the root its checkpoint is of. */
async function writeFile(file: string): Promise<Buffer> {
  const frontier = Frontier.empty();
  const steps = Array.from({ length: 4 }, (_, at) => makeStep({ name: `step ${at}`, arguments: 'a', result: 'b' }));
  const committed = commitDecision(makeDecision({ input: 'a question', output: 'an answer', steps }), {
    spanIds: [],
    sampled: true,
  });
  const payload = canonicalize(committed.payload);
  function* lines(): Generator<Line> {
    yield {
      type: 'manifest',
      format: BUNDLE_FORMAT,
      generator: 'bench',
      origin: ORIGIN,
      fleet: 'prod',
      scope: 'range',
      from: 0,
      to: ENTRIES,
      about: [],
      content: 'withheld',
    };
    let head: Head = EMPTY_HEAD;
    for (let at = 0; at < ENTRIES; at += 1_000) {
      const drafts = Array.from({ length: 1_000 }, (_, index) => ({
        kind: 'DECISION' as const,
        subject: `decision-${at + index}`,
        payload,
      }));
      const entries = extendChain('prod', head, { drafts, recordedAt: '2026-11-30T08:00:00.000Z' });
      head = entries.at(-1) as Head;
      for (const entry of entries) {
        frontier.append(Buffer.from(entry.hash, 'hex'));
        yield { type: 'entry', canonical: entry.canonical, hash: entry.hash };
      }
    }
    const text = formatCheckpoint({ origin: ORIGIN, size: BigInt(ENTRIES), root: frontier.root(), extensions: [] });
    yield { type: 'checkpoint', note: formatNote({ text, signatures: [signText(text, key)] }) };
  }
  await pipeline(Readable.from(writeBundle(lines())), createWriteStream(file));
  return frontier.root();
}

const read = (file: string) => createReadStream(file, { highWaterMark: READ_BYTES });

async function hashFile(file: string): Promise<void> {
  const digest = createHash('sha256');
  for await (const chunk of read(file)) digest.update(chunk);
  digest.digest('hex');
}

async function eachEntry(
  file: string,
  take: (line: Buffer, place: { from: number; to: number; hash: string }) => void,
) {
  let count = 0;
  await splitLines(read(file), (line) => {
    const place = findEntry(line);
    if (place === null) return;
    take(line, place);
    count += 1;
  });
  if (count !== ENTRIES) throw new Error(`${count} entries were read`);
}

const hashEntries = (file: string) =>
  eachEntry(file, (line, { from, to }) => void hash('sha256', line.subarray(from, to), 'hex'));

const readEntries = (file: string) => eachEntry(file, (line, { from, to }) => void readEntry(line.subarray(from, to)));

const PREVIOUS = Buffer.from('"previousHash":"');

async function proveEntries(file: string, root: Buffer): Promise<void> {
  const walk = Walk.from(0, Buffer.alloc(0)) as Walk;
  await eachEntry(file, (line, place) => {
    const digits = leafHashIn(line, place);
    if (digits !== place.hash) throw new Error('a hash is wrong');
    const at = line.lastIndexOf(PREVIOUS, place.to) + PREVIOUS.length;
    const previousHash = line.toString('latin1', at, at + 64);
    const fault = walk.take({ seq: walk.next, previousHash, hash: digits });
    if (fault !== null) throw new Error(fault.problem);
  });
  if (!walk.root().equals(root)) throw new Error('the tree is another');
}

async function verify(file: string): Promise<void> {
  const { outcome } = await verifyBundle(read(file), { key, policy: null, held: [] });
  if (outcome !== 'intact') throw new Error(`the bundle is ${outcome}`);
}
