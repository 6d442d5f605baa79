import { createHash } from 'node:crypto';
import { isOutage, outageError } from '../db/outage.js';
import type { Pool } from '../db/pool.js';
import { DONE, finishRequests } from '../decision/record/finish-requests.js';
import { AppError } from '../errors.js';
import type { OtlpEncoding } from './decode/limits.js';
import type { OtlpSignal } from './decode/response.js';

/** One request as it came in, still compressed if it was. */
export interface JournalRecord {
  fleet: string;
  signal: OtlpSignal;
  encoding: OtlpEncoding;
  isGzip: boolean;
  body: Buffer;
}

export interface JournaledRequest extends JournalRecord {
  id: number;
}

interface Waiting {
  record: JournalRecord;
  hash: Buffer;
  resolve: (id: number | null) => void;
  reject: (error: unknown) => void;
}

/** Requests that share one commit at most; PostgreSQL takes 65,535 parameters, a statement should stay small. */
const BATCH_MAX = 64;
/** Requests read back at once; each may be large. */
const PAGE_SIZE = 10;
/** Requests of which it is not known whether they were committed that are remembered at most. */
const DOUBTFUL_MAX = 100_000;
/** Between two tries to read them while the database is away. */
const OUTAGE_WAIT_MS = 500;

/**
 * The journal: a request is durable once `append` resolves, and everything later can be derived again from it.
 * Requests that arrive together share one commit.
 */
export class Journal {
  readonly #pool: Pool;
  readonly #bytesMax: number;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #isWriting = false;
  /** What may have been committed though the answer was lost: nobody was handed it on, and who sends it again wants it to be. */
  readonly #doubtful = new Set<string>();

  /** `bytesMax`: bodies that may wait for their commit before further ones are refused. */
  constructor(pool: Pool, bytesMax = 128 * 1024 * 1024) {
    this.#pool = pool;
    this.#bytesMax = bytesMax;
  }

  /** Bytes that wait for their commit. */
  get backlogBytes(): number {
    return this.#bytes;
  }

  /**
   * Resolves when the record is committed: to its id, or to null when the very same bytes were journaled before (a
   * client's retry). Rejects with UNAVAILABLE when the journal is behind or the database is away.
   */
  append(record: JournalRecord): Promise<number | null> {
    if (this.#bytes + record.body.length > this.#bytesMax) {
      return Promise.reject(new AppError('UNAVAILABLE', 'the journal is behind: try again', { retryAfterS: 2 }));
    }
    this.#bytes += record.body.length;
    return new Promise<number | null>((resolve, reject) => {
      const hash = createHash('sha256').update(record.body).digest();
      this.#waiting.push({ record, hash, resolve, reject });
      void this.#write();
    });
  }

  /** Pending requests of every signal in order of arrival: what a restart has to work off again. */
  async *pending(): AsyncGenerator<JournaledRequest> {
    let afterId = 0;
    for (;;) {
      const rows = await this.#readPending(afterId);
      if (rows === null) {
        await new Promise((resolve) => setTimeout(resolve, OUTAGE_WAIT_MS));
        continue;
      }
      for (const row of rows) yield toRequest(row);
      if (rows.length < PAGE_SIZE) return;
      afterId = rows.at(-1)?.id ?? afterId;
    }
  }

