import type { Clock } from '../../clock.js';
import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { Decision } from '../decision.js';
import { type PreparedItem, prepareItem } from './prepared.js';
import { type RecordBatch, type RecordResult, recordBatch, sealingBatch } from './record.js';

export interface RecorderOptions {
  pool: Pool;
  /** Called after a commit, and never before, with the seq the fleet's ledger has reached. */
  announce: (fleet: string, seq: number) => void;
  /** Called after each transaction. */
  observe: (observation: RecordObservation) => void;
  clock: Clock;
}

export interface RecordObservation {
  sealed: number;
  duplicates: number;
  durationMs: number;
}

interface Waiting {
  batch: RecordBatch<PreparedItem>;
  resolve: (result: RecordResult) => void;
  reject: (error: unknown) => void;
}

/** Items of one transaction at most: beyond a few hundred a larger one is no cheaper, only slower to answer. */
const ITEMS_MAX = 1_000;
/** Characters of encoded steps in one transaction at most, unless one batch alone has more. */
const STEPS_LENGTH_MAX = 64 * 1024 * 1024;

/**
 * Seals decisions: one fleet's batches one after another, since its ledger is a chain; fleets beside each other. Batches
 * that wait together share a transaction.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #queues = new Map<string, Waiting[]>();
  readonly #loops = new Map<string, Promise<void>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * Seals decisions that came without spans. Resolves after the commit; ids that were sealed before come back as
   * duplicates and stay as they stand.
   */
  async record(fleet: string, decisions: readonly Decision[]): Promise<RecordResult> {
    return this.submit(sealingBatch(fleet, decisions));
  }

  /** Resolves after the commit; rejects when the database refused or could not be reached, with nothing written. */
  async submit(batch: RecordBatch): Promise<RecordResult> {
    return this.submitPrepared(prepareBatch(batch));
  }

  /** As `submit`, for a batch that was prepared before. */
  submitPrepared(batch: RecordBatch<PreparedItem>): Promise<RecordResult> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(batch.fleet) ?? [];
      queue.push({ batch, resolve, reject });
      this.#queues.set(batch.fleet, queue);
      if (!this.#loops.has(batch.fleet)) this.#loops.set(batch.fleet, this.#drain(batch.fleet, queue));
    });
  }

  /** Resolves when everything submitted so far is committed or refused. */
  async idle(): Promise<void> {
    while (this.#loops.size > 0) await Promise.all(this.#loops.values());
  }

  async #drain(fleet: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) await this.#write(fleet, takeTogether(queue));
    this.#loops.delete(fleet);
    this.#queues.delete(fleet);
  }

  async #write(fleet: string, group: readonly Waiting[]): Promise<void> {
    try {
      const result = await this.#commit(fleet, group);
      for (const { batch, resolve } of group) resolve(resultFor(batch, result));
    } catch (error) {
      // One bad batch must not take its neighbours with it: each is tried on its own.
      if (group.length > 1 && !isOutage(error)) for (const waiting of group) await this.#write(fleet, [waiting]);
      else for (const { reject } of group) reject(toAppError(error));
    }
  }

  async #commit(fleet: string, group: readonly Waiting[]): Promise<RecordResult> {
    const { pool, clock, announce, observe } = this.#options;
    const startedAtMs = performance.now();
    const result = await recordBatch(pool, merge(fleet, group), clock.now());
    const durationMs = performance.now() - startedAtMs;
    observe({ sealed: result.sealed.length, duplicates: result.duplicates.length, durationMs });
    if (result.sealed.length > 0) announce(fleet, result.headSeq);
    return result;
  }
}

/** Works out all of a batch that does not depend on its place in the ledger. Throws AppError when something in it cannot be. */
export function prepareBatch(batch: RecordBatch): RecordBatch<PreparedItem> {
  try {
    return { ...batch, items: batch.items.map((item) => prepareItem(batch.fleet, item)) };
  } catch (error) {
    throw toAppError(error);
  }
}

/** The head of the queue that fits one transaction, at least one batch; two that name the same decision never share one. */
function takeTogether(queue: Waiting[]): Waiting[] {
  const ids = new Set<string>();
  let length = 0;
  let count = 0;
  for (const { batch } of queue) {
    const batchLength = batch.items.reduce((sum, { steps }) => sum + steps.length, 0);
    const isFull = ids.size + batch.items.length > ITEMS_MAX || length + batchLength > STEPS_LENGTH_MAX;
    if (count > 0 && isFull) break;
    if (batch.items.some(({ id }) => ids.has(id))) break;
    for (const { id } of batch.items) ids.add(id);
    length += batchLength;
    count += 1;
  }
  return queue.splice(0, Math.max(count, 1));
}

function merge(fleet: string, group: readonly Waiting[]): RecordBatch<PreparedItem> {
  return {
    fleet,
    items: group.flatMap(({ batch }) => batch.items),
    links: group.flatMap(({ batch }) => batch.links),
    superseded: group.flatMap(({ batch }) => batch.superseded),
    doneJournalIds: group.flatMap(({ batch }) => batch.doneJournalIds),
  };
}

function resultFor(batch: RecordBatch<PreparedItem>, { sealed, duplicates, headSeq }: RecordResult): RecordResult {
  const ids = new Set(batch.items.map(({ id }) => id));
  return {
    sealed: sealed.filter(({ id }) => ids.has(id)),
    duplicates: duplicates.filter((id) => ids.has(id)),
    headSeq,
  };
}

/**
 * SQLSTATEs of a server that is away, full, shutting down or too slow just now: connection exceptions, insufficient
 * resources, operator intervention, and a lock that was not to be had.
 */
const OUTAGE_STATES = /^(08|53|57|58|40|25P03|55P03)/;
/** What node-postgres and Node's sockets say instead of a SQLSTATE. */
const OUTAGE_WORDS =
  /timeout|terminated|ECONN|EPIPE|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|not queryable|Connection ended/i;

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof AppError) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && SQLSTATE.test(code)) return OUTAGE_STATES.test(code);
  return OUTAGE_WORDS.test(`${String(code)} ${error.message}`);
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

function toAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (isOutage(cause)) return new AppError('UNAVAILABLE', 'the database is away: try again', { cause, retryAfterS: 2 });
  return new AppError('INTERNAL', 'the decisions could not be recorded', { cause });
}
