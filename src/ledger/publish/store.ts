import { type Client, LEASE_HELD, type Pool } from '../../db/pool.js';
import { HASH_BYTES } from '../tree/node.js';
import type { FullTile } from './tiles.js';

/** A checkpoint as it was signed, and what witnesses said of it. */
export interface PublishedCheckpoint {
  /** `ROOT_LOG` for the log of the installation. */
  fleet: string;
  size: number;
  rootHash: Buffer;
  /** The signed note without cosignatures. */
  note: string;
  keyId: string;
  /** When it was last said to be the newest. */
  signedAt: Date;
  /** Lines as they stand in a note, each with its newline. */
  cosignatures: readonly string[];
  /** When enough of the witnesses had cosigned it. */
  witnessedAt: Date | null;
  /** Its place in the log of the installation; null while, or if, it has none. */
  rootSeq: number | null;
}

export const CHECKPOINT_COLUMNS = `c.fleet_id AS fleet, c.size, c.root_hash AS "rootHash", c.note, c.key_id AS "keyId",
  c.signed_at AS "signedAt", c.cosignatures, c.witnessed_at AS "witnessedAt", c.root_seq AS "rootSeq"`;

/** The right edge of a tree as it is stored. */
export interface StoredTree {
  size: number;
  frontier: Buffer;
  /** Of the last leaf. */
  headHash: Buffer;
}

/** The tree of a log; null when nothing of it was published. */
export async function findTree(pool: Pool, fleet: string): Promise<StoredTree | null> {
  const { rows } = await pool.query<StoredTree>(
    'SELECT size, frontier, head_hash AS "headHash" FROM ledger_tree WHERE fleet_id = $1',
    [fleet],
  );
  return rows[0] ?? null;
}

/** The tree of a log and the size of its newest checkpoint, both as they were at one moment. */
export async function findPublished(
  pool: Pool,
  fleet: string,
): Promise<{ tree: StoredTree | null; signedSize: number | null }> {
  const { rows } = await pool.query<StoredTree & { size: number | null; signedSize: number | null }>(
    `SELECT t.size, t.frontier, t.head_hash AS "headHash", c.size AS "signedSize"
     FROM (SELECT max(size) AS size FROM ledger_checkpoint WHERE fleet_id = $1) c
     LEFT JOIN ledger_tree t ON t.fleet_id = $1`,
    [fleet],
  );
  const [{ signedSize, ...tree }] = rows as [StoredTree & { size: number | null; signedSize: number | null }];
  return { tree: tree.size === null ? null : tree, signedSize };
}

/** The newest checkpoint of a log; null when it has none. */
export async function findNewestCheckpoint(pool: Pool, fleet: string): Promise<PublishedCheckpoint | null> {
  const { rows } = await pool.query<PublishedCheckpoint>(
    `SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c WHERE c.fleet_id = $1 ORDER BY c.size DESC LIMIT 1`,
    [fleet],
  );
  return rows[0] ?? null;
}

/** The checkpoint of exactly this size; null when there was none, or it is not kept any more. */
export async function findCheckpoint(pool: Pool, fleet: string, size: number): Promise<PublishedCheckpoint | null> {
  const { rows } = await pool.query<PublishedCheckpoint>(
    `SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c WHERE c.fleet_id = $1 AND c.size = $2`,
    [fleet, size],
  );
  return rows[0] ?? null;
}

/** The checkpoints of sizes above one, up to another, by size. */
export async function findCheckpointsBetween(
  pool: Pool,
  fleet: string,
  { above, to }: { above: number; to: number },
): Promise<PublishedCheckpoint[]> {
  const { rows } = await pool.query<PublishedCheckpoint>(
    `SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c
     WHERE c.fleet_id = $1 AND c.size > $2 AND c.size <= $3 ORDER BY c.size`,
    [fleet, above, to],
  );
  return rows;
}

/** How far a ledger is published and witnessed: the sizes of the newest checkpoints, 0 where there are none. */
export interface Coverage {
  publishedSize: number;
  witnessedSize: number;
}

export async function findCoverage(pool: Pool, fleet: string): Promise<Coverage> {
  const { rows } = await pool.query<Coverage>(
    `SELECT coalesce((SELECT size FROM ledger_tree WHERE fleet_id = $1), 0) AS "publishedSize",
       coalesce((SELECT max(size) FROM ledger_checkpoint WHERE fleet_id = $1 AND witnessed_at IS NOT NULL), 0)
         AS "witnessedSize"`,
    [fleet],
  );
  return rows[0] as Coverage;
}

