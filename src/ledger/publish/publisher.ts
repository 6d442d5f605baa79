import type { Clock } from '../../clock.js';
import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { Log } from '../../log.js';
import { Rounds } from '../../rounds.js';
import { MINUTE_MS } from '../../time.js';
import { Frontier } from '../tree/frontier.js';
import { HASH_BYTES } from '../tree/node.js';
import { CheckpointSigner, type LogSigner, signCheckpoint } from './checkpoint-signer.js';
import { type LogState, loadLog, NO_LEAF, PublishFault } from './log-state.js';
import { originOf, readInstallation } from './origin.js';
import { RootLog } from './root-log.js';
import type { SigningKeys } from './signing-keys.js';
import {
  findLogBehind,
  findLogsBehind,
  findTree,
  type Leaves,
  type LogBehind,
  type PublishedCheckpoint,
  readLeaves,
  readTileRoots,
  removePassingCheckpoints,
  renewCheckpoints,
  type StoredTree,
  takeStep,
} from './store.js';
import { fillTiles, leavesNeededFrom } from './tiles.js';

export interface PublisherOptions {
  pool: Pool;
  keys: SigningKeys;
  /** Called with each checkpoint that was signed, or signed anew, after it was stored: this is where witnesses are asked. */
  published: (checkpoint: PublishedCheckpoint) => void;
  /** Called once a log, when something is not as it was signed. */
  faulty: (fleet: string, fault: PublishFault) => void;
  clock: Clock;
  log: Log;
}

const EVERY_MS = 300;
/** Entries that one checkpoint adds at most. */
const STEP_MAX = 1_000;
/** Logs that are worked on at once. */
const TOGETHER_MAX = 4;
const HEARTBEAT_MS = MINUTE_MS;
/** Checkpoints that no log has as a leaf are kept for as long. */
const PASSING_KEPT_MS = 60 * MINUTE_MS;

