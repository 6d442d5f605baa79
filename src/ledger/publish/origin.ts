import type { Pool } from '../../db/pool.js';

/** Where tables name a fleet, this stands for the log of the installation, whose leaves are checkpoints of fleets. */
export const ROOT_LOG = '';

/** The name of a log, in its checkpoints and of its keys (C2SP tlog-checkpoint): `midwatch/<installation>/<fleet>`. */
export function originOf(installation: string, fleet: string): string {
  return fleet === ROOT_LOG ? `midwatch/${installation}` : `midwatch/${installation}/${fleet}`;
}

/** The id of the installation, made with its database: 16 hex digits. */
export async function readInstallation(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM installation');
  return (rows[0] as { id: string }).id;
}
