import type { Client } from 'pg';

const INSUFFICIENT_PRIVILEGE = '42501';
/** What PostgreSQL says of a role that does not exist. */
const INVALID_PARAMETER_VALUE = '22023';

/** Tried, not looked up: since PostgreSQL 16 a member of a role may be one that cannot take it on. */
export async function mayTakeOn(session: Client, role: string): Promise<boolean> {
  try {
    await session.query(`SET ROLE ${role}`);
    await session.query('RESET ROLE');
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === INSUFFICIENT_PRIVILEGE || code === INVALID_PARAMETER_VALUE) return false;
    throw error;
  }
}
