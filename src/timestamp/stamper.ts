import type { Clock } from '../clock.js';
import { Backoff } from '../cosign/backoff.js';
import type { Pool } from '../db/pool.js';
import { ROOT_LOG } from '../ledger/publish/origin.js';
import { findCheckpoint, findNewestCheckpoint, type PublishedCheckpoint } from '../ledger/publish/store.js';
import type { Log } from '../log.js';
import { Rounds } from '../rounds.js';
import type { Authority, Outcome } from './authority.js';
import { findStampWishes } from './stamp-wish.js';
import { findNewestTimestamp, findTimestamp, keepTimestamp } from './store.js';

export interface StamperOptions {
  pool: Pool;
  authority: Pick<Authority, 'stamp'>;
  /** Between two tokens, in milliseconds. */
  everyMs: number;
  /** Told of every answer. */
  observe: (outcome: Outcome['kind']) => void;
  clock: Clock;
  log: Log;
}

const TICK_MS = 1_000;
/** There is one authority to wait for. */
const AUTHORITY = 'authority';

/** Has the newest head of the log of the installation time-stamped every so often, and those that bundles wait for at once. */
export class Stamper {
  readonly #options: StamperOptions;
  readonly #rounds: Rounds;
  readonly #backoff: Backoff;
  /** When the next token is due; null: not known yet. */
  #dueMs: number | null = null;
  /** What is wrong; told when it is news. */
  #trouble: string | null = null;

  constructor(options: StamperOptions) {
    this.#options = options;
    this.#rounds = new Rounds(TICK_MS, () => this.#attempt());
    this.#backoff = new Backoff(options.clock);
  }

  start(): void {
    this.#rounds.start();
  }

  /** Resolves when nothing is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Why the last try gave no token; null when it gave one, or nothing was tried yet. */
  get trouble(): string | null {
    return this.#trouble;
  }

  async #attempt(): Promise<void> {
    const { pool, clock, log } = this.#options;
    try {
      this.#dueMs ??= await this.#firstDueMs();
      if (!this.#backoff.isOver(AUTHORITY)) return;
      for (const size of await findStampWishes(pool)) await this.#stamp(await findCheckpoint(pool, ROOT_LOG, size));
      if (clock.now() < this.#dueMs || !this.#backoff.isOver(AUTHORITY)) return;
      await this.#stamp(await findNewestCheckpoint(pool, ROOT_LOG));
    } catch (error) {
      // An outage of the database.
      this.#backoff.fail(AUTHORITY);
      log.warn({ err: String(error) }, 'no time-stamp could be asked for or kept');
    }
  }

  /** A restart asks no sooner than the server that went on would have. */
  async #firstDueMs(): Promise<number> {
    const newest = await findNewestTimestamp(this.#options.pool);
    return newest === null ? 0 : newest.stampedAt.getTime() + this.#options.everyMs;
  }

  async #stamp(checkpoint: PublishedCheckpoint | null): Promise<void> {
    const { pool, authority, everyMs, observe, clock } = this.#options;
    // Where nothing is new, the next head is stamped as soon as it is there.
    if (checkpoint === null || (await findTimestamp(pool, checkpoint.size)) !== null) return;
    const dueMs = clock.now() + everyMs;
    const outcome = await authority.stamp(Buffer.from(checkpoint.note));
    observe(outcome.kind);
    if (outcome.kind === 'stamped') {
      await this.#keep(checkpoint, outcome);
      this.#dueMs = dueMs;
    }
    this.#note(outcome);
  }

  async #keep(
    { size, note }: PublishedCheckpoint,
    { token, timestamp: { authority, atMs } }: Extract<Outcome, { kind: 'stamped' }>,
  ): Promise<void> {
    const { pool } = this.#options;
    await keepTimestamp(pool, { rootSize: size, note, authority, stampedAt: new Date(atMs), token });
  }

  /** Logged when it is news. */
  #note(outcome: Outcome): void {
    const { log } = this.#options;
    if (outcome.kind === 'stamped') {
      if (this.#trouble !== null) log.info('the time-stamping authority answers again');
      this.#trouble = null;
      this.#backoff.succeed(AUTHORITY);
      return;
    }
    this.#backoff.fail(AUTHORITY, outcome.kind === 'failed' ? outcome.waitMs : null);
    const { reason } = outcome;
    if (reason !== this.#trouble) log.warn({ reason }, 'the time-stamping authority gave no token');
    this.#trouble = reason;
  }
}
