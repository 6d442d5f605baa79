import type { Clock } from '../clock.js';
import type { Pool } from '../db/pool.js';
import { type Contradiction, describeContradiction, keepContradiction } from '../ledger/contradiction.js';
import { verifierKey } from '../ledger/note/key.js';
import { findKeys } from '../ledger/publish/keys.js';
import { originOf, ROOT_LOG, readInstallation } from '../ledger/publish/origin.js';
import { proveConsistency, rootOf } from '../ledger/publish/proofs.js';
import { findNewestCheckpoint } from '../ledger/publish/store.js';
import type { Log } from '../log.js';
import type { Head } from './client.js';
import type { CosignedLogs, KeptCosignature } from './cosigner.js';
import type { Standstills } from './standstills.js';
import { findLastCosignatures, keepCosignature } from './store.js';
import type { WitnessPolicy } from './witness-policy.js';

export interface CosignedLedgersOptions {
  pool: Pool;
  policy: WitnessPolicy;
  standstills: Standstills;
  /** Publishes a fleet's ledger as far as it is committed. */
  publish: (fleet: string) => Promise<void>;
  /** Told of each contradiction once. */
  contradicted: (contradiction: Contradiction) => void;
  clock: Clock;
  log: Log;
}

/** The ledgers of the fleets, and the log of the installation, as witnesses are asked about them. */
export class CosignedLedgers implements CosignedLogs {
  readonly #options: CosignedLedgersOptions;
  #installation: string | null = null;

  constructor(options: CosignedLedgersOptions) {
    this.#options = options;
  }

  async readHead(fleet: string): Promise<Head | null> {
    const { pool } = this.#options;
    const newest = await findNewestCheckpoint(pool, fleet);
    if (newest === null) return null;
    this.#installation ??= await readInstallation(pool);
    const origin = originOf(this.#installation, fleet);
    const keys = (await findKeys(pool, fleet)).map(({ publicKey }) => verifierKey(origin, publicKey, 'note'));
    const { size, note } = newest;
    return {
      origin,
      size: BigInt(size),
      note,
      keys,
      rootAt: (at) => rootOf({ pool, fleet }, at),
      prove: async (fromSize) => {
        const { hashes } = await proveConsistency({ pool, fleet }, { fromSize: Number(fromSize), toSize: size });
        return hashes;
      },
    };
  }

  async publishHead(fleet: string): Promise<Head | null> {
    if (fleet !== ROOT_LOG) await this.#options.publish(fleet);
    return this.readHead(fleet);
  }

  async readSizes(fleet: string): Promise<Map<string, bigint>> {
    const { pool, policy } = this.#options;
    const last = await findLastCosignatures(pool, fleet, policy);
    return new Map([...last].map(([name, { size }]) => [name, BigInt(size)]));
  }

  async keep({ fleet, size, witness, cosignature: { cosignature: signature } }: KeptCosignature): Promise<void> {
    const { pool, policy, standstills, clock, log } = this.#options;
    const at = new Date(clock.now());
    const kept = await keepCosignature(pool, { fleet, size: Number(size), witness, signature, at }, policy);
    if (!kept.hasEndedContradiction) return;
    log.info({ fleet, witness }, 'the ledger goes on from what the witness has seen');
    await standstills.load();
  }

  async contradict(contradiction: Contradiction): Promise<void> {
    const { pool, standstills, contradicted, clock, log } = this.#options;
    const isNew = await keepContradiction(pool, { ...contradiction, at: new Date(clock.now()) });
    await standstills.load();
    if (!isNew) return;
    log.error({ fleet: contradiction.fleet }, describeContradiction(contradiction));
    contradicted(contradiction);
  }
}
