import type { Clock } from '../../clock.js';
import { isOutage, outageError } from '../../db/outage.js';
import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { FigureWriter } from '../../metric/write.js';
import { dayOf } from '../../time.js';
import { AgentBook } from './agent-book.js';
import { type PreparedItem, prepareItem } from './prepared.js';
import { type JudgedDecisions, type RecordBatch, type RecordResult, recordBatch, sealingBatch } from './record.js';

export interface RecorderOptions {
  pool: Pool;
  writer: FigureWriter;
  /** Called after a commit, and never before, with what it reached. */
  announce: (fleet: string, reached: Reached) => void;
  /** Called after each transaction. */
  observe: (observation: RecordObservation) => void;
  clock: Clock;
}

export interface RecordObservation {
  sealed: number;
  duplicates: number;
  durationMs: number;
}

/** Places that a commit has reached; null where it added nothing. */
export interface Reached {
  /** Of the fleet's ledger. */
  headSeq: number | null;
  /** Of its stream of anomalies. */
  anomalySeq: number | null;
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
  readonly #agents = new AgentBook();
  readonly #queues = new Map<string, Waiting[]>();
  readonly #loops = new Map<string, Promise<void>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * Seals decisions that came without spans. Resolves after the commit; ids that were sealed before come back as
   * duplicates and stay as they stand.
   */
  async record(fleet: string, judged: JudgedDecisions): Promise<RecordResult> {
    return this.submit(sealingBatch(fleet, judged));
  }

  /** Resolves after the commit; rejects when the database refused or could not be reached, with nothing written. */
  async submit(batch: RecordBatch): Promise<RecordResult> {
    return this.submitPrepared(prepareBatch(batch, this.#options.clock.now()));
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
    const { pool, writer, clock, announce, observe } = this.#options;
    const startedAtMs = performance.now();
    const result = await recordBatch(pool, merge(fleet, group), {
      nowMs: clock.now(),
      writer,
      agents: this.#agents,
    });
    const durationMs = performance.now() - startedAtMs;
    observe({ sealed: result.sealed.length, duplicates: result.duplicates.length, durationMs });
    const { sealed, headSeq, anomalySeq } = result;
    announce(fleet, { headSeq: sealed.length > 0 ? headSeq : null, anomalySeq });
    return result;
  }
}

/** Works out all of a batch that does not depend on its place in the ledger. Throws AppError when something in it cannot be. */
export function prepareBatch(batch: RecordBatch, nowMs: number): RecordBatch<PreparedItem> {
  const place = { fleet: batch.fleet, sealedOn: dayOf(nowMs) };
  try {
    return { ...batch, items: batch.items.map((item) => prepareItem(item, place)) };
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
    sightings: group.flatMap(({ batch }) => batch.sightings),
    doneJournalIds: group.flatMap(({ batch }) => batch.doneJournalIds),
  };
}

function resultFor(batch: RecordBatch<PreparedItem>, { sealed, duplicates, ...reached }: RecordResult): RecordResult {
  const ids = new Set(batch.items.map(({ id }) => id));
  return {
    sealed: sealed.filter(({ id }) => ids.has(id)),
    duplicates: duplicates.filter((id) => ids.has(id)),
    ...reached,
  };
}

function toAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (isOutage(cause)) return outageError(cause);
  return new AppError('INTERNAL', 'the decisions could not be recorded', { cause });
}
