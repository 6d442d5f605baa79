import type { Pool } from '../../db/pool.js';
import { EMPTY_HEAD, findFault, type Head } from '../chain.js';
import { findKeys } from '../publish/keys.js';
import { originOf, readInstallation } from '../publish/origin.js';
import { findPublished } from '../publish/store.js';
import { readEntries } from '../store.js';
import { type CheckFault, TreeCheck } from './tree-check.js';

/** How far a ledger goes, as it was when the walk began. */
export interface Extent {
  /** Entries that are sealed. */
  sealed: number;
  /** Entries that the newest checkpoint covers. */
  published: number;
  /** The newest entry, as the ledger's head has it; null while it is empty. */
  head: Head | null;
}

/**
 * Walks a ledger from its first entry, page by page: gaps, hashes, links, columns against the sealed text, the tree, its tiles, the
 * checkpoints over it, and the head. It ends where the ledger ended when it began.
 */
export class LedgerWalk {
  readonly extent: Extent;
  readonly #pool: Pool;
  readonly #fleet: string;
  readonly #tree: TreeCheck;
  #head: Head = EMPTY_HEAD;
  #hasBegun = false;

  private constructor(
    { pool, fleet }: { pool: Pool; fleet: string },
    { extent, tree }: { extent: Extent; tree: TreeCheck },
  ) {
    this.#pool = pool;
    this.#fleet = fleet;
    this.extent = extent;
    this.#tree = tree;
  }

  static async begin(pool: Pool, fleet: string): Promise<LedgerWalk> {
    // Before the end is read: what is published by then is sealed.
    const { tree, signedSize } = await findPublished(pool, fleet);
    const keys = await findKeys(pool, fleet);
    const origin = originOf(await readInstallation(pool), fleet);
    const publicKeys = keys.map(({ publicKey }) => publicKey);
    const { sealed, head } = await readEnd(pool, fleet);
    const published = tree?.size ?? 0;
    const extent = { sealed: Math.max(sealed, published), published, head };
    const check = new TreeCheck(pool, { fleet, origin, tree, signedSize, publicKeys });
    return new LedgerWalk({ pool, fleet }, { extent, tree: check });
  }

  /** The last entry that was found good. */
  get head(): Head {
    return this.#head;
  }

  get isDone(): boolean {
    return this.#hasBegun && this.#head.seq + 1 >= this.extent.sealed;
  }

  /** Looks at the next entries, at most `limit`; returns the first fault, and null when there is none. */
  async next(limit: number): Promise<CheckFault | null> {
    if (!this.#hasBegun) {
      const fault = await this.#tree.begin();
      if (fault !== null) return fault;
      this.#hasBegun = true;
    }
    const from = this.#head.seq + 1;
    const entries = await readEntries(this.#pool, this.#fleet, {
      from,
      to: Math.min(from + limit, this.extent.sealed),
    });
    const leaves: Buffer[] = [];
    for (const entry of entries) {
      const fault = findFault(this.#fleet, this.#head, entry);
      if (fault !== null) return { seq: this.#head.seq + 1, fault };
      this.#head = { seq: entry.seq, hash: entry.hash };
      leaves.push(Buffer.from(entry.hash, 'hex'));
    }
    const missing = this.#head.seq + 1;
    if (missing < Math.min(from + limit, this.extent.sealed))
      return { seq: missing, fault: `seq ${missing} is missing` };
    return (await this.#tree.take(leaves)) ?? this.#findHeadFault();
  }

  #findHeadFault(): CheckFault | null {
    if (!this.isDone) return null;
    const { head } = this.extent;
    const isHead = (head?.seq ?? -1) === this.#head.seq && (head?.hash ?? EMPTY_HEAD.hash) === this.#head.hash;
    return isHead ? null : { seq: null, fault: 'the ledger’s head says something else than its newest entry' };
  }
}

/** Where entries and head end, both as they were at one moment. */
async function readEnd(pool: Pool, fleet: string): Promise<Pick<Extent, 'sealed' | 'head'>> {
  const { rows } = await pool.query<{ last_seq: number; head_seq: number | null; head_hash: string }>(
    `SELECT coalesce((SELECT max(seq) FROM ledger_entry WHERE fleet_id = $1), -1) AS last_seq,
       (SELECT size - 1 FROM ledger_head WHERE fleet_id = $1) AS head_seq,
       (SELECT encode(hash, 'hex') FROM ledger_head WHERE fleet_id = $1) AS head_hash`,
    [fleet],
  );
  const [end] = rows;
  if (end === undefined || end.head_seq === null) return { sealed: (end?.last_seq ?? -1) + 1, head: null };
  return { sealed: Math.max(end.last_seq, end.head_seq) + 1, head: { seq: end.head_seq, hash: end.head_hash } };
}