/** A log whose newest entries are not published, or that was never said to be there. */
export interface LogBehind {
  fleet: string;
  /** How many entries the ledger has. */
  size: number;
  /** The key in force, and the smallest tree that it may sign; null when none is yet. */
  publicKey: Buffer | null;
  fromSize: number;
}

const BEHIND = `SELECT f.id AS fleet, coalesce(h.size, 0) AS size, k.public_key AS "publicKey",
    coalesce(k.from_size, 0) AS "fromSize"
  FROM fleet f LEFT JOIN ledger_head h ON h.fleet_id = f.id LEFT JOIN ledger_tree t ON t.fleet_id = f.id
    LEFT JOIN ledger_key k ON k.fleet_id = f.id AND k.to_size IS NULL
  WHERE (t.size IS NULL OR t.size <> coalesce(h.size, 0))`;

/** The fleets whose ledgers go on beyond their checkpoints. */
export async function findLogsBehind(pool: Pool): Promise<LogBehind[]> {
  const { rows } = await pool.query<LogBehind>(BEHIND);
  return rows;
}

/** How one fleet's ledger goes on beyond its checkpoint; null when it does not. */
export async function findLogBehind(pool: Pool, fleet: string): Promise<LogBehind | null> {
  const { rows } = await pool.query<LogBehind>(`${BEHIND} AND f.id = $1`, [fleet]);
  return rows[0] ?? null;
}

/** Leaves of a fleet's tree, each the hash of an entry, with the hashes that the entries name as those before them. */
export interface Leaves {
  /** One after another. */
  hashes: Buffer;
  previousHashes: Buffer;
  /** The first place whose entry is missing; null when there is one at each. */
  missing: number | null;
}

/** The leaves of entries `from` up to, not including, `to`: of those that are there, in their order. */
export async function readLeaves(
  pool: Pool,
  fleet: string,
  { from, to }: { from: number; to: number },
): Promise<Leaves> {
  // As one row: what the driver does for each row costs as much as hashing it.
  const { rows } = await pool.query<{
    hashes: Buffer;
    previousHashes: Buffer;
    count: number;
    misplaced: number | null;
  }>(
    `SELECT count(*) AS count, coalesce(string_agg(hash, '' ORDER BY seq), '') AS hashes,
       coalesce(string_agg(previous_hash, '' ORDER BY seq), '') AS "previousHashes",
       min(place) FILTER (WHERE seq <> place OR length(hash) <> $4::int OR length(previous_hash) <> $4::int) AS misplaced
     FROM (
       SELECT seq, hash, previous_hash, $2::bigint - 1 + row_number() OVER (ORDER BY seq) AS place
       FROM ledger_entry WHERE fleet_id = $1 AND seq >= $2 AND seq < $3
     ) AS leaf`,
    [fleet, from, to, HASH_BYTES],
  );
  const { count, misplaced, ...leaves } = rows[0] as (typeof rows)[number];
  return { ...leaves, missing: misplaced ?? (count < to - from ? from + count : null) };
}

/** What entries `from` up to, not including, `to` say: of those that are there, in their order. */
export async function readEntryTexts(
  pool: Pool,
  fleet: string,
  { from, to }: { from: number; to: number },
): Promise<string[]> {
  const { rows } = await pool.query<{ canonical: string }>(
    'SELECT canonical FROM ledger_entry WHERE fleet_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq',
    [fleet, from, to],
  );
  return rows.map(({ canonical }) => canonical);
}

/** The hashes of a higher level: roots of the full tiles below, `from` up to, not including, `to`. */
export async function readTileRoots(
  pool: Pool,
  fleet: string,
  { level, from, to }: { level: number; from: number; to: number },
): Promise<Buffer[]> {
  const { rows } = await pool.query<{ root: Buffer }>(
    `SELECT root FROM ledger_tile WHERE fleet_id = $1 AND level = $2 AND index >= $3 AND index < $4 ORDER BY index`,
    [fleet, level, from, to],
  );
  return rows.map(({ root }) => root);
}

