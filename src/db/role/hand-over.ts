import type { Client } from 'pg';
import type { Log } from '../../log.js';
import { ROLE } from './rights.js';
import { INSUFFICIENT_PRIVILEGE, sqlStateOf } from './sql-state.js';

const LOCK_PATIENCE = '5s';
/** How many go over in one transaction: each holds locks on a table and its indexes, and a year has thousands of partitions. */
const TOGETHER_MAX = 100;

/** What is not the owner's yet, and the login may give away. Sequences go with their tables, what extensions brought stays. */
const FOREIGN = `
  SELECT 1 AS place, format('ALTER TABLE %I.%I', nspname, relname) AS alter FROM pg_class c
  JOIN pg_namespace n ON n.oid = relnamespace
  WHERE nspname IN ('public', 'reader') AND relkind IN ('r', 'p', 'v') AND pg_has_role(current_user, relowner, 'USAGE')
    AND relowner <> $1::text::regrole
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  UNION ALL
  SELECT 2, format('ALTER FUNCTION %s', p.oid::regprocedure) FROM pg_proc p
  WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND pg_has_role(current_user, proowner, 'USAGE')
    AND proowner <> $1::text::regrole
    -- It runs as whoever changes the schema, a superuser for instance: whoever could change it would be one.
    AND prorettype <> 'event_trigger'::regtype
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
  UNION ALL
  -- Whoever is to own a view has to be able to make one where it is.
  SELECT 0, format('ALTER SCHEMA %I', nspname) FROM pg_namespace
  WHERE nspname = 'reader' AND nspowner <> $1::text::regrole AND pg_has_role(current_user, nspowner, 'USAGE')
  ORDER BY 1, 2`;

const MAY_CREATE = `SELECT has_schema_privilege($1::text, 'public', 'CREATE') AS "mayCreate"`;

/** It is not for this login to do, or a server that works with the tables is in the way. */
const NOT_NOW = new Set([
  INSUFFICIENT_PRIVILEGE,
  '55P03', // lock_not_available
  '40P01', // deadlock_detected
]);

/**
 * Gives what migrations have made, as the login, to the role that owns and never logs in. Functions that run as their
 * owner come after the tables they work on. What an interruption leaves over, the next start gives.
 */
export async function handOver(session: Client, log: Log): Promise<void> {
  const { rows: foreign } = await session.query<{ alter: string }>(FOREIGN, [ROLE.owner]);
  if (foreign.length === 0) return;
  try {
    const { rows } = await session.query<{ mayCreate: boolean }>(MAY_CREATE, [ROLE.owner]);
    // What makes partitions runs as the owner.
    if (rows[0]?.mayCreate !== true) await session.query(`GRANT USAGE, CREATE ON SCHEMA public TO ${ROLE.owner}`);
    await session.query(`SET lock_timeout = '${LOCK_PATIENCE}'`);
    for (let first = 0; first < foreign.length; first += TOGETHER_MAX) {
      const some = foreign.slice(first, first + TOGETHER_MAX);
      await session.query(some.map(({ alter }) => `${alter} OWNER TO ${ROLE.owner}`).join(';'));
    }
    log.info({ role: ROLE.owner, objects: foreign.length }, 'the owner of the database’s tables has them');
  } catch (error) {
    if (!NOT_NOW.has(sqlStateOf(error))) throw error;
    log.warn(
      { role: ROLE.owner, err: (error as Error).message },
      'not every table could be given to its owner: the next start goes on',
    );
  }
}
