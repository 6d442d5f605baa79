import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { parseTilePath, TILE_WIDTH, tilePath, tileWidth } from '../tree/tile.js';
import { ROOT_LOG } from './origin.js';
import { noteOf } from './proofs.js';
import { isWhole, readTile } from './read-nodes.js';
import { readRootLeaves } from './root-store.js';
import { findCoverage, findNewestCheckpoint, readEntryTexts } from './store.js';

/** What C2SP tlog-tiles has under a log's prefix. */
export interface LedgerResource {
  kind: 'checkpoint' | 'tile' | 'entries';
  body: Buffer;
}

/** Whether a path below a log's prefix leads to what its leaves say, not only to their hashes. */
export function isOfEntries(path: string): boolean {
  return path.startsWith('tile/entries/');
}

/**
 * Reads `checkpoint`, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` of a log. Throws NOT_FOUND for what no published
 * checkpoint needs, LEDGER_INTEGRITY when some of it is not there.
 */
export async function readResource(pool: Pool, fleet: string, path: string): Promise<LedgerResource> {
  if (path === 'checkpoint') return readCheckpoint(pool, fleet);
  const tile = parseTilePath(path);
  if (tile === null) throw new AppError('NOT_FOUND', `${path} is no tile: see https://c2sp.org/tlog-tiles`);
  const { level, index, width } = tile;
  const { publishedSize } = await findCoverage(pool, fleet);
  const wide = tileWidth({ level: level === 'entries' ? 0 : level, index }, BigInt(publishedSize));
  if (width > wide) {
    const there = wide === 0 ? 'nothing' : `no more than ${tilePath({ ...tile, width: wide })}`;
    throw new AppError('NOT_FOUND', `the tree of ${publishedSize} entries has ${there} of ${path}`);
  }
  if (level === 'entries') return { kind: 'entries', body: await readBundle(pool, fleet, { index, width }) };
  const body = await readTile(pool, fleet, { level, index, width });
  if (!isWhole(body, width)) throw missing(path);
  return { kind: 'tile', body };
}

async function readCheckpoint(pool: Pool, fleet: string): Promise<LedgerResource> {
  const newest = await findNewestCheckpoint(pool, fleet);
  if (newest === null) throw new AppError('NOT_FOUND', 'nothing of this ledger is published yet');
  return { kind: 'checkpoint', body: Buffer.from(noteOf(newest)) };
}

const LENGTH_BYTES = 2;
const LENGTH_MAX = 0xffff;

/** Entries as C2SP tlog-tiles has them, each behind its length. */
async function readBundle(
  pool: Pool,
  fleet: string,
  { index, width }: { index: bigint; width: number },
): Promise<Buffer> {
  const from = Number(index) * TILE_WIDTH;
  const range = { from, to: from + width };
  const texts = fleet === ROOT_LOG ? await readRootLeaves(pool, range) : await readEntryTexts(pool, fleet, range);
  if (texts.length !== width) throw missing(`the entries from ${from} on`);
  return Buffer.concat(texts.flatMap((text, at) => withLength(Buffer.from(text), from + at)));
}

function withLength(bytes: Buffer, seq: number): Buffer[] {
  if (bytes.length > LENGTH_MAX) {
    throw new AppError('NOT_FOUND', `entry ${seq} is longer than an entry bundle can hold: read it over GraphQL`);
  }
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(bytes.length);
  return [length, bytes];
}

function missing(what: string): AppError {
  return new AppError('LEDGER_INTEGRITY', `some of ${what} is missing: have the ledger verified`);
}