/** One step of a tree and the checkpoints over it. */
export interface TreeStep {
  fleet: string;
  /** What it goes on from; null when the log begins. */
  before: StoredTree | null;
  after: StoredTree;
  tiles: readonly FullTile[];
  /** By size, the last of them over all of the step. */
  checkpoints: readonly Pick<PublishedCheckpoint, 'size' | 'rootHash' | 'note' | 'keyId' | 'signedAt'>[];
  /** Of the key that signed them. */
  publicKey: Buffer;
  /** The last leaf of the log of the installation, which no checkpoint of a fleet is; null in a fleet's log. */
  leaf: string | null;
}

/** Nothing of a step is there before all of it is; whoever comes second, or signs with a key that is not in force, changes nothing. */
const STEP = `
  WITH tree AS (
    INSERT INTO ledger_tree AS known (fleet_id, size, frontier, head_hash)
    SELECT $1, $2::bigint, $3::bytea, $4::bytea FROM installation
    WHERE ${LEASE_HELD}
      AND EXISTS (SELECT FROM ledger_key WHERE fleet_id = $1 AND public_key = $5 AND to_size IS NULL)
      AND ($6::bigint IS NULL) = NOT EXISTS (SELECT FROM ledger_tree WHERE fleet_id = $1)
    ON CONFLICT (fleet_id) DO UPDATE
      SET size = EXCLUDED.size, frontier = EXCLUDED.frontier, head_hash = EXCLUDED.head_hash
      WHERE known.size = $6 AND known.frontier = $7 AND known.head_hash = $8
    RETURNING size
  ), tiles AS (
    INSERT INTO ledger_tile (fleet_id, level, index, hashes, root)
    SELECT $1, full_tile.* FROM tree,
      unnest($9::int[], $10::bigint[], $11::bytea[], $12::bytea[]) AS full_tile
  )
  INSERT INTO ledger_checkpoint (fleet_id, size, root_hash, note, key_id, signed_at, cosignatures, leaf, root_seq)
  SELECT $1, signed.*, '{}', $18::text, CASE WHEN $18::text IS NOT NULL THEN signed.size - 1 END FROM tree,
    unnest($13::bigint[], $14::bytea[], $15::text[], $16::text[], $17::timestamptz[]) AS signed (size, root_hash, note, key_id, signed_at)`;

/** Takes a step, whole or not at all; false when the log is not where it was to go on from. */
export async function takeStep(database: Pool | Client, step: TreeStep): Promise<boolean> {
  const { fleet, before, after, tiles, checkpoints, publicKey, leaf } = step;
  const { rowCount } = await database.query(STEP, [
    fleet,
    after.size,
    after.frontier,
    after.headHash,
    publicKey,
    before?.size ?? null,
    before?.frontier ?? null,
    before?.headHash ?? null,
    tiles.map(({ level }) => level),
    tiles.map(({ index }) => index),
    tiles.map(({ hashes }) => hashes),
    tiles.map(({ root }) => root),
    checkpoints.map(({ size }) => size),
    checkpoints.map(({ rootHash }) => rootHash),
    checkpoints.map(({ note }) => note),
    checkpoints.map(({ keyId }) => keyId),
    checkpoints.map(({ signedAt }) => signedAt),
    leaf,
  ]);
  return rowCount === checkpoints.length;
}

/** Has the newest checkpoints that were last signed before `before` signed anew at `at`; returns them. */
export async function renewCheckpoints(
  pool: Pool,
  { before, at }: { before: Date; at: Date },
): Promise<PublishedCheckpoint[]> {
  const { rows } = await pool.query<PublishedCheckpoint>(
    `UPDATE ledger_checkpoint c SET signed_at = $2 FROM ledger_tree t, installation
     WHERE t.fleet_id = c.fleet_id AND t.size = c.size AND c.signed_at < $1 AND ${LEASE_HELD}
     RETURNING ${CHECKPOINT_COLUMNS}`,
    [before, at],
  );
  return rows;
}

/** Lets go of checkpoints of the past: no log has them as a leaf, and the newest ones tell all that they told. */
export async function removePassingCheckpoints(pool: Pool, before: Date): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM ledger_checkpoint c WHERE c.signed_at < $1 AND c.root_seq IS NULL
       AND EXISTS (SELECT FROM ledger_checkpoint n WHERE n.fleet_id = c.fleet_id AND n.size > c.size)
       AND (c.witnessed_at IS NULL OR EXISTS (SELECT FROM ledger_checkpoint n
         WHERE n.fleet_id = c.fleet_id AND n.size > c.size AND n.witnessed_at IS NOT NULL))`,
    [before],
  );
  return rowCount ?? 0;
}
