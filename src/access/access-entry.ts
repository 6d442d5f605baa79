import type { Client } from '../db/pool.js';
import { appendDrafts, appendOrOwe, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import type { EntryDraft } from '../ledger/chain.js';
import type { LedgerStopped } from '../ledger/head.js';
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

/** What an identity provider says that somebody may do: for how long is between the two. */
export interface ProvidedGrant extends Omit<Grant, 'expiresAtMs'> {
  /** When the token was issued that says so. */
  issuedAtMs: number;
}

export interface AccessEntry {
  /** `Fleet:<id>`, `ApiKey:<id>`, `Token:<jti>`, `Session:<jti>` or `Identity:<sub>`. */
  subject: string;
  change: 'CREATED' | 'REVOKED' | 'ISSUED' | 'OPENED' | 'GRANTED' | 'WITHDRAWN';
  /** Null for what gives no access by itself. */
  grant: Grant | ProvidedGrant | null;
}

/** A change of access as it is told, in whose name and when. */
export type ToldAccess = AccessEntry & { by: AccessChange };

/**
 * Seals that access was given, in the ledger of a fleet that this transaction has locked: what cannot be sealed is not given.
 * Other fleets that it concerns are not named: nothing crosses a fleet. Throws LedgerStopped while the ledger stands still.
 */
export async function sealAccess(client: Client, fleet: string, entry: ToldAccess): Promise<void> {
  await appendDrafts(client, fleet, { drafts: [draftOf(entry)], nowMs: entry.by.nowMs });
}

/**
 * The same for what must not wait until a ledger goes on: that access is taken away. Returns why the entry is owed; null when
 * it was sealed.
 */
export function sealOrOweAccess(client: Client, fleet: string, entry: ToldAccess): Promise<LedgerStopped | null> {
  return appendOrOwe(client, fleet, { drafts: [draftOf(entry)], nowMs: entry.by.nowMs });
}

/**
 * Tells several fleets of what gives access to them, locked one after another in the order of their ids, as everybody does who
 * locks several. A ledger that stands still owes the entry, or one that never goes on again would keep people out of all the
 * others; throws LedgerStopped when all do. Returns the fleets that owe it.
 */
export async function sealAccessInFleets(
  client: Client,
  fleets: readonly string[],
  entry: ToldAccess,
): Promise<string[]> {
  const owing: string[] = [];
  for (const fleet of [...fleets].sort()) {
    await lockFleet(client, fleet);
    const stopped = await sealOrOweAccess(client, fleet, entry);
    if (stopped === null) continue;
    owing.push(fleet);
    if (owing.length === fleets.length) throw stopped;
  }
  return owing;
}

function draftOf({ subject, change, grant, by }: ToldAccess): EntryDraft {
  const payload = canonicalize({
    actor: by.actor,
    change,
    ...(grant === null
      ? {}
      : { allFleets: grant.allFleets, name: grant.name, roles: [...grant.roles], ...timeOf(grant) }),
  });
  return { kind: 'ACCESS', subject, payload };
}

function timeOf(grant: Grant | ProvidedGrant): { [key: string]: string | null } {
  if ('issuedAtMs' in grant) return { issuedAt: new Date(grant.issuedAtMs).toISOString() };
  return { expiresAt: grant.expiresAtMs === null ? null : new Date(grant.expiresAtMs).toISOString() };
}
