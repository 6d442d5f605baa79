import { hash } from 'node:crypto';
import { withMigrationLock } from '../migrate.js';
import { ROLE } from './rights.js';

const LOGIN = 'midwatch_service';

/**
 * The login to serve with, of a PostgreSQL that a superuser sets up: a member of the roles that work and nothing else, since a
 * session can always go back to whoever it logged in as. Returns its URL; the password follows from the superuser's.
 */
export async function makeServiceLogin(superuserUrl: string): Promise<string> {
  const url = new URL(superuserUrl);
  const password = hash('sha256', `${LOGIN} ${url.password}`);
  await withMigrationLock(superuserUrl, async (session) => {
    const { rowCount } = await session.query('SELECT FROM pg_roles WHERE rolname = $1', [LOGIN]);
    if (rowCount === 0) {
      await session.query(`CREATE ROLE ${LOGIN} LOGIN PASSWORD '${password}' IN ROLE ${ROLE.server}, ${ROLE.recorder}`);
    }
  });
  return Object.assign(url, { username: LOGIN, password }).href;
}
