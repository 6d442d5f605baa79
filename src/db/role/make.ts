import type { Client } from 'pg';
import { ROLE } from './rights.js';
import { INSUFFICIENT_PRIVILEGE, sqlStateOf } from './sql-state.js';
import { mayTakeOn } from './take-on.js';

/** Roles that sessions and migrations take on: the login has to be a member. */
const TAKEN_ON = [ROLE.owner, ROLE.server, ROLE.recorder] as const;

/** The roles there are, and those that the login may take on. */
export interface KnownRoles {
  existing: ReadonlySet<string>;
  takenOn: ReadonlySet<string>;
}

/**
 * Makes the roles that are missing, and the login a member of those that work, as far as it may: the roles are those of the
 * whole cluster, so that they may be another login's, or the administrator's.
 */
export async function makeRoles(session: Client): Promise<KnownRoles> {
  const existing = await readExisting(session);
  for (const role of Object.values(ROLE)) {
    if (!existing.has(role) && (await succeeds(session, `CREATE ROLE ${role} NOLOGIN`))) existing.add(role);
  }
  const takenOn = new Set<string>();
  for (const role of TAKEN_ON) {
    // Since PostgreSQL 16 whoever creates a role may administer it, but not take it on.
    const isMember =
      (await mayTakeOn(session, role)) ||
      ((await succeeds(session, `GRANT ${role} TO CURRENT_USER`)) && (await mayTakeOn(session, role)));
    if (isMember) takenOn.add(role);
  }
  return { existing, takenOn };
}

async function readExisting(session: Client): Promise<Set<string>> {
  const { rows } = await session.query<{ name: string }>(
    'SELECT rolname AS name FROM pg_roles WHERE rolname = ANY($1)',
    [Object.values(ROLE)],
  );
  return new Set(rows.map(({ name }) => name));
}

/** Not for this login to do, or a server on another database of the cluster does it at this moment. */
const REFUSED = new Set([
  INSUFFICIENT_PRIVILEGE,
  '42704', // undefined_object
  '0LP01', // invalid_grant_operation
]);
const DONE_BY_ANOTHER = new Set([
  '42710', // duplicate_object
  '23505', // unique_violation
  'XX000', // internal_error: tuple concurrently updated
]);

async function succeeds(session: Client, statement: string): Promise<boolean> {
  try {
    await session.query(statement);
    return true;
  } catch (error) {
    const state = sqlStateOf(error);
    if (REFUSED.has(state)) return false;
    if (DONE_BY_ANOTHER.has(state)) return true;
    throw error;
  }
}
