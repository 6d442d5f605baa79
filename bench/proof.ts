import { createHash } from 'node:crypto';
import { copyRows, encodeRows } from '../src/db/copy.js';
import { createPool, inTransaction, type Pool } from '../src/db/pool.js';
import { formatCheckpoint } from '../src/ledger/note/checkpoint.js';
import { signerKey } from '../src/ledger/note/key.js';
import { formatNote, signText } from '../src/ledger/note/signed-note.js';
import { proveInclusion } from '../src/ledger/publish/proofs.js';
import { Frontier } from '../src/ledger/tree/frontier.js';
import { HASH_BYTES } from '../src/ledger/tree/node.js';
import { TILE_WIDTH, tileRoot } from '../src/ledger/tree/tile.js';
import { createLog } from '../src/log.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { median } from './rounds.js';

/** Ten million leaves in full tiles: the edge of the tree needs no entries then. */
const TILES = 39_063;
const SIZE = TILES * TILE_WIDTH;
const PROOFS = 500;
const GOAL_MS = 5;
const key = signerKey('midwatch/bench/default', Buffer.alloc(32, 7), 'note');

/**
 * Inclusion proofs of leaves anywhere in a ledger of ten million, read, put together and checked against the signed root,
 * beside reading as many tiles by their keys in one statement, which no proof out of tiles can do with less.
 */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  // The owner: publishing is what the server may do, writing ten million leaves is not.
  const pool = createPool({ url: database.url, log: createLog('silent'), role: null });
  try {
    await fill(pool);
    const proofMs: number[] = [];
    const readMs: number[] = [];
    for (let at = 0; at < PROOFS; at += 1) {
      const seq = Math.floor(((at * 0.618_033_988_75) % 1) * SIZE);
      proofMs.push(await timed(() => proveInclusion({ pool, fleet: 'default' }, { seq, treeSize: null })));
      readMs.push(await timed(() => readTiles(pool, Math.floor(seq / TILE_WIDTH))));
    }
    const p99 = [...proofMs].sort((left, right) => left - right)[Math.floor(PROOFS * 0.99)] ?? Number.NaN;
    console.log(`proof: ${PROOFS} inclusion proofs out of ${SIZE}`);
    console.log(
      `  a proof: median ${median(proofMs).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (goal: under ${GOAL_MS} ms)`,
    );
    console.log(`  reading its tiles alone: median ${median(readMs).toFixed(2)} ms`);
    console.log(`  ratio ${(median(readMs) / median(proofMs)).toFixed(2)}`);
  } finally {
    await pool.end();
    await database.drop();
    await postgres.stop();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

const readTiles = (pool: Pool, index: number) =>
  pool.query(
    `SELECT hashes FROM ledger_tile WHERE fleet_id = 'default'
     AND (level, index) IN ((0, $1), (1, $2), (0, $3))`,
    [index, Math.floor(index / TILE_WIDTH), TILES - 1],
  );

async function fill(pool: Pool): Promise<void> {
  const frontier = Frontier.empty();
  let roots: Buffer[] = [];
  let last = Buffer.alloc(HASH_BYTES);
  for (let index = 0; index < TILES; index += 1) {
    const leaves = Array.from({ length: TILE_WIDTH }, (_, at) =>
      createHash('sha256')
        .update(`${index * TILE_WIDTH + at}`)
        .digest(),
    );
    for (const leaf of leaves) frontier.append(leaf);
    last = leaves.at(-1) ?? last;
    const hashes = Buffer.concat(leaves);
    roots.push(tileRoot(hashes));
    await storeTile(pool, { level: 0, index, hashes });
    if (roots.length < TILE_WIDTH) continue;
    await storeTile(pool, { level: 1, index: Math.floor(index / TILE_WIDTH), hashes: Buffer.concat(roots) });
    roots = [];
  }
  await flush(pool);
  await publish(pool, frontier, last);
}

let waiting: (string | number | Buffer)[][] = [];

async function storeTile(
  pool: Pool,
  { level, index, hashes }: { level: number; index: number; hashes: Buffer },
): Promise<void> {
  waiting.push(['default', level, index, hashes, tileRoot(hashes)]);
  if (waiting.length >= 500) await flush(pool);
}

async function flush(pool: Pool): Promise<void> {
  const rows = waiting;
  waiting = [];
  const columns = ['fleet_id', 'level', 'index', 'hashes', 'root'];
  await inTransaction(pool, (client) => copyRows(client, { table: 'ledger_tile', columns }, encodeRows(rows)));
}

async function publish(pool: Pool, frontier: Frontier, headHash: Buffer): Promise<void> {
  const root = frontier.root();
  const text = formatCheckpoint({ origin: key.name, size: frontier.size, root, extensions: [] });
  await pool.query('INSERT INTO ledger_tree (fleet_id, size, frontier, head_hash) VALUES ($1, $2, $3, $4)', [
    'default',
    SIZE,
    frontier.bytes,
    headHash,
  ]);
  await pool.query(
    `INSERT INTO ledger_checkpoint (fleet_id, size, root_hash, note, key_id, signed_at, cosignatures)
     VALUES ('default', $1, $2, $3, $4, now(), '{}')`,
    [SIZE, root, formatNote({ text, signatures: [signText(text, key)] }), key.id],
  );
}
