import type { Clock } from '../clock.js';
import { inTransaction, type Pool } from '../db/pool.js';
import type { Log } from '../log.js';
import { Rounds } from '../rounds.js';
import { lockFleet, settleLedger } from './append.js';
import { LedgerStopped } from './head.js';
import { listDebts } from './owed.js';

export interface SettlerOptions {
  pool: Pool;
  clock: Clock;
  log: Log;
}

const EVERY_MS = 5_000;

/** Seals what ledgers owe soon after they go on, also where nobody writes. */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #rounds: Rounds;
  #owed = 0;

  constructor(options: SettlerOptions) {
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

  /** How many entries all ledgers owed when it was looked last. */
  get owed(): number {
    return this.#owed;
  }

  /** One round over all ledgers that owe something: those that take entries again are settled. */
  async round(): Promise<void> {
    let owed = 0;
    for (const { fleet, entries } of await listDebts(this.#options.pool)) {
      if (!(await this.#settle(fleet, entries))) owed += entries;
    }
    this.#owed = owed;
  }

  /** False while the ledger stands still. */
  async #settle(fleet: string, entries: number): Promise<boolean> {
    const { pool, clock, log } = this.#options;
    try {
      await inTransaction(pool, async (client) => {
        await lockFleet(client, fleet);
        await settleLedger(client, fleet, clock.now());
      });
      log.info({ fleet, entries }, 'the ledger goes on: what it owed is sealed');
      return true;
    } catch (error) {
      if (error instanceof LedgerStopped) return false;
      throw error;
    }
  }

  async #attempt(): Promise<void> {
    try {
      await this.round();
    } catch (error) {
      this.#options.log.warn({ err: String(error) }, 'what ledgers owe is not sealed yet: trying again');
    }
  }
}
