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
import { fillTiles, growFrontier, leavesNeededFrom } from './tiles.js';

export interface PublisherOptions {
  pool: Pool;
  keys: SigningKeys;
  /** Called with each checkpoint that was signed, or signed anew, after it was stored: this is where witnesses are asked. */
  published: (checkpoint: PublishedCheckpoint) => void;
  /** Called when something of a log is not as it was signed: nothing more of it is signed then. */
  faulty: (fleet: string, fault: PublishFault) => void;
  clock: Clock;
  log: Log;
}

const EVERY_MS = 300;
/** Entries that one checkpoint adds at most, unless the key in force may not sign so small a tree. */
const CHECKPOINT_MAX = 1_000;
/** Entries that are taken in with one commit at most. */
const STEP_MAX = 8 * CHECKPOINT_MAX;
/** Logs that are worked on at once. */
const TOGETHER_MAX = 4;
const HEARTBEAT_MS = MINUTE_MS;
/** Checkpoints that no log has as a leaf are kept for as long. */
const PASSING_KEPT_MS = 60 * MINUTE_MS;

/**
 * Publishes what was committed: takes the hashes of new entries into the tree over each ledger and signs its head, within a
 * second or 1,000 entries. An idle log is signed anew every minute, so that silence is not taken for health. What it signs
 * goes on from what it signed before, or is not signed: then the log is halted until it was found sound.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #states = new Map<string, LogState>();
  /** Logs with a fault, and when it was found, milliseconds since the epoch. */
  readonly #halted = new Map<string, number>();
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

  /** How many logs nothing is signed of, since something of them is not as it was signed. */
  get halted(): number {
    return this.#halted.size;
  }

  /**
   * Goes on with a log that was halted, where a walk over all of it that began after that, at `begunMs`, found it sound: somebody
   * mended it. Should the publisher find otherwise, it halts and tells of it anew.
   */
  resume(fleet: string, begunMs: number): void {
    const haltedMs = this.#halted.get(fleet);
    if (haltedMs === undefined || begunMs <= haltedMs) return;
    this.#halted.delete(fleet);
    this.#options.log.warn({ fleet }, 'the ledger was found sound again: it is signed from here on');
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
      this.#halted.set(fleet, this.#options.clock.now());
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
    for (const checkpoint of next.checkpoints) published(checkpoint);
  }

  /** The state after the step and the checkpoints over it; null when the log was not where it was thought to be. */
  async #take(
    { stored, frontier }: LogState,
    { fleet, leaves, leavesFrom, from, to, signer }: Step,
  ): Promise<{ state: LogState; checkpoints: PublishedCheckpoint[] } | null> {
    const { pool, clock } = this.#options;
    const growth = { from, to, leaves: leaves.hashes, leavesFrom };
    const tiles = await fillTiles(growth, (range) => readTileRoots(pool, fleet, range));
    const grown = Frontier.read(frontier.size, frontier.bytes) as Frontier;
    const at = new Date(clock.now());
    const checkpoints = stopsOf({ from, to, signer }).map((size) => {
      growFrontier(grown, { ...growth, from: Number(grown.size), to: size }, tiles);
      return { size, ...signCheckpoint(signer, { size: grown.size, root: grown.root(), at }) };
    });
    // A copy: the state is kept, and the leaves need not be.
    const last = to > leavesFrom ? Buffer.from(hashAt(leaves.hashes, to - leavesFrom - 1)) : null;
    const after = { size: to, frontier: grown.bytes, headHash: last ?? stored?.headHash ?? NO_LEAF };
    const { publicKey } = signer.key;
    if (!(await takeStep(pool, { fleet, before: stored, after, tiles, checkpoints, publicKey, leaf: null })))
      return null;
    return {
      state: { stored: after, frontier: grown },
      checkpoints: checkpoints.map((one) => ({ fleet, ...one, cosignatures: [], witnessedAt: null, rootSeq: null })),
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

/** The sizes of the trees that a step signs. */
function stopsOf({ from, to, signer }: Pick<Step, 'from' | 'to' | 'signer'>): number[] {
  const count = Math.max(0, Math.ceil((to - from) / CHECKPOINT_MAX) - 1);
  const between = Array.from({ length: count }, (_, at) => from + (at + 1) * CHECKPOINT_MAX);
  return [...between.filter((size) => size >= signer.fromSize), to];
}

function isSameTree(left: StoredTree, right: StoredTree): boolean {
  return left.size === right.size && left.frontier.equals(right.frontier) && left.headHash.equals(right.headHash);
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
  if (from === leavesFrom && end > from && !hashAt(previousHashes, 0).equals(headHash)) return brokenLink(from);
  if (from > leavesFrom && end >= from && !hashAt(hashes, from - 1 - leavesFrom).equals(headHash)) {
    return new PublishFault(`the hash of seq ${from - 1} is not the one that was signed`, from - 1);
  }
  const broken = findBrokenLink({ hashes, previousHashes }, end - leavesFrom);
  if (broken !== null) return brokenLink(leavesFrom + broken);
  return missing === null ? null : new PublishFault(`seq ${missing} is missing`, missing);
}

/** Which of the first leaves does not name the hash of the one before it; null when all do. */
function findBrokenLink(
  { hashes, previousHashes }: Pick<Leaves, 'hashes' | 'previousHashes'>,
  count: number,
): number | null {
  const bytes = Math.max(0, count - 1) * HASH_BYTES;
  if (hashes.subarray(0, bytes).equals(previousHashes.subarray(HASH_BYTES, HASH_BYTES + bytes))) return null;
  let at = 1;
  while (hashAt(previousHashes, at).equals(hashAt(hashes, at - 1))) at += 1;
  return at;
}

function brokenLink(seq: number): PublishFault {
  return new PublishFault(`previousHash of seq ${seq} is not the hash of the entry before`, seq);
}
