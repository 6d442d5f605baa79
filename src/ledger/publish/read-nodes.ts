import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { leafHash } from '../chain.js';
import { HASH_BYTES } from '../tree/node.js';
import type { ReadNodes } from '../tree/proof.js';
import { nodeInTile, TILE_WIDTH, type TileId, tileOf, tileWidth } from '../tree/tile.js';
import { ROOT_LOG } from './origin.js';
import { readRootLeaves } from './root-store.js';
import { readLeaves, readTileRoots } from './store.js';

/**
 * Gives the nodes of a log's tree as it was when it had `size` leaves, which were published. Throws LEDGER_INTEGRITY when some
 * of what they are made of is not there.
 */
export function nodesOf(pool: Pool, fleet: string, size: bigint): ReadNodes {
  return async (nodes) => {
    const tiles = distinct(nodes.map((node) => ({ ...tileOf(node), width: tileWidth(tileOf(node), size) })));
    const read = await readTiles(pool, fleet, [...tiles.values()]);
    for (const tile of tiles.values()) requireWhole(read.get(keyOf(tile)), tile);
    return nodes.map((node) => nodeInTile(node, read.get(keyOf(tileOf(node))) as Buffer));
  };
}

/** Tiles by `<level>/<index>`, as far as they are there: full ones from where they lie, others from what lies below. */
async function readTiles(pool: Pool, fleet: string, tiles: readonly TileId[]): Promise<Map<string, Buffer>> {
  const full = tiles.filter(({ width }) => width === TILE_WIDTH);
  const partial = tiles.filter(({ width }) => width < TILE_WIDTH);
  const read = new Map([...(await readFullTiles(pool, fleet, full))].map(([key, { hashes }]) => [key, hashes]));
  await Promise.all(partial.map(async (tile) => read.set(keyOf(tile), await readHashes(pool, fleet, tile))));
  return read;
}

/** The hashes of one tile; shorter than its width when not all of them are there. */
export async function readTile(pool: Pool, fleet: string, tile: TileId): Promise<Buffer> {
  if (tile.width < TILE_WIDTH) return readHashes(pool, fleet, tile);
  return (await readFullTiles(pool, fleet, [tile])).get(keyOf(tile))?.hashes ?? Buffer.alloc(0);
}

/** Full tiles as they lie, by `<level>/<index>`. */
export async function readFullTiles(
  pool: Pool,
  fleet: string,
  tiles: readonly TileId[],
): Promise<Map<string, { hashes: Buffer; root: Buffer }>> {
  if (tiles.length === 0) return new Map();
  const { rows } = await pool.query<{ level: number; index: number; hashes: Buffer; root: Buffer }>(
    `SELECT t.level, t.index, t.hashes, t.root FROM unnest($2::int[], $3::bigint[]) AS wanted (level, index)
     JOIN ledger_tile t ON t.fleet_id = $1 AND t.level = wanted.level AND t.index = wanted.index`,
    [fleet, tiles.map(({ level }) => level), tiles.map(({ index }) => index)],
  );
  return new Map(rows.map(({ level, index, ...tile }) => [keyOf({ level, index: BigInt(index) }), tile]));
}

async function readHashes(pool: Pool, fleet: string, { level, index, width }: TileId): Promise<Buffer> {
  const from = Number(index) * TILE_WIDTH;
  const range = { from, to: from + width };
  if (level > 0) return Buffer.concat(await readTileRoots(pool, fleet, { level: level - 1, ...range }));
  if (fleet === ROOT_LOG) return Buffer.concat((await readRootLeaves(pool, range)).map(hashOfNote));
  return (await readLeaves(pool, fleet, range)).hashes;
}

function hashOfNote(note: string): Buffer {
  return Buffer.from(leafHash(note), 'hex');
}

const keyOf = ({ level, index }: Omit<TileId, 'width'>) => `${level}/${index}`;

function distinct(tiles: readonly TileId[]): Map<string, TileId> {
  return new Map(tiles.map((tile) => [keyOf(tile), tile]));
}

function requireWhole(hashes: Buffer | undefined, tile: TileId): void {
  if (hashes !== undefined && isWhole(hashes, tile.width)) return;
  throw new AppError('LEDGER_INTEGRITY', `hashes of tile ${keyOf(tile)} are missing: have the ledger verified`);
}

/** Whether bytes are as many hashes as a tile has. */
export function isWhole(tile: Buffer, width: number): boolean {
  return tile.length === width * HASH_BYTES;
}
