import assert from 'node:assert';
import { foldSubtrees, HASH_BYTES, type NodeId } from './node.js';

/** Hashes in a full tile, and how many levels of the tree one level of tiles spans (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
const TILE_LEVEL_MAX = 63;

/** One tile: its hashes are those of perfect subtrees of 256^level leaves. */
export interface TileId {
  level: number;
  index: bigint;
  /** How many hashes it has: 256, or fewer at the right edge of the tree. */
  width: number;
}

/** The tile's path as C2SP tlog-tiles has it, e.g. `tile/0/x001/x234/067.p/8`. `level` may be `entries`. */
export function tilePath({ level, index, width }: Omit<TileId, 'level'> & { level: number | 'entries' }): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const elements = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${elements}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const TILE_PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** What a path names; null when it is none of C2SP tlog-tiles, or not the one way to write it. */
export function parseTilePath(path: string): (Omit<TileId, 'level'> & { level: number | 'entries' }) | null {
  const [, level, elements, width] = TILE_PATH.exec(path) ?? [];
  if (level === undefined || elements === undefined) return null;
  const tile = {
    level: level === 'entries' ? ('entries' as const) : Number(level),
    index: BigInt(elements.replace(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const isKnown = tile.level === 'entries' || tile.level <= TILE_LEVEL_MAX;
  return isKnown && tilePath(tile) === path ? tile : null;
}

/** How many hashes the tile has in a tree of `size` leaves; 0 when it is beyond its edge. */
export function tileWidth({ level, index }: Omit<TileId, 'width'>, size: bigint): number {
  const there = (size >> BigInt(TILE_HEIGHT * level)) - index * BigInt(TILE_WIDTH);
  if (there <= 0n) return 0;
  return there >= BigInt(TILE_WIDTH) ? TILE_WIDTH : Number(there);
}

/** The tile a node can be computed from. */
export function tileOf({ level, index }: NodeId): Omit<TileId, 'width'> {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  return { level: tileLevel, index: index >> BigInt(TILE_HEIGHT * (tileLevel + 1) - level) };
}

/** The hash of a node out of the tile it lies in. The tile is wide enough to have it. */
export function nodeInTile({ level, index }: NodeId, tile: Buffer): Buffer {
  const height = level % TILE_HEIGHT;
  const width = 2 ** height;
  const at = Number(index & BigInt(TILE_WIDTH / width - 1)) * width;
  assert((at + width) * HASH_BYTES <= tile.length, `the tile has no node ${level}/${index}`);
  return perfectRoot(tile, at, width);
}

/** The hash over all of a full tile's hashes: one hash of the tile above it. */
export function tileRoot(tile: Buffer): Buffer {
  return perfectRoot(tile, 0, TILE_WIDTH);
}

function perfectRoot(tile: Buffer, at: number, width: number): Buffer {
  if (width === 1) return tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  const half = width / 2;
  return foldSubtrees([perfectRoot(tile, at, half), perfectRoot(tile, at + half, half)]);
}
