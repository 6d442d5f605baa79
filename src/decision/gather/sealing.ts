import { AppError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { RecordBatch, RecordResult } from '../record/record.js';
import type { Trace } from './trace.js';

/** Batches on their way to the recorder at once: one is prepared while another is written. */
const SUBMISSIONS_MAX = 2;
const RETRY_MS = 1_000;

export interface SealingOptions {
  submit: (batch: RecordBatch) => Promise<RecordResult>;
  markDone: (journalIds: readonly number[]) => Promise<void>;
  log: Log;
}

/** Brings batches of traces to the recorder, again and again while the database is away, and remembers what was sealed. */
export class Sealing {
  readonly #options: SealingOptions;
  readonly #submissions = new Set<Promise<void>>();
  #isStopping = false;

  constructor(options: SealingOptions) {
    this.#options = options;
  }

  /** Starts a batch on its way; resolves when another one may follow. Its traces are busy until it is written. */
  async send(batch: RecordBatch, traces: readonly Trace[]): Promise<void> {
    for (const trace of traces) trace.isBusy = true;
    const submission = this.#write(batch, new Map(traces.map((trace) => [trace.traceId, trace])))
      .catch((error: unknown) => this.#options.log.error({ err: String(error) }, 'a batch could not be sealed'))
      .finally(() => {
        for (const trace of traces) trace.isBusy = false;
        this.#submissions.delete(submission);
      });
    this.#submissions.add(submission);
    if (this.#submissions.size >= SUBMISSIONS_MAX) await Promise.race(this.#submissions);
  }

  /** Waits for what is on its way; what is not written then comes back from the journal at the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#submissions);
  }

  async #write(batch: RecordBatch, traces: ReadonlyMap<string, Trace>): Promise<void> {
    while (!this.#isStopping) {
      try {
        remember(traces, batch, await this.#options.submit(batch));
        return;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE')
          return this.#writeEach(batch, { traces, error });
        this.#options.log.warn({ err: error.message }, 'decisions cannot be sealed yet: trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /**
   * A batch was refused for something in it. Its decisions go one by one; one that is refused by itself is named, and the
   * requests it came in stay in the journal.
   */
  async #writeEach(
    batch: RecordBatch,
    { traces, error }: { traces: ReadonlyMap<string, Trace>; error: unknown },
  ): Promise<void> {
    const [only] = batch.items;
    if (batch.items.length === 1 && only) {
      const detail = { decision: only.decision.id, err: String(error) };
      this.#options.log.error(detail, 'a decision was refused by the record: its requests stay in the journal');
      await this.#finish(batch, new Set(only.journalIds));
      return;
    }
    const refused = new Set<number>();
    for (const item of batch.items) {
      const sealed = await this.#writeOne({ ...batch, items: [item], doneJournalIds: [] }, traces);
      if (!sealed) for (const id of item.journalIds) refused.add(id);
    }
    await this.#finish(batch, refused);
  }

  async #writeOne(batch: RecordBatch, traces: ReadonlyMap<string, Trace>): Promise<boolean> {
    await this.#write(batch, traces);
    return batch.items.every(({ decision }) => traces.get(decision.traceId ?? '')?.sealed.has(decision.id));
  }

  async #finish({ doneJournalIds }: RecordBatch, refused: ReadonlySet<number>): Promise<void> {
    await this.#options.markDone(doneJournalIds.filter((id) => !refused.has(id)));
  }
}

function remember(traces: ReadonlyMap<string, Trace>, batch: RecordBatch, { sealed }: RecordResult): void {
  const hashes = new Map(sealed.map(({ id, revisionHash }) => [id, revisionHash]));
  for (const { decision, spanIds, journalIds, sampled } of batch.items) {
    const revisionHash = hashes.get(decision.id);
    const trace = traces.get(decision.traceId ?? '');
    if (revisionHash === undefined || trace === undefined) continue;
    const { id, parentId } = decision;
    trace.sealed.set(id, { id, parentId, spanIds: new Set(spanIds), revisionHash, sampled, journalIds });
  }
  for (const trace of traces.values()) {
    for (const { id, parentId } of batch.links) {
      const linked = trace.sealed.get(id);
      if (linked) trace.sealed.set(id, { ...linked, parentId });
    }
    for (const { id } of batch.superseded) trace.sealed.delete(id);
  }
}
