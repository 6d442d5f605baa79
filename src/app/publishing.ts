import { sealingBatch } from '../decision/record/record.js';
import type { RecorderThread } from '../decision/record/recorder-thread.js';
import { listFleetIds } from '../fleet/store.js';
import { BackgroundCheck } from '../ledger/check/background-check.js';
import { Publisher, type PublisherOptions } from '../ledger/publish/publisher.js';
import { openSigningKeys } from '../ledger/publish/signing-keys.js';
import { Settler } from '../ledger/settler.js';
import { sightingOf } from '../watch/sighting.js';
import type { Ground } from './ground.js';

/** Whoever finds a ledger to be other than it was sealed or signed tells it here: each fault is told once. */
export type TellFault = (fleet: string, fault: { message: string; seq: number | null }) => void;

/** Raises a critical anomaly of a ledger that is not as it was sealed. */
export function createTellFault({ clock, log }: Ground, recorder: RecorderThread): TellFault {
  return (fleet, { message, seq }) => {
    log.error({ fleet, seq, err: message }, 'a ledger is not as it was sealed');
    const finding = {
      kind: 'LEDGER_FAULT' as const,
      severity: 'CRITICAL' as const,
      score: 1,
      observed: seq,
      expected: null,
      summary: `The ledger is not as it was sealed: ${message}.`,
      evidence: { seq, fault: message },
      incident: seq === null ? 'tree' : `seq ${seq}`,
    };
    const sightings = [sightingOf({ agent: null, finding }, clock.now())];
    recorder
      .submit(sealingBatch(fleet, { decisions: [], sightings }))
      .catch((error: unknown) => log.error({ fleet, err: String(error) }, 'a fault of the ledger could not be told'));
  };
}

/** What signs ledgers, walks them again, and seals what they owe. */
export class Publishing {
  readonly #publisher: Publisher;
  readonly #check: BackgroundCheck;
  readonly #settler: Settler;

  private constructor(parts: { publisher: Publisher; check: BackgroundCheck; settler: Settler }) {
    this.#publisher = parts.publisher;
    this.#check = parts.check;
    this.#settler = parts.settler;
  }

  /** Rejects with UNAVAILABLE when the key that ledgers are to be signed with cannot be used. */
  static async create(
    ground: Ground,
    { published, faulty }: Pick<PublisherOptions, 'published'> & { faulty: TellFault },
  ): Promise<Publishing> {
    const { config, database, meter, clock, log } = ground;
    const keys = openSigningKeys(config);
    await keys.current();
    const { pool } = database;
    const counted: PublisherOptions['published'] = (checkpoint) => {
      meter.checkpoints.inc();
      published(checkpoint);
    };
    const publisher = new Publisher({ pool, keys, published: counted, faulty, clock, log });
    const listFleets = () => listFleetIds(pool);
    const sound = (fleet: string, begunMs: number) => publisher.resume(fleet, begunMs);
    const check = new BackgroundCheck({ pool, listFleets, faulty, sound, clock, log });
    const settler = new Settler({ pool, clock, log });
    meter.watch(
      'midwatch_halted_ledgers',
      'Ledgers of which nothing is signed, since they are not as they were signed.',
      () => publisher.halted,
    );
    meter.watch('midwatch_owed_entries', 'Entries that ledgers which stand still are owed.', () => settler.owed);
    return new Publishing({ publisher, check, settler });
  }

  start(): void {
    this.#publisher.start();
    this.#check.start();
    this.#settler.start();
  }

  /** Publishes a fleet's ledger as far as it is committed now. */
  publish(fleet: string): Promise<void> {
    return this.#publisher.publish(fleet);
  }

  /** All of a ledger was found as it was sealed, by a walk that began at `begunMs`. */
  foundSound(fleet: string, begunMs: number): void {
    this.#publisher.resume(fleet, begunMs);
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    await Promise.all([this.#publisher.stop(), this.#check.stop(), this.#settler.stop()]);
  }
}
