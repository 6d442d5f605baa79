import pg from 'pg';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import type { Database } from './database.js';
import { unlessAborted } from './unless-aborted.js';

/** Whoever holds this advisory lock (an arbitrary constant) assembles and seals in this database. */
const WRITER_LOCK = 4_201_988_118;
const PATIENCE_MS = 30_000;
const RETRY_MS = 250;

/** The database whose lease it is. Its session works as the recorder: whoever seals has the lease. */
export type LeasePlace = Pick<Database, 'url' | 'roles'>;

export interface Lease {
  /** Counts the leases of the database: each is later than the one before. */
  epoch: number;
  /** Resolves when another process holds the lease now: this one must stop. Never resolves once it was released. */
  lost: Promise<string>;
  release(): Promise<void>;
}

/**
 * Makes this process the one that seals decisions in the database; the lock ends with its session, so a killed process
 * leaves nothing behind. Waits half a minute for a predecessor to finish, then throws CONFLICT; throws at once when
 * `stopped` is aborted meanwhile. A lock lost with its connection is taken again as soon as the database is back, and the
 * lease goes on unless another had one meanwhile.
 */
export async function acquireLease(place: LeasePlace, log: Log, stopped?: AbortSignal): Promise<Lease> {
  let resolveLost: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    resolveLost = resolve;
  });
  const released = new AbortController();
  const begun = await unlessAborted(lock({ place, log, lease: LEASE.begin }, stopped), stopped);
  const { epoch } = begun;
  let { session } = begun;

  const renew = async (): Promise<void> => {
    if (released.signal.aborted) return;
    log.warn('the session that holds the lease was lost: taking it again');
    try {
      const resumed = await lock({ place, log, lease: LEASE.resume }, released.signal);
      session = resumed.session;
      session.once('end', renew);
      if (resumed.epoch !== epoch) resolveLost(TAKEN_OVER);
    } catch {
      // What is not wanted any more is not lost.
      if (!released.signal.aborted) resolveLost(TAKEN_OVER);
    }
  };
  session.once('end', renew);
  return {
    epoch,
    lost,
    release: async () => {
      released.abort();
      await session.end();
    },
  };
}

/** The same for a short piece of work, at once or not at all: null when another process holds the lease. */
export async function tryLease(place: LeasePlace, log: Log): Promise<Pick<Lease, 'epoch' | 'release'> | null> {
  const found = await tryLock(place, LEASE.begin);
  if (typeof found !== 'object') {
    log.debug({ found }, 'the lease was not to be had');
    return null;
  }
  return { epoch: found.epoch, release: async () => void (await found.session.end()) };
}

const TAKEN_OVER = 'another Midwatch has taken over this database';

/** A session that holds the lock, and the newest lease there was once it had it. */
interface Holding {
  session: pg.Client;
  epoch: number;
}

/** What is asked for the newest lease: a new one, or the one there is. */
const LEASE = {
  begin: 'UPDATE installation SET epoch = epoch + 1 RETURNING epoch',
  resume: 'SELECT epoch FROM installation',
};

interface Wanted {
  place: LeasePlace;
  log: Log;
  /** One of `LEASE`. */
  lease: string;
}

async function lock({ place, log, lease }: Wanted, unwanted: AbortSignal | undefined): Promise<Holding> {
  let deadline = Date.now() + PATIENCE_MS;
  let announced: Obstacle | null = null;
  for (;;) {
    const found = await tryLock(place, lease);
    if (unwanted?.aborted) {
      if (typeof found === 'object') await found.session.end();
      throw new AppError('CONFLICT', 'the lease is not wanted any more');
    }
    if (typeof found === 'object') return found;
    // While the database is away nobody else gets the lock either.
    if (found === 'away') deadline = Date.now() + PATIENCE_MS;
    if (Date.now() > deadline) {
      throw new AppError(
        'CONFLICT',
        'another Midwatch is working on this database: stop it, or set DATABASE_URL to another',
      );
    }
    if (found !== announced) log.info(WAITING[found]);
    announced = found;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

type Obstacle = 'held' | 'away';

const WAITING: Record<Obstacle, string> = {
  held: 'another Midwatch is working on this database: waiting for it to stop',
  away: 'the database is away: waiting for it',
};

/** PostgreSQL forgets a session whose client fell silent within a quarter of a minute, and its lock with it. */
const FORGETFUL = '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2';

/** A session that holds the lock, or what is in the way. */
async function tryLock({ url, roles }: LeasePlace, lease: string): Promise<Holding | Obstacle> {
  const session = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    options: roles.recorder === null ? FORGETFUL : `${FORGETFUL} -c role=${roles.recorder}`,
  });
  // The 'end' event that follows says everything an error would.
  session.on('error', () => undefined);
  try {
    await session.connect();
    const { rows } = await session.query('SELECT pg_try_advisory_lock($1) AS is_held', [WRITER_LOCK]);
    if (rows[0].is_held) {
      const newest = await session.query<{ epoch: string }>(lease);
      return { session, epoch: Number(newest.rows[0]?.epoch) };
    }
  } catch {
    session.end().catch(() => undefined);
    return 'away';
  }
  await session.end();
  return 'held';
}
