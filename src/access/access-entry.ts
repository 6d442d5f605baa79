import type { Client } from '../db/pool.js';
import { AppError } from '../errors.js';
import { appendDrafts, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import type { Role } from './policy.js';

/** In whose name access is changed, and when; milliseconds since the epoch. */
export interface AccessChange {
  actor: string;
  nowMs: number;
}

/** Something that gives access, as the ledger tells of it: never the secret, nor anything it could be derived from. */
export interface Grant {
  name: string;
  roles: readonly Role[];
  /** Whether it opens every fleet, or those alone in whose ledgers it is told of. */
  allFleets: boolean;
  /** Null where it ends by revocation alone. */
  expiresAtMs: number | null;
}

export interface AccessEntry {
  /** `Fleet:<id>`, `ApiKey:<id>`, `Token:<jti>` or `Session:<jti>`. */
  subject: string;
  change: 'CREATED' | 'REVOKED' | 'ISSUED' | 'OPENED';
  /** Null for what gives no access by itself. */
  grant: Grant | null;
}

/**
 * Seals a change of access in the ledger of a fleet that this transaction has locked. Other fleets that it concerns are not
 * named: nothing crosses a fleet.
 */
export async function sealAccess(
  client: Client,
  fleet: string,
  { subject, change, grant, by }: AccessEntry & { by: AccessChange },
): Promise<void> {
  const payload = canonicalize({
    actor: by.actor,
    change,
    ...(grant === null
      ? {}
      : {
          allFleets: grant.allFleets,
          expiresAt: grant.expiresAtMs === null ? null : new Date(grant.expiresAtMs).toISOString(),
          name: grant.name,
          roles: [...grant.roles],
        }),
  });
  await appendDrafts(client, fleet, { drafts: [{ kind: 'ACCESS', subject, payload }], nowMs: by.nowMs });
}

/**
 * The same in each of several fleets, locked one after another in the order of their ids, as everybody does who locks several.
 * A ledger that stands still is passed over, or one that never goes on again would keep people out of all the others; throws
 * LEDGER_INTEGRITY when all do. Returns the fleets that were passed over.
 */
export async function sealAccessInFleets(
  client: Client,
  fleets: readonly string[],
  entry: AccessEntry & { by: AccessChange },
): Promise<string[]> {
  const standing: string[] = [];
  for (const fleet of [...fleets].sort()) {
    await client.query('SAVEPOINT told');
    try {
      await lockFleet(client, fleet);
      await sealAccess(client, fleet, entry);
    } catch (error) {
      const isLast = standing.length + 1 === fleets.length;
      if (isLast || !(error instanceof AppError) || error.code !== 'LEDGER_INTEGRITY') throw error;
      await client.query('ROLLBACK TO SAVEPOINT told');
      standing.push(fleet);
    }
  }
  return standing;
}
