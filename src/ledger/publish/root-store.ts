import type { Client, Pool } from '../../db/pool.js';
import { IS_CONTRADICTED } from '../contradiction.js';
import type { FleetHead } from '../note/fleet-list.js';
import { originOf, ROOT_LOG } from './origin.js';
import { CHECKPOINT_COLUMNS, type PublishedCheckpoint } from './store.js';

/** A fleet's newest checkpoint that the log of the installation does not have. */
export interface RootLeaf {
  fleet: string;
  size: number;
  rootHash: Buffer;
  note: string;
}

/** Those that are no leaf yet, by fleet; none while a witness contradicts the log of the installation. */
export async function findCheckpointsBeside(pool: Pool): Promise<RootLeaf[]> {
  const { rows } = await pool.query<RootLeaf>(
    `SELECT c.fleet_id AS fleet, c.size, c.root_hash AS "rootHash", c.note FROM ledger_checkpoint c
     JOIN ledger_tree t ON t.fleet_id = c.fleet_id AND t.size = c.size
     WHERE c.root_seq IS NULL AND c.fleet_id <> $1 AND NOT ${IS_CONTRADICTED} ORDER BY c.fleet_id`,
    [ROOT_LOG],
  );
  return rows;
}

/** Leaves of the log of the installation, `from` up to, not including, `to`. */
export async function readRootLeaves(pool: Pool, { from, to }: { from: number; to: number }): Promise<string[]> {
  const { rows } = await pool.query<{ leaf: string }>(
    `SELECT coalesce(leaf, note) AS leaf FROM ledger_checkpoint WHERE root_seq >= $1 AND root_seq < $2 ORDER BY root_seq`,
    [from, to],
  );
  return rows.map(({ leaf }) => leaf);
}

/** Notes where in the log of the installation checkpoints are, from `firstSeq` on. */
export async function placeRootLeaves(client: Client, leaves: readonly RootLeaf[], firstSeq: number): Promise<void> {
  await client.query(
    `UPDATE ledger_checkpoint c SET root_seq = $3 + leaf.place - 1
     FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS leaf (fleet_id, size, place)
     WHERE c.fleet_id = leaf.fleet_id AND c.size = leaf.size AND c.root_seq IS NULL`,
    [leaves.map(({ fleet }) => fleet), leaves.map(({ size }) => size), firstSeq],
  );
}

/** The last leaf of the log of the installation, where it commits to all fleets; null in a log that began before such leaves. */
export async function findFleetsLeaf(pool: Pool, size: number): Promise<string | null> {
  const { rows } = await pool.query<{ leaf: string | null }>(
    'SELECT leaf FROM ledger_checkpoint WHERE fleet_id = $1 AND size = $2',
    [ROOT_LOG, size],
  );
  return rows[0]?.leaf ?? null;
}

/** The head of every fleet in the first `size` leaves of the log of the installation. */
export async function readFleetHeads(
  pool: Pool,
  { installation, size }: { installation: string; size: number },
): Promise<FleetHead[]> {
  const { rows } = await pool.query<{ fleet: string; size: number; rootHash: Buffer }>(
    `SELECT t.fleet_id AS fleet, head.size, head.root_hash AS "rootHash" FROM ledger_tree t
     CROSS JOIN LATERAL (SELECT c.size, c.root_hash FROM ledger_checkpoint c
       WHERE c.fleet_id = t.fleet_id AND c.root_seq < $2 ORDER BY c.root_seq DESC LIMIT 1) head
     WHERE t.fleet_id <> $1`,
    [ROOT_LOG, size],
  );
  return rows.map(({ fleet, size: of, rootHash }) => ({
    origin: originOf(installation, fleet),
    size: BigInt(of),
    root: rootHash,
  }));
}

/** A checkpoint of a fleet's ledger, and the first of the log of the installation that names it among all fleets. */
export interface RootedCheckpoint {
  checkpoint: PublishedCheckpoint;
  root: PublishedCheckpoint;
}

/**
 * What the log of the installation first said of a ledger that had `size` entries or more; null while it said nothing. It never
 * changes once it is there: none of it is let go of.
 */
export async function findRooted(
  pool: Pool,
  { fleet, size }: { fleet: string; size: number },
): Promise<RootedCheckpoint | null> {
  const {
    rows: [root],
  } = await pool.query<PublishedCheckpoint>(
    `SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c
     WHERE c.fleet_id = $1 AND c.leaf IS NOT NULL AND c.size > (SELECT root_seq FROM ledger_checkpoint
       WHERE fleet_id = $2 AND size >= $3 AND root_seq IS NOT NULL ORDER BY size LIMIT 1)
     ORDER BY c.size LIMIT 1`,
    [ROOT_LOG, fleet, size],
  );
  if (root === undefined) return null;
  const {
    rows: [checkpoint],
  } = await pool.query<PublishedCheckpoint>(
    `SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c
     WHERE c.fleet_id = $1 AND c.root_seq < $2 ORDER BY c.root_seq DESC LIMIT 1`,
    [fleet, root.size],
  );
  return checkpoint === undefined ? null : { checkpoint, root };
}