  /** A page of pending requests; null when the database is away: what is journaled can wait for it. */
  async #readPending(afterId: number): Promise<JournalRow[] | null> {
    try {
      const { rows } = await this.#pool.query<JournalRow>(
        `SELECT id, fleet_id, signal, encoding, is_gzip, body FROM journal
         WHERE done_at IS NULL AND id > $1 ORDER BY id LIMIT $2`,
        [afterId, PAGE_SIZE],
      );
      return rows;
    } catch (error) {
      if (isOutage(error)) return null;
      throw error;
    }
  }

  /** The requests with these ids that are still kept. */
  async load(ids: readonly number[]): Promise<JournaledRequest[]> {
    const { rows } = await this.#pool.query(
      'SELECT id, fleet_id, signal, encoding, is_gzip, body FROM journal WHERE id = ANY($1::bigint[]) ORDER BY id',
      [ids],
    );
    return rows.map(toRequest);
  }

  /** Marks requests from which nothing more will be derived. */
  async markDone(ids: readonly number[]): Promise<void> {
    await finishRequests(this.#pool, ids);
  }

  /** Removes requests that were done before the cutoff; a span that comes later than that cannot amend any more. */
  async removeDone(cutoff: Date): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `DELETE FROM journal WHERE id IN (
         SELECT id FROM journal WHERE done_at < $1 ORDER BY done_at LIMIT 1000)`,
      [cutoff],
    );
    return rowCount ?? 0;
  }

  /**
   * Empties requests received before the cutoff that hold something erased and were never worked off: what the record has
   * refused stays pending for ever. Returns how many.
   */
  async emptyErased(cutoff: Date): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `UPDATE journal SET ${DONE} WHERE is_erased AND done_at IS NULL AND received_at < $1`,
      [cutoff],
    );
    return rowCount ?? 0;
  }

  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      await this.#commit(batch);
      for (const { record } of batch) this.#bytes -= record.body.length;
    }
    this.#isWriting = false;
  }

  #takeWaiting(): Waiting[] {
    const taken = this.#waiting.splice(0);
    for (const { record } of taken) this.#bytes -= record.body.length;
    return taken;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const values = batch.map(
      (_, index) =>
        `($${index * 6 + 1},$${index * 6 + 2},$${index * 6 + 3},$${index * 6 + 4},$${index * 6 + 5},$${index * 6 + 6})`,
    );
    const parameters = batch.flatMap(({ record, hash }) => [
      record.fleet,
      record.signal,
      record.encoding,
      record.isGzip,
      record.body,
      hash,
    ]);
    try {
      const { rows } = await this.#pool.query(
        `INSERT INTO journal (fleet_id, signal, encoding, is_gzip, body, body_hash) VALUES ${values.join(',')}
         ON CONFLICT (fleet_id, signal, body_hash) DO NOTHING RETURNING id, fleet_id, signal, body_hash`,
        parameters,
      );
      const ids = new Map([...idsOf(rows), ...(await this.#findDoubtful(batch))]);
      for (const waiting of batch) {
        const key = keyOf(waiting);
        waiting.resolve(ids.get(key) ?? null);
        ids.delete(key);
        this.#doubtful.delete(key);
      }
    } catch (cause) {
      const error = outageError(cause);
      this.#doubt(batch);
      // Those that came meanwhile would wait as long again, and in vain.
      for (const { reject } of [...batch, ...this.#takeWaiting()]) reject(error);
    }
  }

  #doubt(batch: readonly Waiting[]): void {
    for (const waiting of batch) this.#doubtful.add(keyOf(waiting));
    for (const key of this.#doubtful) {
      if (this.#doubtful.size <= DOUBTFUL_MAX) return;
      this.#doubtful.delete(key);
    }
  }

  /** Those that were committed by an earlier try whose answer was lost, and are not worked off. */
  async #findDoubtful(batch: readonly Waiting[]): Promise<Map<string, number>> {
    const doubtful = batch.filter((waiting) => this.#doubtful.has(keyOf(waiting)));
    if (doubtful.length === 0) return new Map();
    const { rows } = await this.#pool.query<Journaled>(
      `SELECT j.id, j.fleet_id, j.signal, j.body_hash
       FROM unnest($1::text[], $2::text[], $3::bytea[]) AS sent (fleet_id, signal, body_hash)
       JOIN journal j USING (fleet_id, signal, body_hash) WHERE j.done_at IS NULL`,
      [
        doubtful.map(({ record }) => record.fleet),
        doubtful.map(({ record }) => record.signal),
        doubtful.map(({ hash }) => hash),
      ],
    );
    return idsOf(rows);
  }
}

interface Journaled {
  id: number;
  fleet_id: string;
  signal: string;
  body_hash: Buffer;
}

function idsOf(rows: readonly Journaled[]): Map<string, number> {
  return new Map(
    rows.map(({ id, fleet_id: fleet, signal, body_hash: hash }) => [keyOf({ record: { fleet, signal }, hash }), id]),
  );
}

function keyOf({ record, hash }: { record: { fleet: string; signal: string }; hash: Buffer }): string {
  return `${record.fleet}\u0000${record.signal}\u0000${hash.toString('latin1')}`;
}

interface JournalRow {
  id: number;
  fleet_id: string;
  signal: OtlpSignal;
  encoding: OtlpEncoding;
  is_gzip: boolean;
  body: Buffer;
}

function toRequest(row: JournalRow): JournaledRequest {
  return {
    id: row.id,
    fleet: row.fleet_id,
    signal: row.signal,
    encoding: row.encoding,
    isGzip: row.is_gzip,
    body: row.body,
  };
}
