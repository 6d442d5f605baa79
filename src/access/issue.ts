import { decodeJwt } from 'jose';
import type { Clock } from '../clock.js';
import { inTransaction, type Pool } from '../db/pool.js';
import { type AccessEntry, sealAccessInFleets } from './access-entry.js';
import { unknownFleet } from './fleet-id.js';
import type { InstallationKey } from './keys.js';
import { type SessionGrant, signSession } from './session.js';
import { listFleets } from './store.js';
import { signToken, type TokenGrant } from './token.js';

export interface IssueTools {
  pool: Pool;
  key: InstallationKey;
  clock: Clock;
}

/**
 * A JWT of this installation's own, sealed in the ledger of every fleet it opens; those that stand still owe it. One that cannot
 * be sealed anywhere is not given out. Throws NOT_FOUND when it names a fleet that there is not.
 */
export async function issueToken(
  { pool, key, clock }: IssueTools,
  { grant, actor }: { grant: TokenGrant; actor: string },
): Promise<{ token: string; owingFleets: string[] }> {
  const token = await signToken(key, grant, clock);
  const owingFleets = await sealGrant(pool, token, {
    kind: 'Token',
    change: 'ISSUED',
    ...grant,
    name: grant.subject,
    by: { actor, nowMs: clock.now() },
  });
  return { token, owingFleets };
}

/** A session of this installation's owner, opened with the code of a link, sealed in the same way. */
export async function issueOwnerSession(
  { pool, key, clock }: IssueTools,
  grant: SessionGrant,
): Promise<{ token: string; expiresAtMs: number }> {
  const session = await signSession(key, grant, clock);
  const { subject, roles, fleets } = grant.viewer;
  await sealGrant(pool, session.token, {
    kind: 'Session',
    change: 'OPENED',
    name: 'sign-in link',
    roles: [...roles],
    fleets: fleets === '*' ? '*' : [...fleets],
    by: { actor: subject, nowMs: clock.now() },
  });
  return session;
}

interface SealedGrant extends Pick<AccessEntry, 'change'>, Pick<TokenGrant, 'roles' | 'fleets'> {
  kind: 'Token' | 'Session';
  name: string;
  by: { actor: string; nowMs: number };
}

/** Returns the fleets whose ledgers stand still and owe the entry. */
async function sealGrant(
  pool: Pool,
  jwt: string,
  { kind, change, name, roles, fleets, by }: SealedGrant,
): Promise<string[]> {
  const { jti = '', exp = 0 } = decodeJwt(jwt);
  const existing = (await listFleets(pool)).map(({ id }) => id);
  const missing = fleets === '*' ? undefined : fleets.find((id) => !existing.includes(id));
  if (missing !== undefined) throw unknownFleet(missing);
  const grant = { name, roles, allFleets: fleets === '*', expiresAtMs: exp * 1000 };
  const opened = fleets === '*' ? existing : [...new Set(fleets)];
  return inTransaction(pool, (client) =>
    sealAccessInFleets(client, opened, { subject: `${kind}:${jti}`, change, grant, by }),
  );
}
