import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.js';
import { endsWithin } from './ends-within.js';
import { migrate } from './migrate.js';
import { createPool, type Pool } from './pool.js';
import { unlessAborted } from './unless-aborted.js';

/** A migrated database and the pool the server works with. */
export interface Database {
  url: string;
  /** The role sessions take on; null where the login may not. */
  role: string | null;
  pool: Pool;
  close(): Promise<void>;
}

const OLDEST_MAJOR = 15;
const SERVER_ROLE = 'midwatch_server';
const POOL_END_MS = 2_000;

/**
 * Opens DATABASE_URL, or the embedded PostgreSQL where none is set, and migrates it. Sessions work as the role
 * `midwatch_server`, which owns nothing, where the login may take it on. Throws UNAVAILABLE with what to do, at once
 * when `stopped` is aborted meanwhile.
 */
export async function openDatabase(config: Config, log: Log, stopped?: AbortSignal): Promise<Database> {
  const embedded = config.databaseUrl === null ? await startEmbeddedPostgres(config.dataDir, log) : null;
  const url = embedded?.url ?? (config.databaseUrl as string);
  try {
    const role = await unlessAborted(prepare(url, log), stopped);
    const pool = createPool({ url, log, role });
    return { url, role, pool, close: () => close(pool, embedded) };
  } catch (error) {
    await embedded?.release();
    throw error instanceof AppError ? error : unavailable(error);
  }
}

async function prepare(url: string, log: Log): Promise<string | null> {
  const applied = await migrate(url);
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');
  return roleFor(url, log);
}

/** A connection that is frozen never ends: then whatever else there is ends without it. */
async function close(pool: Pool, embedded: EmbeddedPostgres | null): Promise<void> {
  await endsWithin(pool.end(), POOL_END_MS);
  await embedded?.release();
}

function unavailable(cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : String(cause);
  return new AppError('UNAVAILABLE', `the database cannot be used (${reason}): check DATABASE_URL`, { cause });
}

async function roleFor(url: string, log: Log): Promise<string | null> {
  const pool = createPool({ url, log, connectionsMax: 1 });
  try {
    const { rows } = await pool.query(`SELECT current_setting('server_version_num')::int / 10000 AS major`);
    if (rows[0].major < OLDEST_MAJOR) {
      throw new AppError('UNAVAILABLE', `PostgreSQL ${OLDEST_MAJOR} or later is needed; this is ${rows[0].major}`);
    }
    if (await mayTakeOnServerRole(pool)) return SERVER_ROLE;
    log.warn({ role: SERVER_ROLE }, 'the login may not take on the role of the server');
    return null;
  } finally {
    await pool.end();
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';
/** What PostgreSQL says of a role that does not exist. */
const INVALID_PARAMETER_VALUE = '22023';

/** Tried, not looked up: since PostgreSQL 16 a member of a role may be one that cannot take it on. */
async function mayTakeOnServerRole(pool: Pool): Promise<boolean> {
  try {
    await pool.query(`SET ROLE ${SERVER_ROLE}`);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === INSUFFICIENT_PRIVILEGE || code === INVALID_PARAMETER_VALUE) return false;
    throw error;
  }
}
