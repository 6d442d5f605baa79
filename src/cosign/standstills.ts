import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { describeContradiction, findStanding } from '../ledger/contradiction.js';

/** How ledgers stand with their witnesses: counts and names of witnesses, none of fleets. */
export interface LedgerHealth {
  /** Ledgers that stand still since a witness contradicts them. */
  stopped: number;
  /** Ledgers whose newest checkpoint no quorum has cosigned. */
  unwitnessed: number;
  /** Witnesses that have not said since the start what they have seen. */
  silent: readonly string[];
}

export interface LedgerStandings {
  health: LedgerHealth;
  /** Throws LEDGER_INTEGRITY when nothing may be appended to the fleet's ledger. */
  refuse(fleet: string): void;
}

/** Which ledgers stand still because a witness contradicts them: what is known to be refused is not begun. */
export class Standstills {
  readonly #pool: Pool;
  #reasons: ReadonlyMap<string, string> = new Map();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async load(): Promise<void> {
    const standing = await findStanding(this.#pool);
    this.#reasons = new Map(standing.map((each) => [each.fleet, describeContradiction(each)]));
  }

  get count(): number {
    return this.#reasons.size;
  }

  /** Throws LEDGER_INTEGRITY when nothing may be appended to the fleet's ledger. */
  refuse(fleet: string): void {
    const reason = this.#reasons.get(fleet);
    if (reason !== undefined) throw new AppError('LEDGER_INTEGRITY', reason);
  }
}
