import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { BUNDLE_FORMAT, type BundleLine, type EndLine } from '../ledger/bundle/line.js';
import { writeBundle } from '../ledger/bundle/write.js';
import type { PublishedCheckpoint } from '../ledger/publish/store.js';
import { findTimestamp } from '../timestamp/store.js';
import { type EntryRow, withContent } from './content.js';
import type { ExportPlan } from './plan.js';
import {
  checkpointLine,
  consistencyLine,
  findMilestones,
  findProvingCheckpoint,
  frontierLine,
  inclusionLines,
  installationLine,
  readIdentity,
} from './proven.js';

export interface ExportOptions {
  pool: Pool;
  plan: ExportPlan;
  /** The program as it stands in what it writes. */
  generator: string;
  /** The policy that the installation's witnesses are asked under (C2SP tlog-policy), for information; null without one. */
  policy: string | null;
  /** Called with how many entries were read since it was called last. */
  progressed: (entries: number) => void;
}

type Line = Exclude<BundleLine, EndLine>;

const COLUMNS = `e.seq, e.kind, e.subject, e.recorded_at AS "recordedAt", e.canonical, encode(e.hash, 'hex') AS hash`;
const PAGE_SIZE = 500;

/**
 * Writes a bundle (docs/LEDGER.md), a page at a time and in constant memory. What is stored is handed out as it is: whether
 * it was tampered with is for the verifier to say. Throws LEDGER_INTEGRITY when what proofs are made of is not there.
 */
export function exportBundle(options: ExportOptions): AsyncGenerator<string> {
  return writeBundle(bundleLines(options));
}

/** The same, as lines without the end. */
export async function* bundleLines(options: ExportOptions): AsyncGenerator<Line> {
  const { pool, plan, generator, policy } = options;
  const { fleet, entries, about } = plan;
  const proving = await findProvingCheckpoint(pool, fleet, plan.size);
  if (proving === null) throw new AppError('UNAVAILABLE', `the checkpoint of size ${plan.size} is not kept any more`);
  const { checkpoint, root } = proving;
  const { origin, keys } = await readIdentity(pool, fleet);
  const isRange = 'from' in entries;
  const [from, to] = isRange ? [entries.from, entries.to] : [entries.seqs[0] ?? 0, (entries.seqs.at(-1) ?? -1) + 1];
  const scope = isRange ? 'range' : 'selection';
  const content = plan.content === 'disclosed' && plan.contentOf !== null ? 'chosen' : plan.content;
  yield { type: 'manifest', format: BUNDLE_FORMAT, generator, origin, fleet, scope, from, to, about, content };
  yield* keys;
  if (policy !== null) yield { type: 'policy', text: policy };
  if (isRange) yield* rangeLines(options, entries, checkpoint);
  else yield* selectionLines(options, entries.seqs, checkpoint);
  // An empty range, or one of nothing but an unpublished tail, has no checkpoint that could be named.
  if (root === null || (isRange && (from === to || from >= checkpoint.size))) return;
  const word = await installationLine(pool, root);
  if (word === null) return;
  yield word;
  const timestamp = await findTimestamp(pool, root.size);
  if (timestamp !== null) yield { type: 'timestamp', token: timestamp.token.toString('base64') };
}

async function* rangeLines(
  options: ExportOptions,
  { from, to }: { from: number; to: number },
  checkpoint: PublishedCheckpoint,
): AsyncGenerator<Line> {
  const { pool, plan } = options;
  const tree = { pool, fleet: plan.fleet, size: checkpoint.size };
  if (from > 0) yield await frontierLine(tree, from);
  const milestones = await findMilestones(pool, plan.fleet, { from, to: Math.min(to, checkpoint.size) });
  const onTheWay = checkpoint.size > from && checkpoint.size <= to ? [...milestones, checkpoint] : milestones;
  for (let next = from; next < to; next += PAGE_SIZE) {
    const { rows } = await pool.query<EntryRow>(
      `SELECT ${COLUMNS} FROM ledger_entry e WHERE e.fleet_id = $1 AND e.seq >= $2 AND e.seq < $3 ORDER BY e.seq`,
      [plan.fleet, next, Math.min(next + PAGE_SIZE, to)],
    );
    for await (const { entry, openings } of withOpenings(options, rows)) {
      yield { type: 'entry', canonical: entry.canonical, hash: entry.hash };
      yield* openings;
      while ((onTheWay[0]?.size ?? Number.POSITIVE_INFINITY) <= entry.seq + 1) {
        yield checkpointLine(onTheWay.shift() as PublishedCheckpoint);
      }
    }
    options.progressed(rows.length);
  }
  // What is left of them covers entries that are not there any more, and says so.
  yield* onTheWay.map(checkpointLine);
  if (checkpoint.size <= to || from === to) return;
  yield await consistencyLine(tree, to);
  yield checkpointLine(checkpoint);
}

async function* selectionLines(
  options: ExportOptions,
  seqs: readonly number[],
  checkpoint: PublishedCheckpoint,
): AsyncGenerator<Line> {
  const { pool, plan } = options;
  yield checkpointLine(checkpoint);
  for (let at = 0; at < seqs.length; at += PAGE_SIZE) {
    const page = seqs.slice(at, at + PAGE_SIZE);
    const { rows } = await pool.query<EntryRow>(
      `SELECT ${COLUMNS} FROM ledger_entry e WHERE e.fleet_id = $1 AND e.seq = ANY($2::bigint[]) ORDER BY e.seq`,
      [plan.fleet, page],
    );
    const proofs = await inclusionLines({ pool, fleet: plan.fleet, size: checkpoint.size }, page);
    for await (const { entry, openings } of withOpenings(options, rows)) {
      yield { type: 'entry', canonical: entry.canonical, hash: entry.hash };
      yield proofs.get(entry.seq) as Line;
      yield* openings;
    }
    options.progressed(rows.length);
  }
}

async function* withOpenings({ pool, plan }: ExportOptions, rows: readonly EntryRow[]): ReturnType<typeof withContent> {
  const chosen = plan.contentOf && new Set(plan.contentOf);
  const isTold = ({ subject }: EntryRow) => plan.content === 'disclosed' && (chosen === null || chosen.has(subject));
  const told = withContent(pool, plan.fleet, rows.filter(isTold));
  for (const entry of rows) {
    const next = isTold(entry) ? await told.next() : undefined;
    yield next?.value ?? { entry, openings: [] };
  }
}
