import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.js';
import { endsWithin } from './ends-within.js';
import { migrate } from './migrate.js';
import { createPool, type Pool } from './pool.js';
import { arrangeRoles, type SessionRoles } from './role/arrange.js';
import { makeServiceLogin } from './role/service-login.js';
import { unlessAborted } from './unless-aborted.js';

/** A migrated database and the pool the server works with. */
export interface Database {
  /** For sessions beside those of the pool. */
  url: string;
  /** The roles that sessions take on: `server` those of the pool. */
  roles: SessionRoles;
  pool: Pool;
  close(): Promise<void>;
}

const OLDEST_MAJOR = 15;
const POOL_END_MS = 2_000;

/**
 * Opens DATABASE_URL, or the embedded PostgreSQL where none is set, and migrates it. Sessions work as
 * roles that own nothing, where the login may take them on. Throws UNAVAILABLE with what to do, at once
 * when `stopped` is aborted meanwhile.
 */
export async function openDatabase(config: Config, log: Log, stopped?: AbortSignal): Promise<Database> {
  const embedded = config.databaseUrl === null ? await startEmbeddedPostgres(config.dataDir, log) : null;
  const ownerUrl = embedded?.url ?? (config.databaseUrl as string);
  try {
    const roles = await unlessAborted(prepare(ownerUrl, log), stopped);
    const url = embedded === null ? ownerUrl : await makeServiceLogin(ownerUrl);
    const pool = createPool({ url, log, role: roles.server });
    return { url, roles, pool, close: () => close(pool, embedded) };
  } catch (error) {
    await embedded?.release();
    throw error instanceof AppError ? error : unavailable(error);
  }
}

async function prepare(url: string, log: Log): Promise<SessionRoles> {
  await refuseOldServer(url, log);
  const applied = await migrate(url);
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');
  return arrangeRoles(url, log);
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

async function refuseOldServer(url: string, log: Log): Promise<void> {
  const pool = createPool({ url, log, connectionsMax: 1 });
  try {
    const { rows } = await pool.query(`SELECT current_setting('server_version_num')::int / 10000 AS major`);
    if (rows[0].major < OLDEST_MAJOR) {
      throw new AppError('UNAVAILABLE', `PostgreSQL ${OLDEST_MAJOR} or later is needed; this is ${rows[0].major}`);
    }
  } finally {
    await pool.end();
  }
}
