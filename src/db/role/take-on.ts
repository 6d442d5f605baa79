import type { Client } from 'pg';
import { INSUFFICIENT_PRIVILEGE, sqlStateOf } from './sql-state.js';

/** What PostgreSQL says of a role that does not exist. */
const INVALID_PARAMETER_VALUE = '22023';

/** Tried, not looked up: since PostgreSQL 16 a member of a role may be one that cannot take it on. */
export async function mayTakeOn(session: Client, role: string): Promise<boolean> {
  try {
    await session.query(`SET ROLE ${role}`);
    await session.query('RESET ROLE');
    return true;
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === INSUFFICIENT_PRIVILEGE || state === INVALID_PARAMETER_VALUE) return false;
    throw error;
  }
}
