import type { Pool } from '../../db/pool.js';
import { digestAt } from '../../ledger/bundle/entry.js';
import type { CanonicalValue } from '../../ledger/canonical.js';
import { nodesOf } from '../../ledger/publish/read-nodes.js';
import { subtreesOf } from '../../ledger/tree/node.js';
import { consistencyRanges, inclusionRanges, readRanges } from '../../ledger/tree/proof.js';
import { fittingOpenings, readOpenings } from './openings.js';
import { checkpointLine, headLines, type Line, type Proven, requirePublished } from './proven.js';

export interface ExportOptions {
  pool: Pool;
  fleet: string;
  /** The program as it stands in what it writes. */
  generator: string;
  proven: Proven;
  /** Decisions whose content is disclosed, as far as it is kept. */
  disclosed: readonly string[];
  /** Called with how many entries were read. */
  onEntries: (count: number) => void;
}

interface EntryRow {
  seq: number;
  kind: string;
  subject: string;
  canonical: string;
  hash: string;
}

const COLUMNS = `e.seq, e.kind, e.subject, e.canonical, encode(e.hash, 'hex') AS hash`;
const PAGE_SIZE = 1_000;

/** Every entry from `from` up to, not including, `to`, as the lines of a bundle (docs/LEDGER.md), a page at a time. */
export async function* exportRange(
  options: ExportOptions,
  { from, to }: { from: number; to: number },
): AsyncGenerator<Line> {
  const { pool, fleet, proven, generator, onEntries } = options;
  const { checkpoint } = proven;
  yield* headLines(proven, { generator, scope: 'range', from, to, about: [], content: 'disclosed' });
  if (from > 0) {
    const { size } = requirePublished(proven, from);
    const edge = await nodesOf(pool, fleet, BigInt(size))(subtreesOf({ from: 0n, to: BigInt(from) }));
    yield { type: 'frontier', size: from, hashes: edge.map(toHex) };
  }
  const openings = await readOpenings(pool, fleet, options.disclosed);
  for (let next = from; next < to; next += PAGE_SIZE) {
    const { rows } = await pool.query<EntryRow>(
      `SELECT ${COLUMNS} FROM ledger_entry e WHERE e.fleet_id = $1 AND e.seq >= $2 AND e.seq < $3 ORDER BY e.seq`,
      [fleet, next, Math.min(next + PAGE_SIZE, to)],
    );
    for (const row of rows) {
      yield* entryLines(row, openings);
      if (checkpoint !== null && checkpoint.size === row.seq + 1) yield checkpointLine(checkpoint);
    }
    onEntries(rows.length);
  }
  if (checkpoint === null || checkpoint.size <= to || from === to) return;
  const [fromSize, toSize] = [BigInt(to), BigInt(checkpoint.size)];
  const proof = await readRanges(consistencyRanges(fromSize, toSize), nodesOf(pool, fleet, toSize));
  yield { type: 'consistency', fromSize: to, hashes: proof.map(toHex) };
  yield checkpointLine(checkpoint);
}

/** These entries and no others, each with the proof that it is in the ledger. */
export async function* exportSelection(
  options: ExportOptions,
  { seqs, about }: { seqs: readonly number[]; about: readonly string[] },
): AsyncGenerator<Line> {
  const { pool, fleet, proven, generator, onEntries } = options;
  const [from = 0, to = 0] = [seqs[0], (seqs.at(-1) ?? -1) + 1];
  const checkpoint = requirePublished(proven, to);
  const size = BigInt(checkpoint.size);
  yield* headLines(proven, { generator, scope: 'selection', from, to, about, content: 'disclosed' });
  yield checkpointLine(checkpoint);
  const openings = await readOpenings(pool, fleet, options.disclosed);
  for (let at = 0; at < seqs.length; at += PAGE_SIZE) {
    const { rows } = await pool.query<EntryRow>(
      `SELECT ${COLUMNS} FROM ledger_entry e WHERE e.fleet_id = $1 AND e.seq = ANY($2::bigint[]) ORDER BY e.seq`,
      [fleet, seqs.slice(at, at + PAGE_SIZE)],
    );
    for (const row of rows) {
      const [entry, ...opened] = entryLines(row, openings);
      yield entry as Line;
      const proof = await readRanges(inclusionRanges(BigInt(row.seq), size), nodesOf(pool, fleet, size));
      yield { type: 'inclusion', seq: row.seq, hashes: proof.map(toHex) };
      yield* opened;
    }
    onEntries(rows.length);
  }
}

function* entryLines(
  { seq, kind, subject, canonical, hash }: EntryRow,
  openings: Awaited<ReturnType<typeof readOpenings>>,
): Generator<Line> {
  yield { type: 'entry', canonical, hash };
  const kept = kind === 'DECISION' || kind === 'AMENDMENT' ? openings.get(subject) : undefined;
  if (kept === undefined) return;
  const { payload } = JSON.parse(canonical) as { payload: CanonicalValue };
  for (const opening of fittingOpenings(kept, { id: subject, digestAt: (path) => digestAt(payload, path) })) {
    yield { type: 'opening', seq, ...opening };
  }
}

function toHex(hash: Buffer): string {
  return hash.toString('hex');
}
