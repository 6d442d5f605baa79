import type { Clock } from '../clock.js';
import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import { type AccessEntry, type ProvidedGrant, sealOrOweAccess } from './access-entry.js';
import { listToldGrants, type ToldGrant } from './store.js';
import type { ProvidedViewer } from './viewer.js';

/** People of whom it is held in memory what was told; of others the ledgers are asked. */
const PEOPLE_HELD_MAX = 10_000;
/** Grants of one person that are held; beyond, the ledgers are asked again. */
const GRANTS_HELD_MAX = 20;

/**
 * Tells the ledgers what an identity provider says that people may do: when somebody comes with a token of it for the first time, and
 * when one gives other roles or fleets than the ledgers say. A ledger that stands still owes it: it is the provider who gives
 * access, and would not take it back.
 */
export class ProvidedAccess {
  readonly #pool: Pool;
  readonly #clock: Clock;
  /** By subject: until when tokens with a grant were issued that was told. */
  readonly #told = new Map<string, Map<string, number>>();
  /** What is being told, by subject: who comes meanwhile waits for it. */
  readonly #telling = new Map<string, Promise<void>>();

  constructor({ pool, clock }: { pool: Pool; clock: Clock }) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /** Resolves when every ledger that it concerns says so, or owes it. Rejects when that cannot be kept. */
  async tell(viewer: ProvidedViewer): Promise<void> {
    while (!this.#isTold(viewer)) {
      const telling = this.#telling.get(viewer.subject);
      if (telling === undefined) return this.#begin(viewer);
      await telling;
    }
  }

  /** People hold several tokens: one that takes turns with another is no news. */
  #isTold(viewer: ProvidedViewer): boolean {
    const untilMs = this.#told.get(viewer.subject)?.get(grantOf(viewer));
    return untilMs !== undefined && viewer.provided.issuedAtMs <= untilMs;
  }

  #begin(viewer: ProvidedViewer): Promise<void> {
    const telling = inTransaction(this.#pool, (client) => this.#seal(client, viewer)).then(() => this.#hold(viewer));
    this.#telling.set(viewer.subject, telling);
    return telling.finally(() => this.#telling.delete(viewer.subject));
  }

  async #seal(client: Client, viewer: ProvidedViewer): Promise<void> {
    const by = { actor: viewer.provided.issuer, nowMs: this.#clock.now() };
    const told = await listToldGrants(client, subjectOf(viewer));
    // In the order in which everybody locks several.
    for (const each of told.sort((left, right) => (left.fleet < right.fleet ? -1 : 1))) {
      const access = changeOf(each, viewer);
      if (access === null) continue;
      await lockFleet(client, each.fleet);
      await sealOrOweAccess(client, each.fleet, { ...access, by });
    }
  }

  #hold(viewer: ProvidedViewer): void {
    const known = this.#told.get(viewer.subject);
    const grants = known === undefined || known.size >= GRANTS_HELD_MAX ? new Map<string, number>() : known;
    grants.set(grantOf(viewer), viewer.provided.issuedAtMs);
    this.#told.set(viewer.subject, grants);
    const [oldest] = this.#told.keys();
    if (this.#told.size > PEOPLE_HELD_MAX && oldest !== undefined) this.#told.delete(oldest);
  }
}

function subjectOf({ subject }: ProvidedViewer): string {
  return `Identity:${subject}`;
}

function grantOf({ roles, fleets }: ProvidedViewer): string {
  return canonicalize([[...roles].sort(), fleets === '*' ? '*' : [...fleets].sort()]);
}

/** What one fleet is to be told; null when its ledger says so. */
function changeOf(told: ToldGrant, viewer: ProvidedViewer): AccessEntry | null {
  const subject = subjectOf(viewer);
  const isOpened = viewer.fleets === '*' || viewer.fleets.has(told.fleet);
  if (!isOpened) return told.change === 'GRANTED' ? { subject, change: 'WITHDRAWN', grant: null } : null;
  const grant: ProvidedGrant = {
    name: viewer.subject,
    roles: [...viewer.roles].sort(),
    allFleets: viewer.fleets === '*',
    issuedAtMs: viewer.provided.issuedAtMs,
  };
  const isSame = canonicalize([told.roles, told.allFleets]) === canonicalize([[...grant.roles], grant.allFleets]);
  return told.change === 'GRANTED' && isSame ? null : { subject, change: 'GRANTED', grant };
}
