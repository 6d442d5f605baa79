import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import type { BundleLine } from '../ledger/bundle/line.js';
import { formatFleetList } from '../ledger/note/fleet-list.js';
import { formatVerifierKey, verifierKey } from '../ledger/note/key.js';
import { findKeys } from '../ledger/publish/keys.js';
import { originOf, ROOT_LOG, readInstallation } from '../ledger/publish/origin.js';
import { noteOf } from '../ledger/publish/proofs.js';
import { nodesOf } from '../ledger/publish/read-nodes.js';
import { findRooted, readFleetHeads } from '../ledger/publish/root-store.js';
import { CHECKPOINT_COLUMNS, type PublishedCheckpoint } from '../ledger/publish/store.js';
import { type LeafRange, subtreesOf } from '../ledger/tree/node.js';
import { consistencyRanges, inclusionRanges, readRanges } from '../ledger/tree/proof.js';

type LineOf<Type> = Extract<BundleLine, { type: Type }>;

/** Who a log is, by name and keys. */
export interface LogIdentity {
  origin: string;
  keys: LineOf<'key'>[];
}

export async function readIdentity(pool: Pool, fleet: string): Promise<LogIdentity> {
  const origin = originOf(await readInstallation(pool), fleet);
  const keys = await findKeys(pool, fleet);
  const vkeys = keys.map(({ publicKey }) => formatVerifierKey(verifierKey(origin, publicKey, 'note')));
  return { origin, keys: vkeys.map((vkey) => ({ type: 'key', vkey })) };
}

/** A checkpoint that proves a bundle, and the checkpoint of the log of the installation that names it; null without one. */
export interface ProvingCheckpoint {
  checkpoint: PublishedCheckpoint;
  root: PublishedCheckpoint | null;
}

/**
 * The checkpoint of this size, or a larger one: all prove the same. The first that the log of the installation has is taken, since
 * it stays the same for ever; while there is none, the next that is still kept. Null when none is.
 */
export async function findProvingCheckpoint(
  pool: Pool,
  fleet: string,
  size: number,
): Promise<ProvingCheckpoint | null> {
  const rooted = await findRooted(pool, { fleet, size });
  if (rooted !== null) return rooted;
  const { rows } = await pool.query<PublishedCheckpoint>(
    `SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c WHERE c.fleet_id = $1 AND c.size >= $2 ORDER BY c.size LIMIT 1`,
    [fleet, size],
  );
  return rows[0] === undefined ? null : { checkpoint: rows[0], root: null };
}

/**
 * What the log of the installation says of all fleets at one of its checkpoints; null when what proves it is damaged: the entries are
 * given out all the same, to whoever has to find out what happened.
 */
export async function installationLine(pool: Pool, root: PublishedCheckpoint): Promise<LineOf<'installation'> | null> {
  const { size } = root;
  const heads = await readFleetHeads(pool, { installation: await readInstallation(pool), size });
  try {
    const proofs = await inclusionLines({ pool, fleet: ROOT_LOG, size }, [size - 1]);
    const { hashes } = proofs.get(size - 1) as LineOf<'inclusion'>;
    return { type: 'installation', note: noteOf(root), hashes, fleets: formatFleetList(heads) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'LEDGER_INTEGRITY') return null;
    throw error;
  }
}

/**
 * Checkpoints on the way, which bracket in time what lies between them: the last of each day and key that the log of the
 * installation has, and so keeps. Sizes above `from` and below `to`, in their order.
 */
export async function findMilestones(
  pool: Pool,
  fleet: string,
  { from, to }: { from: number; to: number },
): Promise<PublishedCheckpoint[]> {
  const { rows } = await pool.query<PublishedCheckpoint>(
    `SELECT * FROM (
       SELECT DISTINCT ON (c.key_id, (c.signed_at AT TIME ZONE 'UTC')::date) ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c
       WHERE c.fleet_id = $1 AND c.size > $2 AND c.size < $3 AND c.root_seq IS NOT NULL
       ORDER BY c.key_id, (c.signed_at AT TIME ZONE 'UTC')::date, c.size DESC) milestone
     ORDER BY size`,
    [fleet, from, to],
  );
  return rows;
}

export function checkpointLine(checkpoint: PublishedCheckpoint): LineOf<'checkpoint'> {
  return { type: 'checkpoint', note: noteOf(checkpoint) };
}

interface Tree {
  pool: Pool;
  fleet: string;
  /** Of a tree that was published. */
  size: number;
}

/** The right edge of the tree before a range's first entry. */
export async function frontierLine({ pool, fleet, size }: Tree, from: number): Promise<LineOf<'frontier'>> {
  const edge = await nodesOf(pool, fleet, BigInt(size))(subtreesOf({ from: 0n, to: BigInt(from) }));
  return { type: 'frontier', size: from, hashes: edge.map(toHex) };
}

/** That the tree of the first `fromSize` entries is the beginning of the published one. */
export async function consistencyLine({ pool, fleet, size }: Tree, fromSize: number): Promise<LineOf<'consistency'>> {
  const proof = await readRanges(consistencyRanges(BigInt(fromSize), BigInt(size)), nodesOf(pool, fleet, BigInt(size)));
  return { type: 'consistency', fromSize, hashes: proof.map(toHex) };
}

/** That these entries are in the published tree, by seq. All hashes are read at once. */
export async function inclusionLines(
  { pool, fleet, size }: Tree,
  seqs: readonly number[],
): Promise<Map<number, LineOf<'inclusion'>>> {
  const paths = seqs.map((seq): LeafRange[] => inclusionRanges(BigInt(seq), BigInt(size)));
  const hashes = (await readRanges(paths.flat(), nodesOf(pool, fleet, BigInt(size)))).map(toHex);
  return new Map(
    seqs.map((seq, at) => [seq, { type: 'inclusion', seq, hashes: hashes.splice(0, paths[at]?.length ?? 0) }]),
  );
}

function toHex(hash: Buffer): string {
  return hash.toString('hex');
}
