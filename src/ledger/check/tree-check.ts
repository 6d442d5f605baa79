import type { Pool } from '../../db/pool.js';
import { findCheckpointFault } from '../publish/log-state.js';
import { readFullTiles } from '../publish/read-nodes.js';
import { findCheckpointsBetween, type PublishedCheckpoint, type StoredTree } from '../publish/store.js';
import type { FullTile } from '../publish/tiles.js';
import { Frontier } from '../tree/frontier.js';
import { HASH_BYTES } from '../tree/node.js';
import { TILE_WIDTH, tileRoot } from '../tree/tile.js';

/** What is wrong, and the first seq that it is about; null where no single entry is to blame. */
export interface CheckFault {
  seq: number | null;
  fault: string;
}

/** What was published of a ledger when the check began. */
export interface PublishedState {
  fleet: string;
  origin: string;
  tree: StoredTree | null;
  /** Of the newest checkpoint; null when there is none. */
  signedSize: number | null;
  publicKeys: readonly Buffer[];
}

/** Builds a ledger's tree again, leaf by leaf, and holds what is stored and what was signed against it. */
export class TreeCheck {
  readonly #pool: Pool;
  readonly #published: PublishedState;
  readonly #frontier = Frontier.empty();
  /** The hashes of the tile at the right edge, by level, and how many are full already. */
  readonly #edges: { hashes: Buffer[]; filled: number }[] = [];

  constructor(pool: Pool, published: PublishedState) {
    this.#pool = pool;
    this.#published = published;
  }

  /** What is wrong before the first leaf is looked at; null when nothing is. */
  async begin(): Promise<CheckFault | null> {
    const { fleet, tree, signedSize } = this.#published;
    if ((tree?.size ?? null) !== signedSize) {
      return { seq: null, fault: 'the stored tree is not of the size that was signed last' };
    }
    return this.#findFaultHere(await findCheckpointsBetween(this.#pool, fleet, { above: -1, to: 0 }));
  }

  /** Takes the hashes of the next leaves; returns what is wrong with what was stored or signed of them. */
  async take(leaves: readonly Buffer[]): Promise<CheckFault | null> {
    const { fleet, tree } = this.#published;
    const from = Number(this.#frontier.size);
    const published = tree?.size ?? 0;
    const range = { above: from, to: Math.min(from + leaves.length, published) };
    const checkpoints = await findCheckpointsBetween(this.#pool, fleet, range);
    const filled: FullTile[] = [];
    for (const leaf of leaves) {
      this.#frontier.append(leaf);
      this.#fill(0, leaf, filled);
      const fault = this.#findFaultHere(checkpoints);
      if (fault !== null) return fault;
    }
    return this.#findTileFault(
      filled.filter(({ level, index }) => (index + 1) * TILE_WIDTH ** (level + 1) <= published),
    );
  }

  #fill(level: number, hash: Buffer, filled: FullTile[]): void {
    const edge = this.#edges[level] ?? { hashes: [], filled: 0 };
    this.#edges[level] = edge;
    edge.hashes.push(hash);
    if (edge.hashes.length < TILE_WIDTH) return;
    const hashes = Buffer.concat(edge.hashes);
    const root = tileRoot(hashes);
    filled.push({ level, index: edge.filled, hashes, root });
    edge.hashes = [];
    edge.filled += 1;
    this.#fill(level + 1, root, filled);
  }

  #findFaultHere(checkpoints: readonly PublishedCheckpoint[]): CheckFault | null {
    const { origin, publicKeys, tree } = this.#published;
    const size = Number(this.#frontier.size);
    const checkpoint = checkpoints.find((each) => each.size === size);
    if (checkpoint !== undefined) {
      const fault = findCheckpointFault(checkpoint, { origin, root: this.#frontier.root(), publicKeys });
      if (fault !== null) return { seq: null, fault };
    }
    return tree?.size === size ? this.#findTreeFault(tree) : null;
  }

  #findTreeFault({ size, frontier }: StoredTree): CheckFault | null {
    const isSame = frontier.equals(this.#frontier.bytes);
    return isSame ? null : { seq: null, fault: `the stored tree of ${size} entries is not the one of its entries` };
  }

  async #findTileFault(filled: readonly FullTile[]): Promise<CheckFault | null> {
    const wanted = filled.map(({ level, index }) => ({ level, index: BigInt(index), width: TILE_WIDTH }));
    const stored = await readFullTiles(this.#pool, this.#published.fleet, wanted);
    for (const { level, index, hashes, root } of filled) {
      const found = stored.get(`${level}/${index}`);
      if (found === undefined) return { seq: null, fault: `tile ${level}/${index} is missing` };
      if (!found.hashes.equals(hashes)) {
        const fault = `tile ${level}/${index} is not the one of its entries`;
        return { seq: level === 0 ? index * TILE_WIDTH + findDifference(found.hashes, hashes) : null, fault };
      }
      if (!found.root.equals(root))
        return { seq: null, fault: `the stored root of tile ${level}/${index} is not its own` };
    }
    return null;
  }
}

/** The place of the first hash that two tiles differ in. */
function findDifference(left: Buffer, right: Buffer): number {
  let at = 0;
  while (left[at] === right[at]) at += 1;
  return Math.floor(at / HASH_BYTES);
}
