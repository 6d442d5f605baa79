import type { Clock } from '../../clock.js';
import { inTransaction, type Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { Log } from '../../log.js';
import { MINUTE_MS } from '../../time.js';
import { leafHash } from '../chain.js';
import { type FleetHead, fleetListLeaf, formatFleetList } from '../note/fleet-list.js';
import { Frontier } from '../tree/frontier.js';
import { type CheckpointSigner, signCheckpoint } from './checkpoint-signer.js';
import { findCurrentKey } from './keys.js';
import { type LogState, loadLog, PublishFault } from './log-state.js';
import { originOf, ROOT_LOG } from './origin.js';
import {
  findCheckpointsBeside,
  findFleetsLeaf,
  placeRootLeaves,
  type RootLeaf,
  readFleetHeads,
  readRootLeaves,
} from './root-store.js';
import { isRootWanted } from './root-wish.js';
import { type PublishedCheckpoint, readTileRoots, type TreeStep, takeStep } from './store.js';
import { fillTiles, growFrontier, leavesNeededFrom } from './tiles.js';

export interface RootLogOptions {
  pool: Pool;
  installation: string;
  signer: CheckpointSigner;
  published: (checkpoint: PublishedCheckpoint) => void;
  clock: Clock;
  log: Log;
}

/** A busy fleet signs every second: that every tenth becomes a leaf keeps the log of the installation small. */
const EVERY_MS = 10_000;
/** After a fault, what is stored is held against what was signed again as often: somebody may have mended it. */
const RETRY_MS = 10 * MINUTE_MS;

/** The log as far as it was published. */
interface RootState extends LogState {
  /** By origin, as the leaves have them. */
  heads: Map<string, FleetHead>;
  /** Whether its last leaf commits to them; not in a log that began before such leaves. */
  isCommitted: boolean;
}

/**
 * The log of the installation: a leaf for the newest checkpoint of each fleet, whenever that is another, and behind them one that
 * commits to the heads of all fleets. Whoever leaves a fleet out of what he hands over cannot explain it.
 */
export class RootLog {
  readonly #options: RootLogOptions;
  readonly #origin: string;
  #state: RootState | null = null;
  /** After a fault: until then nothing is tried. */
  #haltedUntilMs = Number.NEGATIVE_INFINITY;
  #dueMs = 0;

  constructor(options: RootLogOptions) {
    this.#options = options;
    this.#origin = originOf(options.installation, ROOT_LOG);
  }

  /** Takes in what fleets signed since, if it is time to or somebody waits for it. */
  async grow(): Promise<void> {
    const { clock, log, pool } = this.#options;
    if (clock.now() < this.#haltedUntilMs) return;
    if (clock.now() < this.#dueMs && !(await isRootWanted(pool))) return;
    try {
      const added = await findCheckpointsBeside(pool);
      const state = this.#state ?? (await this.#load());
      this.#state = state;
      if (added.length > 0 || !state.isCommitted) await this.#step(state, added);
      this.#dueMs = clock.now() + EVERY_MS;
    } catch (error) {
      this.#state = null;
      if (!(error instanceof PublishFault)) throw error;
      this.#haltedUntilMs = clock.now() + RETRY_MS;
      log.error(
        { err: error.message },
        'the log of the installation is not as it was signed: nothing of it is signed until it is',
      );
    }
  }

  /** Throws PublishFault when what is stored of it, or of the fleets in it, is not what was signed. */
  async #load(): Promise<RootState> {
    const { pool, installation } = this.#options;
    const state = await loadLog(pool, { fleet: ROOT_LOG, origin: this.#origin });
    const size = state.stored?.size ?? 0;
    const heads = await readFleetHeads(pool, { installation, size });
    const leaf = await findFleetsLeaf(pool, size);
    if (
      leaf !== null &&
      (leaf !== fleetListLeaf(formatFleetList(heads)) || !state.stored?.headHash.equals(hashOf(leaf)))
    ) {
      throw new PublishFault('the fleets of the log of the installation are not those that were signed');
    }
    return {
      ...state,
      heads: new Map(heads.map((head) => [head.origin, head])),
      isCommitted: leaf !== null || heads.length === 0,
    };
  }

  async #step({ stored, frontier: before, heads: known }: RootState, added: readonly RootLeaf[]): Promise<void> {
    const { pool, signer: signers, clock, published } = this.#options;
    const from = stored?.size ?? 0;
    const to = from + added.length + 1;
    const heads = this.#headsAfter(known, added);
    const leaf = fleetListLeaf(formatFleetList([...heads.values()]));
    const leavesFrom = leavesNeededFrom({ from, to });
    const earlier = await readRootLeaves(pool, { from: leavesFrom, to: from });
    if (earlier.length !== from - leavesFrom) {
      throw new PublishFault('leaves of the log of the installation are missing');
    }
    const hashes = [...earlier, ...added.map(({ note }) => note), leaf].map(hashOf);
    const growth = { from, to, leaves: Buffer.concat(hashes), leavesFrom };
    const tiles = await fillTiles(growth, (range) => readTileRoots(pool, ROOT_LOG, range));
    const frontier = Frontier.read(before.size, before.bytes) as Frontier;
    growFrontier(frontier, growth, tiles);
    const signer = await signers.signerOf(ROOT_LOG, await findCurrentKey(pool, ROOT_LOG));
    const at = new Date(clock.now());
    const checkpoint = signCheckpoint(signer, { size: frontier.size, root: frontier.root(), at });
    const after = { size: to, frontier: frontier.bytes, headHash: hashOf(leaf) };
    const { publicKey } = signer.key;
    const checkpoints = [{ size: to, ...checkpoint }];
    await this.#write({ fleet: ROOT_LOG, before: stored, after, tiles, checkpoints, publicKey, leaf }, added);
    this.#state = { stored: after, frontier, heads, isCommitted: true };
    published({ fleet: ROOT_LOG, size: to, ...checkpoint, cosignatures: [], witnessedAt: null, rootSeq: to - 1 });
  }

  #headsAfter(known: ReadonlyMap<string, FleetHead>, added: readonly RootLeaf[]): Map<string, FleetHead> {
    const heads = new Map(known);
    for (const { fleet, size, rootHash } of added) {
      const origin = originOf(this.#options.installation, fleet);
      heads.set(origin, { origin, size: BigInt(size), root: rootHash });
    }
    return heads;
  }

  #write(step: TreeStep, added: readonly RootLeaf[]): Promise<void> {
    return inTransaction(this.#options.pool, async (client) => {
      if (!(await takeStep(client, step))) {
        throw new AppError(
          'UNAVAILABLE',
          'the log of the installation cannot be signed under this lease or with this key now',
        );
      }
      await placeRootLeaves(client, added, step.before?.size ?? 0);
    });
  }
}

function hashOf(leaf: string): Buffer {
  return Buffer.from(leafHash(leaf), 'hex');
}
