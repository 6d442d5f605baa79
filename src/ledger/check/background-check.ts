import type { Clock } from '../../clock.js';
import type { Pool } from '../../db/pool.js';
import type { Log } from '../../log.js';
import { Rounds } from '../../rounds.js';
import { HOUR_MS } from '../../time.js';
import { LedgerWalk } from './ledger-walk.js';

export interface BackgroundCheckOptions {
  pool: Pool;
  /** The ids of all fleets. */
  listFleets: () => Promise<readonly string[]>;
  /** Called with the first fault of a ledger, at every pass that finds it. */
  faulty: (fleet: string, fault: { message: string; seq: number | null }) => void;
  /** Called with a ledger of which all was found as it was sealed, and when the walk over it began. */
  sound: (fleet: string, begunMs: number) => void;
  clock: Clock;
  log: Log;
}

const EVERY_MS = 1_000;
/** Some 30 ms of work: 40 million entries a day. */
const PAGE = 500;
/** Between the end of one pass over all ledgers and the next. */
const REST_MS = HOUR_MS;

/** Walks the stored bytes of every ledger again and again, slowly. */
export class BackgroundCheck {
  readonly #options: BackgroundCheckOptions;
  readonly #rounds: Rounds;
  /** The fleets of this pass that are still to be walked. */
  #waiting: string[] = [];
  #walk: { fleet: string; walk: LedgerWalk; begunMs: number } | null = null;
  #dueMs = 0;

  constructor(options: BackgroundCheckOptions) {
    this.#options = options;
    this.#rounds = new Rounds(EVERY_MS, () => this.#attempt());
  }

  start(): void {
    this.#rounds.start();
  }

  /** Resolves when nothing is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Looks at the next page of the ledger it is at. */
  async step(): Promise<void> {
    const { pool, clock, listFleets, faulty, sound } = this.#options;
    if (this.#walk === null) {
      if (this.#waiting.length === 0) {
        if (clock.now() < this.#dueMs) return;
        this.#waiting = [...(await listFleets())];
      }
      const fleet = this.#waiting.shift();
      if (fleet === undefined) return;
      const begunMs = clock.now();
      this.#walk = { fleet, walk: await LedgerWalk.begin(pool, fleet), begunMs };
    }
    const { fleet, walk, begunMs } = this.#walk;
    const fault = await walk.next(PAGE);
    if (fault !== null) faulty(fleet, { message: fault.fault, seq: fault.seq });
    else if (walk.isDone) sound(fleet, begunMs);
    if (fault !== null || walk.isDone) this.#walk = null;
    if (this.#walk === null && this.#waiting.length === 0) this.#dueMs = clock.now() + REST_MS;
  }

  async #attempt(): Promise<void> {
    try {
      await this.step();
    } catch (error) {
      // An outage: where the walk was is not known to be good.
      this.#walk = null;
      this.#options.log.warn({ err: String(error) }, 'the check of the ledgers was broken off: it begins anew');
    }
  }
}