/**
 * Publishes what was committed: takes the hashes of new entries into the tree over each ledger and signs its head, within a
 * second or 1,000 entries. An idle log is signed anew every minute, so that silence is not taken for health. What it signs
 * goes on from what it signed before, or is not signed.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #states = new Map<string, LogState>();
  readonly #halted = new Set<string>();
  /** The work under way, by log: one step follows another. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #rounds: Rounds;
  #home: { installation: string; signer: CheckpointSigner; root: RootLog } | null = null;
  #upkeepDueMs = 0;
  #complaint: string | null = null;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#rounds = new Rounds(EVERY_MS, () => this.#attempt());
  }

  start(): void {
    this.#rounds.start();
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await Promise.all(this.#turns.values());
  }

  /** One round over all logs: what is committed by now is published. Rejects with what went wrong last. */
  async round(): Promise<void> {
    const { pool, clock } = this.#options;
    const behind = (await findLogsBehind(pool)).filter(({ fleet }) => !this.#halted.has(fleet));
    const failures: unknown[] = [];
    await Promise.all(
      Array.from({ length: TOGETHER_MAX }, async () => {
        for (let next = behind.shift(); next !== undefined; next = behind.shift()) {
          await this.publish(next.fleet).catch((error: unknown) => failures.push(error));
        }
      }),
    );
    const { root } = await this.#open();
    await root.grow();
    if (clock.now() >= this.#upkeepDueMs) await this.#renew();
    if (failures.length > 0) throw failures[0];
  }

  /** Publishes a fleet's ledger as far as it is committed now, and resolves when that is done. */
  async publish(fleet: string): Promise<void> {
    const before = this.#turns.get(fleet) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#catchUp(fleet));
    this.#turns.set(fleet, turn);
    await turn.finally(() => {
      if (this.#turns.get(fleet) === turn) this.#turns.delete(fleet);
    });
  }

  async #attempt(): Promise<void> {
    try {
      await this.round();
      this.#complaint = null;
    } catch (error) {
      const complaint = String(error);
      if (complaint !== this.#complaint) this.#options.log.warn({ err: complaint }, 'not published yet: trying again');
      this.#complaint = complaint;
    }
  }

  async #open() {
    const { pool, keys, clock } = this.#options;
    if (this.#home === null) {
      const installation = await readInstallation(pool);
      const signer = new CheckpointSigner({ pool, installation, keys, clock });
      this.#home = { installation, signer, root: new RootLog({ ...this.#options, installation, signer }) };
    }
    return this.#home;
  }

  async #catchUp(fleet: string): Promise<void> {
    if (this.#halted.has(fleet)) return;
    try {
      for (let behind = await this.#find(fleet); behind !== null; behind = await this.#find(fleet)) {
        await this.#step(behind);
      }
    } catch (error) {
      this.#states.delete(fleet);
      if (!(error instanceof PublishFault)) throw error;
      this.#halted.add(fleet);
      this.#options.faulty(fleet, error);
    }
  }

  #find(fleet: string): Promise<LogBehind | null> {
    return findLogBehind(this.#options.pool, fleet);
  }

  async #step({ fleet, size, publicKey, fromSize }: LogBehind): Promise<void> {
    const { pool, published } = this.#options;
    const { installation, signer: signers } = await this.#open();
    const state = this.#states.get(fleet) ?? (await loadLog(pool, { fleet, origin: originOf(installation, fleet) }));
    const from = state.stored?.size ?? 0;
    if (size < from) throw new PublishFault(`the ledger has ${size} entries, and ${from} were signed`, size);
    const signer = await signers.signerOf(fleet, publicKey && { publicKey, fromSize });
    const to = Math.min(size, Math.max(from + STEP_MAX, signer.fromSize));
    const leavesFrom = leavesNeededFrom({ from, to });
    const leaves = await readLeaves(pool, fleet, { from: leavesFrom, to });
    const fault = findLeafFault(leaves, { leavesFrom, from, to, headHash: state.stored?.headHash ?? NO_LEAF });
    if (fault !== null) throw fault;
    const next = await this.#take(state, { fleet, leaves, leavesFrom, from, to, signer });
    if (next === null) return this.#explainRefusal(fleet, state);
    this.#states.set(fleet, next.state);
    published(next.checkpoint);
  }

  /** The state after the step and the checkpoint over it; null when the log was not where it was thought to be. */
  async #take(
    { stored, frontier }: LogState,
    { fleet, leaves, leavesFrom, from, to, signer }: Step,
  ): Promise<{ state: LogState; checkpoint: PublishedCheckpoint } | null> {
    const { pool, clock } = this.#options;
    const hashes = splitHashes(leaves.hashes);
    const grown = Frontier.read(frontier.size, frontier.bytes) as Frontier;
    for (const hash of hashes.slice(from - leavesFrom)) grown.append(hash);
    const growth = { from, to, leaves: hashes, leavesFrom };
    const tiles = await fillTiles(growth, (range) => readTileRoots(pool, fleet, range));
    const headHash = hashes.at(-1) ?? stored?.headHash ?? NO_LEAF;
    const after = { size: to, frontier: grown.bytes, headHash };
    const at = new Date(clock.now());
    const checkpoint = signCheckpoint(signer, { size: grown.size, root: grown.root(), at });
    const { publicKey } = signer.key;
    if (!(await takeStep(pool, { fleet, before: stored, after, tiles, checkpoint, publicKey }))) return null;
    return {
      state: { stored: after, frontier: grown },
      checkpoint: { fleet, size: to, ...checkpoint, cosignatures: [], witnessedAt: null, rootSeq: null },
    };
  }

  /** A step that was not taken: the key or the lease is another by now, or the tree is, which is nobody else's to change. */
  async #explainRefusal(fleet: string, { stored }: LogState): Promise<never> {
    const found = await findTree(this.#options.pool, fleet);
    const isUnchanged = found === null ? stored === null : stored !== null && isSameTree(found, stored);
    if (!isUnchanged) throw new PublishFault('the stored tree was changed by somebody else');
    throw new AppError('UNAVAILABLE', `the ledger of ${fleet} cannot be signed under this lease or with this key now`);
  }

  async #renew(): Promise<void> {
    const { pool, clock, published } = this.#options;
    const nowMs = clock.now();
    const renewed = await renewCheckpoints(pool, { before: new Date(nowMs - HEARTBEAT_MS), at: new Date(nowMs) });
    await removePassingCheckpoints(pool, new Date(nowMs - PASSING_KEPT_MS));
    this.#upkeepDueMs = nowMs + HEARTBEAT_MS / 4;
    for (const checkpoint of renewed) published(checkpoint);
  }
}

interface Step {
  fleet: string;
  leaves: Leaves;
  leavesFrom: number;
  from: number;
  to: number;
  signer: LogSigner;
}

function isSameTree(left: StoredTree, right: StoredTree): boolean {
  return left.size === right.size && left.frontier.equals(right.frontier) && left.headHash.equals(right.headHash);
}

function splitHashes(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, at) => hashAt(bytes, at));
}

function hashAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

/** Why these leaves do not continue the tree; null when they do. */
function findLeafFault(
  { hashes, previousHashes, missing }: Leaves,
  { leavesFrom, from, to, headHash }: { leavesFrom: number; from: number; to: number; headHash: Buffer },
): PublishFault | null {
  const end = missing ?? to;
  for (let seq = leavesFrom; seq < end; seq += 1) {
    const at = seq - leavesFrom;
    const before = at > 0 ? hashAt(hashes, at - 1) : seq === from ? headHash : null;
    if (before !== null && !hashAt(previousHashes, at).equals(before)) {
      return new PublishFault(`previousHash of seq ${seq} is not the hash of the entry before`, seq);
    }
    if (seq === from - 1 && !hashAt(hashes, at).equals(headHash)) {
      return new PublishFault(`the hash of seq ${seq} is not the one that was signed`, seq);
    }
  }
  return missing === null ? null : new PublishFault(`seq ${missing} is missing`, missing);
}
