import type { Clock } from '../../clock.js';
import { inTransaction, type Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { Log } from '../../log.js';
import { leafHash } from '../chain.js';
import { Frontier } from '../tree/frontier.js';
import { type CheckpointSigner, signCheckpoint } from './checkpoint-signer.js';
import { findCurrentKey } from './keys.js';
import { type LogState, loadLog, NO_LEAF, PublishFault } from './log-state.js';
import { originOf, ROOT_LOG } from './origin.js';
import {
  findCheckpointsBeside,
  type PublishedCheckpoint,
  placeRootLeaves,
  type RootLeaf,
  readRootLeaves,
  readTileRoots,
  type TreeStep,
  takeStep,
} from './store.js';
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

/**
 * The log of the installation: a leaf for the newest checkpoint of each fleet, whenever that is another. Whoever leaves a
 * fleet out of what he hands over cannot explain its leaves.
 */
export class RootLog {
  readonly #options: RootLogOptions;
  readonly #origin: string;
  #state: LogState | null = null;
  #isHalted = false;
  #dueMs = 0;

  constructor(options: RootLogOptions) {
    this.#options = options;
    this.#origin = originOf(options.installation, ROOT_LOG);
  }

  /** Takes in what fleets signed since, if it is time to. */
  async grow(): Promise<void> {
    const { clock, log, pool } = this.#options;
    if (this.#isHalted || clock.now() < this.#dueMs) return;
    try {
      const leaves = await findCheckpointsBeside(pool);
      if (leaves.length > 0) await this.#step(leaves);
      this.#dueMs = clock.now() + EVERY_MS;
    } catch (error) {
      this.#state = null;
      if (!(error instanceof PublishFault)) throw error;
      this.#isHalted = true;
      log.error(
        { err: error.message },
        'the log of the installation is not as it was signed: nothing more of it is signed',
      );
    }
  }

  async #step(added: readonly RootLeaf[]): Promise<void> {
    const { pool, signer: signers, clock, published } = this.#options;
    const state = this.#state ?? (await loadLog(pool, { fleet: ROOT_LOG, origin: this.#origin }));
    const { stored } = state;
    const from = stored?.size ?? 0;
    const to = from + added.length;
    const leavesFrom = leavesNeededFrom({ from, to });
    const known = await readRootLeaves(pool, { from: leavesFrom, to: from });
    if (known.length !== from - leavesFrom) throw new PublishFault('leaves of the log of the installation are missing');
    const hashes = [...known, ...added.map(({ note }) => note)].map((note) => Buffer.from(leafHash(note), 'hex'));
    const growth = { from, to, leaves: Buffer.concat(hashes), leavesFrom };
    const tiles = await fillTiles(growth, (range) => readTileRoots(pool, ROOT_LOG, range));
    const frontier = Frontier.read(state.frontier.size, state.frontier.bytes) as Frontier;
    growFrontier(frontier, growth, tiles);
    const signer = await signers.signerOf(ROOT_LOG, await findCurrentKey(pool, ROOT_LOG));
    const at = new Date(clock.now());
    const checkpoint = signCheckpoint(signer, { size: frontier.size, root: frontier.root(), at });
    const after = { size: to, frontier: frontier.bytes, headHash: hashes.at(-1) ?? NO_LEAF };
    const { publicKey } = signer.key;
    const checkpoints = [{ size: to, ...checkpoint }];
    await this.#write({ fleet: ROOT_LOG, before: stored, after, tiles, checkpoints, publicKey }, added);
    this.#state = { stored: after, frontier };
    published({ fleet: ROOT_LOG, size: to, ...checkpoint, cosignatures: [], witnessedAt: null, rootSeq: null });
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
