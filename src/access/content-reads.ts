import { hash } from 'node:crypto';
import type { Clock } from '../clock.js';
import { inTransaction, type Pool } from '../db/pool.js';
import { appendOrOwe, lockFleet } from '../ledger/append.js';
import { type CanonicalValue, canonicalize } from '../ledger/canonical.js';
import type { EntryDraft } from '../ledger/chain.js';
import { entryPortions } from '../ledger/portions.js';
import { MINUTE_MS } from '../time.js';
import { digestSearch } from './search-key.js';

/** What somebody is about to be given. */
export interface ContentRead {
  fleet: string;
  /** The subject of who gets it: a person, or the API key of whoever uses it. */
  actor: string;
  /**
   * `DECISION`: inputs, outputs and error texts of decisions. `STEPS`: the same of their steps, with arguments and results.
   * `QUOTES`: passages that anomalies quote. `REPORT`: a report or its bundle. `STREAM`: what comes of a subscription. `SEARCH`:
   * which decisions have a text in their input or output, or how many.
   */
  contents: 'DECISION' | 'STEPS' | 'QUOTES' | 'REPORT' | 'STREAM' | 'SEARCH';
  /** Whose content it is; none where they are not known beforehand. */
  decisionIds: readonly string[];
  /** What else says which content it is: a report's id, a subscription with its filter. */
  of?: { [key: string]: CanonicalValue };
  /** Texts that are searched for in content; the ledger gets a digest of each, `searches`. */
  searches?: readonly string[];
}

/** Tells of content before it is given out. */
export interface ReadAccount {
  /** Resolves when the ledger says so, or owes it; rejects when that cannot be kept, and then the content is not to be given. */
  tell(read: ContentRead): Promise<void>;
}

/** For what is made for several at once, each of whom was told of when they came. */
export const TOLD_BEFORE: ReadAccount = { tell: () => Promise.resolve() };

/** Within this, the same person with the same content is one reading. */
const SAME_READING_MS = MINUTE_MS;
/** Readings of one fleet that are held in memory; beyond, they are told again. */
const READINGS_HELD_MAX = 100_000;

/** A filter that an entry tells as it is. */
const FILTER_BYTES_MAX = 8_192;

interface Waiting {
  read: ContentRead;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Seals who is given content, one `READ` entry for what one person is given at once, more where one cannot hold it. What somebody
 * was given within the last minute is not told again, and readings that wait for each other share a transaction. A ledger that
 * stands still owes the entries: whoever has to find out why agents act as they do needs content most then.
 */
export class ContentReads implements ReadAccount {
  readonly #pool: Pool;
  readonly #searchKey: Buffer;
  readonly #clock: Clock;
  readonly #queues = new Map<string, Waiting[]>();
  /** When each reading was sealed, by fleet. */
  readonly #told = new Map<string, Map<string, number>>();

  constructor({ pool, searchKey, clock }: { pool: Pool; searchKey: Buffer; clock: Clock }) {
    this.#pool = pool;
    this.#searchKey = searchKey;
    this.#clock = clock;
  }

  async tell({ searches = [], ...rest }: ContentRead): Promise<void> {
    const digests = searches.map((text) => digestSearch(this.#searchKey, rest.fleet, text));
    const of = boundedOf(rest.of ?? {});
    const read = { ...rest, of: digests.length === 0 ? of : { ...of, searches: digests } };
    if (this.#untold(read) === null) return;
    await new Promise<void>((resolve, reject) => {
      const queue = this.#queues.get(read.fleet);
      if (queue !== undefined) {
        queue.push({ read, resolve, reject });
        return;
      }
      const begun = [{ read, resolve, reject }];
      this.#queues.set(read.fleet, begun);
      void this.#drain(read.fleet, begun);
    });
  }

  async #drain(fleet: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const group = queue.splice(0);
      try {
        await this.#seal(
          fleet,
          group.map(({ read }) => read),
        );
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#queues.delete(fleet);
  }

  async #seal(fleet: string, group: readonly ContentRead[]): Promise<void> {
    // Those before them in the queue may have told of the same.
    const reads = mergeAlike(group.flatMap((read) => this.#untold(read) ?? []));
    if (reads.length === 0) return;
    const nowMs = this.#clock.now();
    await inTransaction(this.#pool, async (client) => {
      await lockFleet(client, fleet);
      await appendOrOwe(client, fleet, { drafts: reads.flatMap(draftsOf), nowMs });
    });
    const told = this.#toldIn(fleet);
    for (const key of reads.flatMap(keysOf)) told.set(key, nowMs);
    if (told.size > READINGS_HELD_MAX) told.clear();
  }

  /** What of it was not told within the last minute; null when all was. */
  #untold(read: ContentRead): ContentRead | null {
    const told = this.#toldIn(read.fleet);
    const sinceMs = this.#clock.now() - SAME_READING_MS;
    const isUntold = (key: string) => (told.get(key) ?? Number.NEGATIVE_INFINITY) <= sinceMs;
    if (read.decisionIds.length === 0) return keysOf(read).some(isUntold) ? read : null;
    const keys = keysOf(read);
    const decisionIds = read.decisionIds.filter((_id, index) => isUntold(keys[index] as string));
    return decisionIds.length === 0 ? null : { ...read, decisionIds };
  }

  #toldIn(fleet: string): Map<string, number> {
    const told = this.#told.get(fleet) ?? new Map<string, number>();
    this.#told.set(fleet, told);
    return told;
  }
}

/** One for each decision; one where none is named. */
function keysOf(read: ContentRead): string[] {
  const kind = kindOf(read);
  return read.decisionIds.length === 0 ? [kind] : read.decisionIds.map((id) => `${kind}\n${id}`);
}

function kindOf({ actor, contents, of = {} }: ContentRead): string {
  return canonicalize([actor, contents, of]);
}

/** What is given to one person at once is one entry. */
function mergeAlike(reads: readonly ContentRead[]): ContentRead[] {
  const alike = new Map<string, ContentRead>();
  for (const read of reads) {
    const known = alike.get(kindOf(read));
    const decisionIds = [...new Set([...(known?.decisionIds ?? []), ...read.decisionIds])];
    alike.set(kindOf(read), { ...read, decisionIds });
  }
  return [...alike.values()];
}

/** A filter may be of any length: of a long one, an entry has the digest. */
function boundedOf({ filter, ...rest }: { [key: string]: CanonicalValue }): { [key: string]: CanonicalValue } {
  if (filter === undefined) return rest;
  const text = canonicalize(filter);
  const bytes = Buffer.byteLength(text);
  if (bytes <= FILTER_BYTES_MAX) return { ...rest, filter };
  return { ...rest, filterBytes: bytes, filterSha256: hash('sha256', text, 'hex') };
}

function draftsOf({ actor, contents, decisionIds, of = {} }: ContentRead): EntryDraft[] {
  return entryPortions(decisionIds, (id) => id).map((ids, index) => ({
    kind: 'READ',
    subject: 'content',
    payload: canonicalize({ ...of, actor, contents, decisionIds: ids, ...(index === 0 ? {} : { part: index + 1 }) }),
  }));
}
