import pg from 'pg';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';

/** Whoever holds this advisory lock (an arbitrary constant) assembles and seals in this database. */
const WRITER_LOCK = 4_201_988_118;
const PATIENCE_MS = 30_000;
const RETRY_MS = 250;

export interface Lease {
  /** Resolves when another process holds the lease now: this one must stop. */
  lost: Promise<string>;
  release(): Promise<void>;
}

/**
 * Makes this process the one that seals decisions in the database; the lock ends with its session, so a killed process
 * leaves nothing behind. Waits half a minute for a predecessor to finish, then throws CONFLICT. A lock lost with its
 * connection is taken again as soon as the database is back.
 */
export async function acquireLease(url: string, log: Log): Promise<Lease> {
  let resolveLost: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    resolveLost = resolve;
  });
  let isReleased = false;
  let session = await lock(url, log);

  const renew = async (): Promise<void> => {
    if (isReleased) return;
    log.warn('the session that holds the lease was lost: taking it again');
    try {
      session = await lock(url, log);
      session.once('end', renew);
    } catch {
      resolveLost('another Midwatch has taken over this database');
    }
  };
  session.once('end', renew);
  return {
    lost,
    release: async () => {
      isReleased = true;
      await session.end();
    },
  };
}

async function lock(url: string, log: Log): Promise<pg.Client> {
  const deadline = Date.now() + PATIENCE_MS;
  let isAnnounced = false;
  for (;;) {
    const session = await tryLock(url);
    if (session) return session;
    if (Date.now() > deadline) {
      throw new AppError(
        'CONFLICT',
        'another Midwatch is working on this database: stop it, or set DATABASE_URL to another',
      );
    }
    if (!isAnnounced) log.info('another Midwatch is working on this database: waiting for it to stop');
    isAnnounced = true;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** A session that holds the lock; null when another does, or when the database cannot be reached just now. */
async function tryLock(url: string): Promise<pg.Client | null> {
  const session = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true });
  // The 'end' event that follows says everything an error would.
  session.on('error', () => undefined);
  try {
    await session.connect();
    const { rows } = await session.query('SELECT pg_try_advisory_lock($1) AS is_held', [WRITER_LOCK]);
    if (rows[0].is_held) return session;
  } catch {
    return null;
  }
  await session.end();
  return null;
}
