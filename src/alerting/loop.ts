import type { Clock } from '../clock.js';
import type { Pool } from '../db/pool.js';
import { listFleetIds } from '../fleet/store.js';
import type { Log } from '../log.js';
import { Rounds } from '../rounds.js';
import type { Evaluator } from './evaluator.js';

const EVERY_MS = 5_000;
/** Fleets evaluated beside each other: each asks two things at once, and others need connections too. */
const FLEETS_AT_ONCE = 3;
/** Evaluation counts as alive when a round in which every rule was evaluated ended no longer ago than this. */
const ALIVE_MS = 60_000;

export interface AlertLoopOptions {
  pool: Pool;
  evaluator: Evaluator;
  /** Called when a round is over. */
  onRound: () => void;
  clock: Clock;
  log: Log;
}

/** Evaluates the rules of every fleet again and again, one round at a time. */
export class AlertLoop {
  readonly #options: AlertLoopOptions;
  readonly #rounds: Rounds;
  #roundEndedMs: number;

  constructor(options: AlertLoopOptions) {
    this.#options = options;
    this.#rounds = new Rounds(EVERY_MS, () => this.round());
    this.#roundEndedMs = options.clock.now();
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  get isAlive(): boolean {
    return this.#options.clock.now() - this.#roundEndedMs <= ALIVE_MS;
  }

  /** Never rejects: one fleet's failure is logged and holds up no other. */
  async round(): Promise<void> {
    const { pool, evaluator, onRound, clock, log } = this.#options;
    try {
      const fleets = await listFleetIds(pool);
      let isWhole = true;
      const waiting = fleets.values();
      const work = async () => {
        for (const fleet of waiting) isWhole = (await this.#evaluate(evaluator, fleet)) && isWhole;
      };
      await Promise.all(Array.from({ length: FLEETS_AT_ONCE }, work));
      if (isWhole) this.#roundEndedMs = clock.now();
      onRound();
    } catch (error) {
      log.warn({ err: String(error) }, 'alert rules were not evaluated: trying again');
    }
  }

  async #evaluate(evaluator: Evaluator, fleet: string): Promise<boolean> {
    try {
      return await evaluator.evaluate(fleet);
    } catch (error) {
      this.#options.log.warn({ fleet, err: String(error) }, 'alert rules were not evaluated: trying again');
      return false;
    }
  }
}
