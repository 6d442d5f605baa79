import { sealingBatch } from '../decision/record/record.js';
import type { RecorderThread } from '../decision/record/recorder-thread.js';
import { Publisher } from '../ledger/publish/publisher.js';
import { openSigningKeys } from '../ledger/publish/signing-keys.js';
import { sightingOf } from '../watch/sighting.js';
import type { Ground } from './ground.js';

/** Whoever finds a ledger to be other than it was sealed or signed tells it here: each fault is told once. */
export type TellFault = (fleet: string, fault: { message: string; seq: number | null }) => void;

/** Raises a critical anomaly of a ledger that is not as it was sealed. */
export function createTellFault({ clock, log }: Ground, recorder: RecorderThread): TellFault {
  return (fleet, { message, seq }) => {
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

/** What signs ledgers. Rejects with UNAVAILABLE when the key that it is to sign with cannot be used. */
export async function createPublisher(ground: Ground, faulty: TellFault): Promise<Publisher> {
  const { config, database, meter, clock, log } = ground;
  const keys = openSigningKeys(config);
  await keys.current();
  const { pool } = database;
  return new Publisher({ pool, keys, published: () => meter.checkpoints.inc(), faulty, clock, log });
}
