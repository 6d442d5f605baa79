import { Cosigner } from '../cosign/cosigner.js';
import { CosignedLedgers } from '../cosign/ledgers.js';
import { type LedgerHealth, type LedgerStandings, Standstills } from '../cosign/standstills.js';
import { readStandings, type WitnessStanding } from '../cosign/store.js';
import { NOBODY } from '../cosign/witness-policy.js';
import type { RecorderThread } from '../decision/record/recorder-thread.js';
import { listFleetIds } from '../fleet/store.js';
import { endUnproven, phraseContradiction } from '../ledger/contradiction.js';
import { ROOT_LOG } from '../ledger/publish/origin.js';
import type { Ground } from './ground.js';
import { createTellFault, Publishing, type TellFault } from './publishing.js';

/** How long the start waits for witnesses to say what they have seen. */
const START_MS = 10_000;

/** What signs ledgers, and what has them cosigned. */
export async function createPublication(
  ground: Ground,
  recorder: RecorderThread,
): Promise<{ publishing: Publishing; cosigning: Cosigning }> {
  const faulty = createTellFault(ground, recorder);
  const cosigning: Cosigning = new Cosigning(ground, { publish: (fleet) => publishing.publish(fleet), faulty });
  const publishing = await Publishing.create(ground, { published: ({ fleet }) => cosigning.ask(fleet), faulty });
  return { publishing, cosigning };
}

/** Asks the witnesses of the policy, and stops ledgers that they contradict. */
export class Cosigning implements LedgerStandings {
  readonly #standstills: Standstills;
  readonly #ground: Ground;
  readonly #cosigner: Cosigner;

  constructor(ground: Ground, { publish, faulty }: { publish: (fleet: string) => Promise<void>; faulty: TellFault }) {
    const { database, meter, clock, log } = ground;
    const policy = ground.policy ?? NOBODY;
    this.#ground = ground;
    this.#standstills = new Standstills(database.pool);
    const ledgers = new CosignedLedgers({
      pool: database.pool,
      policy,
      standstills: this.#standstills,
      publish,
      contradicted: (contradiction) => {
        // An anomaly is a fleet's: the log of the installation has the server's own log.
        if (contradiction.fleet === ROOT_LOG) return;
        faulty(contradiction.fleet, { message: phraseContradiction(contradiction), seq: null });
      },
      clock,
      log,
    });
    const observe = (witness: string, outcome: string) => meter.witnessRequests.inc({ witness, outcome });
    this.#cosigner = new Cosigner({ policy, logs: ledgers, observe, clock, log });
    meter.watch('midwatch_stopped_ledgers', 'Ledgers that a witness contradicts.', () => this.health.stopped);
    meter.watch(
      'midwatch_unwitnessed_ledgers',
      'Ledgers whose newest checkpoint no quorum of witnesses has cosigned.',
      () => this.health.unwitnessed,
    );
    meter.watch(
      'midwatch_silent_witnesses',
      'Witnesses that have not said since the start what they have seen.',
      () => this.health.silent.length,
    );
  }

  /** Before anything is served: every witness that can be reached has said what it has seen of every ledger. */
  async start(): Promise<void> {
    const { policy, database, clock, log } = this.#ground;
    const { pool } = database;
    const witnesses = (policy ?? NOBODY).witnesses.map(({ name }) => name);
    for (const ended of await endUnproven(pool, { witnesses, at: new Date(clock.now()) })) {
      log.warn(ended, 'the witness is not in the policy any more, and nothing proved what it said: the ledger goes on');
    }
    await this.#standstills.load();
    if (policy === null) return;
    await this.#cosigner.start([ROOT_LOG, ...(await listFleetIds(pool))], START_MS);
    const { stopped, silent } = this.health;
    if (silent.length > 0) log.warn({ silent }, 'witnesses did not say what they have seen: going on without');
    if (stopped > 0) log.error({ stopped }, 'ledgers stand still: see /healthz/ledger and docs/WITNESS.md');
  }

  refuse(fleet: string): void {
    this.#standstills.refuse(fleet);
  }

  /** A checkpoint of the log was signed, or signed anew. */
  ask(fleet: string): void {
    if (this.#ground.policy !== null) this.#cosigner.ask(fleet);
  }

  get health(): LedgerHealth {
    const { unwitnessed, silent } = this.#cosigner;
    return { stopped: this.#standstills.count, unwitnessed: unwitnessed.length, silent };
  }

  /** The witnesses of the policy, in its order. */
  async standings(fleet: string): Promise<WitnessStanding[]> {
    const { policy, database } = this.#ground;
    return policy === null ? [] : readStandings(database.pool, fleet, policy);
  }

  async stop(): Promise<void> {
    await this.#cosigner.stop();
  }
}
