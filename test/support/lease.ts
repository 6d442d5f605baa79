import type { LeasePlace } from '../../src/db/lease.js';
import { ROLE } from '../../src/db/role/rights.js';

/** The lease of a database, as a server takes it. */
export function leaseOf(url: string): LeasePlace {
  return { url, roles: { server: ROLE.server, recorder: ROLE.recorder } };
}
