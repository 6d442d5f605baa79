import type { Frontier } from '../tree/frontier.js';
import { HASH_BYTES } from '../tree/node.js';
import { TILE_HEIGHT, TILE_WIDTH, tileRoot } from '../tree/tile.js';

/** 256 hashes of a tree, with the hash over them. */
export interface FullTile {
  level: number;
  index: number;
  hashes: Buffer;
  root: Buffer;
}

/** How a tree grows. */
export interface Growth {
  from: number;
  to: number;
  /** Leaf `leavesFrom` and those after it, up to `to`, one behind another. */
  leaves: Buffer;
  leavesFrom: number;
}

/** The roots of full tiles that were stored before, `from` up to, not including, `to`. */
export type ReadRoots = (range: { level: number; from: number; to: number }) => Promise<readonly Buffer[]>;

/** Which leaf a growth has to be read from, so that the tiles it fills can be made: its first, or one of those before. */
export function leavesNeededFrom({ from, to }: { from: number; to: number }): number {
  const isFilling = Math.floor(to / TILE_WIDTH) > Math.floor(from / TILE_WIDTH);
  return isFilling ? from - (from % TILE_WIDTH) : from;
}

/** The tiles that a growth fills, of every level, the lowest first. */
export async function fillTiles(growth: Growth, readRoots: ReadRoots): Promise<FullTile[]> {
  const filled: FullTile[] = [];
  let { from, to, leaves: hashes, leavesFrom: hashesFrom } = growth;
  for (let level = 0; ; level += 1) {
    const first = Math.floor(from / TILE_WIDTH);
    const end = Math.floor(to / TILE_WIDTH);
    if (first === end) return filled;
    if (hashesFrom > first * TILE_WIDTH) {
      const earlier = await readRoots({ level: level - 1, from: first * TILE_WIDTH, to: hashesFrom });
      hashes = Buffer.concat([...earlier, hashes]);
      hashesFrom = first * TILE_WIDTH;
    }
    const tiles: FullTile[] = [];
    for (let index = first; index < end; index += 1) {
      const at = index * TILE_WIDTH - hashesFrom;
      const tile = hashesAt(hashes, at, at + TILE_WIDTH);
      tiles.push({ level, index, hashes: tile, root: tileRoot(tile) });
    }
    filled.push(...tiles);
    [from, to] = [first, end];
    hashes = Buffer.concat(tiles.map(({ root }) => root));
    hashesFrom = first;
  }
}

/** Takes the leaves of a growth into the tree's right edge; what lies in tiles from end to end is hashed already. */
export function growFrontier(
  frontier: Frontier,
  { from, to, leaves, leavesFrom }: Growth,
  tiles: readonly FullTile[],
): void {
  const roots = new Map(tiles.filter(({ level }) => level === 0).map(({ index, root }) => [index * TILE_WIDTH, root]));
  let seq = from;
  while (seq < to) {
    const root = seq + TILE_WIDTH <= to ? roots.get(seq) : undefined;
    if (root === undefined) frontier.append(hashesAt(leaves, seq - leavesFrom, seq - leavesFrom + 1));
    else frontier.appendSubtree({ level: TILE_HEIGHT, root });
    seq += root === undefined ? 1 : TILE_WIDTH;
  }
}

function hashesAt(hashes: Buffer, from: number, to: number): Buffer {
  return hashes.subarray(from * HASH_BYTES, to * HASH_BYTES);
}
