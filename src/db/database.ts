import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import { startEmbeddedPostgres } from './embedded.js';
import { migrate } from './migrate.js';
import { createPool, type Pool } from './pool.js';

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

/**
 * Opens DATABASE_URL, or the embedded PostgreSQL where none is set, and migrates it. Sessions work as the role
 * `midwatch_server`, which owns nothing, where the login may take it on. Throws UNAVAILABLE with what to do.
 */
export async function openDatabase(config: Config, log: Log): Promise<Database> {
  const embedded = config.databaseUrl === null ? await startEmbeddedPostgres(config.dataDir, log) : null;
  const url = embedded?.url ?? (config.databaseUrl as string);
  try {
    const applied = await migrate(url);
    if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');
    const role = await roleFor(url, log);
    const pool = createPool({ url, log, role });
    return { url, role, pool, close: () => pool.end().then(() => embedded?.release()) };
  } catch (error) {
    await embedded?.release();
    throw error instanceof AppError ? error : unavailable(error);
  }
}

function unavailable(cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : String(cause);
  return new AppError('UNAVAILABLE', `the database cannot be used (${reason}): check DATABASE_URL`, { cause });
}

async function roleFor(url: string, log: Log): Promise<string | null> {
  const pool = createPool({ url, log, connectionsMax: 1 });
  try {
    const { rows } = await pool.query(
      `SELECT current_setting('server_version_num')::int / 10000 AS major,
              EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, 'MEMBER')) AS has_role`,
      [SERVER_ROLE],
    );
    if (rows[0].major < OLDEST_MAJOR) {
      throw new AppError('UNAVAILABLE', `PostgreSQL ${OLDEST_MAJOR} or later is needed; this is ${rows[0].major}`);
    }
    if (!rows[0].has_role) log.warn({ role: SERVER_ROLE }, 'the login may not take on the role of the server');
    return rows[0].has_role ? SERVER_ROLE : null;
  } finally {
    await pool.end();
  }
}
