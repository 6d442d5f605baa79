import type pg from 'pg';
import { AppError } from '../../errors.js';
import type { Log } from '../../log.js';
import { withMigrationLock } from '../migrate.js';
import { guardSchema } from './event-triggers.js';
import { findGrantsDue } from './grant.js';
import { handOver } from './hand-over.js';
import { type KnownRoles, makeRoles } from './make.js';
import { ROLE } from './rights.js';
import { INSUFFICIENT_PRIVILEGE, sqlStateOf } from './sql-state.js';

/** As whom sessions work; null: as the login itself. */
export interface SessionRoles {
  server: string | null;
  recorder: string | null;
}

/**
 * Makes the roles of the database, gives them what they own and may do, as far as the login may, and says which of them sessions
 * take on. What is as it should be is left alone, so that a server that runs beside does not notice. Throws UNAVAILABLE when
 * nobody that the login can be may write decisions.
 */
export function arrangeRoles(url: string, log: Log): Promise<SessionRoles> {
  return withMigrationLock(url, async (session) => {
    const known = await makeRoles(session);
    if (known.takenOn.has(ROLE.owner)) await handOver(session, log);
    await grant(session, known, log);
    await guardSchema(session, log);
    const roles = await chooseRoles(session, known);
    const refused = await findRefused(session, known, roles);
    if (refused.length > 0) {
      log.warn(
        { roles: refused },
        'the login may not take on these roles of the database: what is theirs to do, it does itself',
      );
    }
    return roles;
  });
}

/** A login that neither owns the tables nor works is as it should be. */
async function findRefused(session: pg.Client, { takenOn }: KnownRoles, roles: SessionRoles): Promise<string[]> {
  const { rows } = await session.query<{ owns: boolean }>(
    `SELECT pg_has_role(current_user, relowner, 'USAGE') AS owns FROM pg_class WHERE oid = 'public.ledger_entry'::regclass`,
  );
  return [
    ...(rows[0]?.owns === true && !takenOn.has(ROLE.owner) ? [ROLE.owner] : []),
    ...(roles.server === null ? [ROLE.server] : []),
    ...(roles.recorder === ROLE.recorder ? [] : [ROLE.recorder]),
  ];
}

async function grant(session: pg.Client, known: KnownRoles, log: Log): Promise<void> {
  const due = await findGrantsDue(session, known);
  if (due.length === 0) return;
  try {
    await session.query(due.join(';'));
    log.debug({ statements: due.length }, 'gave the roles of the database what they may do');
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    log.warn({ due }, 'the login may not give the roles of the database what they need');
  }
}

async function chooseRoles(session: pg.Client, { takenOn }: KnownRoles): Promise<SessionRoles> {
  const server = takenOn.has(ROLE.server) ? ROLE.server : null;
  const candidates = [ROLE.recorder, ROLE.server].filter((role) => takenOn.has(role));
  for (const recorder of [...candidates, null]) {
    const { rows } = await session.query<{ may: boolean; login: string }>(
      `SELECT has_table_privilege(coalesce($1::text, current_user), 'decision', 'INSERT')
         AND has_table_privilege(coalesce($2::text, current_user), 'journal', 'INSERT') AS may, current_user AS login`,
      [recorder, server],
    );
    if (rows[0]?.may === true) return { server, recorder };
    if (recorder === null) {
      throw new AppError(
        'UNAVAILABLE',
        `the login ${rows[0]?.login} may not write decisions: make it a member of ${ROLE.server} and ${ROLE.recorder}, or start ` +
          'once with the login that owns the tables (docs/OPERATIONS.md)',
      );
    }
  }
  return { server, recorder: null };
}
