import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../src/clock.js';
import type { Pool } from '../../src/db/pool.js';
import { Publisher, type PublisherOptions } from '../../src/ledger/publish/publisher.js';
import { openSigningKeys } from '../../src/ledger/publish/signing-keys.js';
import { createLog, type Log } from '../../src/log.js';

interface Options extends Partial<Omit<PublisherOptions, 'pool'>> {
  clock?: Clock;
  log?: Log;
}

/** A publisher with a key of its own, which does nothing by itself. */
export function createPublisher(pool: Pool, options: Options = {}): Publisher {
  return new Publisher({
    pool,
    keys: openSigningKeys({ dataDir: '', ledgerKey: randomBytes(32) }),
    published: () => undefined,
    faulty: () => undefined,
    clock: systemClock,
    log: createLog('silent'),
    ...options,
  });
}
