import pg from 'pg';
import type { Log } from '../log.js';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;

/** Counts and sequence numbers stay below 2^53, so int8 is a number here; numeric stays text, exact. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format ?? 'text'),
};

export interface PoolOptions {
  url: string;
  log: Log;
  /** Role the sessions take on after connecting; null keeps the login's own. */
  role?: string | null;
  connectionsMax?: number;
}

/** A pool in which every wait ends: node-postgres waits for ever on a frozen link unless all four timeouts are set. */
export function createPool({ url, log, role = null, connectionsMax = 10 }: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    types,
    connectionTimeoutMillis: 5_000,
    query_timeout: 20_000,
    statement_timeout: 18_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 20_000,
    keepAlive: true,
    application_name: 'midwatch',
    ...(role === null ? {} : { options: `-c role=${role}` }),
  });
  pool.on('error', (error) => log.warn({ err: error.message }, 'an idle database connection was lost'));
  // One that is lost between two queries of a transaction: the next query says so, and a process need not end for it.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction; rolls back and rethrows when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // A connection whose rollback fails is in an unknown state: it is closed, not returned.
    const rolledBack = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    client.release(!rolledBack);
    throw error;
  }
}

/** Under which lease a session works, as PostgreSQL's setting of this name says; sessions without one need none. */
const LEASE_SETTING = 'midwatch.epoch';

/** The condition, in a statement that reads `installation`, that the lease of the session is still the newest. */
export const LEASE_HELD = `coalesce(nullif(current_setting('${LEASE_SETTING}', true), '')::bigint = installation.epoch, true)`;

/** Has every connection that is opened from now on work under a lease: what needs it is refused once it is another's. */
export function workUnderLease(pool: Pool, epoch: number): void {
  pool.options.onConnect = async (client) => {
    await client.query(`SET ${LEASE_SETTING} = ${epoch}`);
  };
}
