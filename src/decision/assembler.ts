import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import { type AssembledDecision, assembleTrace } from './assembly/assemble.js';
import type { Span } from './assembly/span.js';
import type { Decision } from './decision.js';
import { type Patience, planTrace, type TracePlan } from './plan.js';
import type { RecordBatch, RecordResult } from './record.js';
import { type SealedDecision, Trace } from './trace.js';
import { Watermark } from './watermark.js';

/** A trace is looked at when nothing of it has come for this long… */
const QUIET_MS = 100;
/** …or, if spans keep coming, this long after the first. */
const RESTLESS_MS = 500;
const TICK_MS = 25;
/** How long a trace whose decisions are all sealed stays in memory for what may come late; then the journal has it. */
const LINGER_MS = 10_000;
/** Sealed traces leave memory earlier when more spans than this are held: what lives long is dear to collect. */
const HELD_SPANS_MAX = 20_000;
/** Spans that wait to be sealed; beyond this, requests are refused until the recorder has caught up. */
const OPEN_SPANS_MAX = 300_000;
const CALLEE_MS = 10_000;
const RETRY_MS = 1_000;
const BATCH_TRACES_MAX = 500;
const SUBMISSIONS_MAX = 2;

/** A span and the journal's row that brought it. */
export interface JournaledSpan {
  span: Span;
  journalId: number;
}

/** What the assembler needs from the rest of the house. */
export interface AssemblerOptions {
  submit: (batch: RecordBatch) => Promise<RecordResult>;
  price: (assembled: AssembledDecision) => Decision;
  /** What was sealed of these traces before, by trace id. */
  findSealed: (fleet: string, traceIds: readonly string[]) => Promise<Map<string, SealedDecision[]>>;
  /** The spans of one trace in these rows of the journal, as far as they are still kept. */
  reload: (journalIds: readonly number[], traceId: string) => Promise<JournaledSpan[]>;
  markDone: (journalIds: readonly number[]) => Promise<void>;
  clock: Clock;
  log: Log;
  settleMs: number;
}

/**
 * Gathers spans into decisions, by trace, in memory. A decision goes to the recorder when its root has ended and its
 * trace has been quiet for a moment, or after a settle time when something that was named did not come. Everything here
 * can be lost: the journal has it, and what was sealed is known from the record.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #patience: Patience;
  readonly #watermark = new Watermark();
  readonly #traces = new Map<string, Trace>();
  /** Traces by what they wait for: to be quiet, for something that was named, for nothing. */
  readonly #changed = new Set<Trace>();
  readonly #waiting = new Set<Trace>();
  readonly #resting = new Set<Trace>();
  #heldSpans = 0;
  readonly #submissions = new Set<Promise<void>>();
  #isStopping = false;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #retryAtMs = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#patience = { settleMs: options.settleMs, calleeMs: Math.min(CALLEE_MS, options.settleMs) };
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Ends the timer and what is under way. What has not been sealed is in the journal and comes back at the next start. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#isStopping = true;
    await this.#running;
    await Promise.all(this.#submissions);
  }

  /** Spans taken in and not yet settled. */
  get openSpans(): number {
    return this.#watermark.openSpans;
  }

  get isBehind(): boolean {
    return this.openSpans > OPEN_SPANS_MAX;
  }

  /** Takes in the spans of one journaled request. */
  add(fleet: string, spans: readonly Span[], journalId: number): void {
    this.#watermark.expect(journalId, spans.length);
    for (const span of spans) {
      const trace = this.#traceOf(fleet, span.traceId);
      this.#heldSpans += trace.add(span, journalId);
      this.#touch(trace);
    }
  }

  #traceOf(fleet: string, traceId: string): Trace {
    const key = keyOf(fleet, traceId);
    const known = this.#traces.get(key);
    if (known) return known;
    const trace = new Trace(fleet, traceId);
    this.#traces.set(key, trace);
    return trace;
  }

  #touch(trace: Trace): void {
    const nowMs = this.#options.clock.now();
    if (!this.#changed.has(trace)) trace.firstChangeMs = nowMs;
    trace.lastArrivalMs = nowMs;
    this.#move(trace, this.#changed);
  }

  #move(trace: Trace, to: Set<Trace> | null): void {
    this.#changed.delete(trace);
    this.#waiting.delete(trace);
    this.#resting.delete(trace);
    to?.add(trace);
  }

  #tick(): void {
    if (this.#running !== null || this.#options.clock.now() < this.#retryAtMs) return;
    this.#running = this.#work()
      .catch((error: unknown) => {
        this.#retryAtMs = this.#options.clock.now() + RETRY_MS;
        this.#options.log.warn({ err: messageOf(error) }, 'decisions could not be sealed yet: trying again');
      })
      .finally(() => {
        this.#running = null;
      });
  }

  async #work(): Promise<void> {
    this.#evict();
    for (let due = this.#due(); due.length > 0 && !this.#isStopping; due = this.#due()) {
      await this.#checkAgainstRecord(due);
      for (const [fleet, traces] of groupByFleet(due)) await this.#seal(fleet, traces);
    }
  }

  #due(): Trace[] {
    const nowMs = this.#options.clock.now();
    const due: Trace[] = [];
    for (const trace of this.#changed) {
      if (due.length === BATCH_TRACES_MAX) return due;
      const isQuiet = trace.lastArrivalMs + QUIET_MS <= nowMs;
      if (!trace.isBusy && (isQuiet || trace.firstChangeMs + RESTLESS_MS <= nowMs)) due.push(trace);
    }
    for (const trace of this.#waiting) {
      if (due.length === BATCH_TRACES_MAX) return due;
      if (!trace.isBusy && trace.waitUntilMs <= nowMs) due.push(trace);
    }
    return due;
  }

  /** Asks the record, once for each trace, what was sealed before a restart or before the trace left memory. */
  async #checkAgainstRecord(traces: readonly Trace[]): Promise<void> {
    for (const [fleet, unchecked] of groupByFleet(traces.filter(({ isChecked }) => !isChecked))) {
      const sealed = await this.#options.findSealed(
        fleet,
        unchecked.map(({ traceId }) => traceId),
      );
      for (const trace of unchecked) {
        await this.#complete(trace, sealed.get(trace.traceId) ?? []);
        trace.isChecked = true;
      }
    }
  }

  async #complete(trace: Trace, sealed: readonly SealedDecision[]): Promise<void> {
    for (const decision of sealed) trace.sealed.set(decision.id, decision);
    const journalIds = new Set(sealed.flatMap((decision) => decision.journalIds));
    if (journalIds.size === 0) return;
    for (const { span, journalId } of await this.#options.reload([...journalIds], trace.traceId)) {
      this.#heldSpans += trace.restore(span, journalId);
    }
  }

  async #seal(fleet: string, traces: readonly Trace[]): Promise<void> {
    const plans = traces.map((trace) => ({ trace, plan: this.#plan(trace) }));
    const settled = plans.flatMap(({ trace, plan }) => (plan.waitUntilMs === null ? trace.takeUnsettled() : []));
    const batch: RecordBatch = {
      fleet,
      items: plans.flatMap(({ plan }) => plan.items),
      links: plans.flatMap(({ plan }) => plan.links),
      superseded: plans.flatMap(({ plan }) => plan.superseded),
      doneJournalIds: this.#watermark.settle(settled),
    };
    for (const { trace, plan } of plans) this.#rest(trace, plan.waitUntilMs);
    if (batch.items.length + batch.links.length + batch.superseded.length > 0) await this.#send(batch, traces);
    else if (batch.doneJournalIds.length > 0) await this.#options.markDone(batch.doneJournalIds);
  }

  #plan(trace: Trace): TracePlan {
    const { clock, price } = this.#options;
    const nowMs = clock.now();
    const assembled = assembleTrace(trace.spans).map((each) => ({ assembled: each, decision: price(each) }));
    const plan = planTrace(trace, assembled, { nowMs, patience: this.#patience });
    if (assembled.length > 0) return plan;
    // Ordinary spans without an agent or a model may still turn out to be above one; they are too many to wait for long.
    const idleUntilMs = trace.lastArrivalMs + this.#patience.calleeMs;
    return { ...plan, waitUntilMs: idleUntilMs > nowMs ? idleUntilMs : null };
  }

  #rest(trace: Trace, waitUntilMs: number | null): void {
    trace.waitUntilMs = waitUntilMs ?? 0;
    this.#move(trace, waitUntilMs === null ? this.#resting : this.#waiting);
  }

  /** Hands a batch to the recorder; two may be on their way, so that one is prepared while the other is written. */
  async #send(batch: RecordBatch, traces: readonly Trace[]): Promise<void> {
    for (const trace of traces) trace.isBusy = true;
    const submission = this.#submitUntilWritten(batch, new Map(traces.map((trace) => [trace.traceId, trace])))
      .catch((error: unknown) => this.#options.log.error({ err: messageOf(error) }, 'a batch could not be sealed'))
      .finally(() => {
        for (const trace of traces) trace.isBusy = false;
        this.#submissions.delete(submission);
      });
    this.#submissions.add(submission);
    if (this.#submissions.size >= SUBMISSIONS_MAX) await Promise.race(this.#submissions);
  }

  async #submitUntilWritten(batch: RecordBatch, traces: ReadonlyMap<string, Trace>): Promise<void> {
    while (!this.#isStopping) {
      try {
        remember(traces, batch, await this.#options.submit(batch));
        return;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE')
          return this.#submitEach(batch, { traces, error });
        this.#options.log.warn({ err: messageOf(error) }, 'decisions cannot be sealed yet: trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** A batch was refused for something in it: the rest is sealed, and what is left is named and stays in the journal. */
  async #submitEach(
    batch: RecordBatch,
    { traces, error }: { traces: ReadonlyMap<string, Trace>; error: unknown },
  ): Promise<void> {
    const [only] = batch.items;
    if (batch.items.length === 1 && only) {
      const detail = { decision: only.decision.id, err: messageOf(error) };
      this.#options.log.error(detail, 'a decision was refused by the record and is left in the journal');
      return;
    }
    const shared = { links: batch.links, superseded: batch.superseded, doneJournalIds: [] };
    for (const item of batch.items) await this.#submitUntilWritten({ ...batch, ...shared, items: [item] }, traces);
  }

  #evict(): void {
    const cutoffMs = this.#options.clock.now() - LINGER_MS;
    for (const trace of this.#resting) {
      if (trace.isBusy || (trace.lastArrivalMs > cutoffMs && this.#heldSpans <= HELD_SPANS_MAX)) return;
      this.#resting.delete(trace);
      this.#traces.delete(keyOf(trace.fleet, trace.traceId));
      this.#heldSpans -= trace.size;
    }
  }
}

function remember(traces: ReadonlyMap<string, Trace>, batch: RecordBatch, { sealed }: RecordResult): void {
  const hashes = new Map(sealed.map(({ id, revisionHash }) => [id, revisionHash]));
  for (const { decision, spanIds, journalIds } of batch.items) {
    const revisionHash = hashes.get(decision.id);
    const trace = traces.get(decision.traceId ?? '');
    if (revisionHash === undefined || trace === undefined) continue;
    const { id, parentId } = decision;
    trace.sealed.set(id, { id, parentId, spanIds: new Set(spanIds), revisionHash, journalIds });
  }
  for (const { id, parentId } of batch.links) {
    for (const trace of traces.values()) {
      const linked = trace.sealed.get(id);
      if (linked) trace.sealed.set(id, { ...linked, parentId });
    }
  }
  for (const { id } of batch.superseded) for (const trace of traces.values()) trace.sealed.delete(id);
}

function groupByFleet(traces: readonly Trace[]): Map<string, Trace[]> {
  const groups = new Map<string, Trace[]>();
  for (const trace of traces) {
    const group = groups.get(trace.fleet);
    if (group) group.push(trace);
    else groups.set(trace.fleet, [trace]);
  }
  return groups;
}

function keyOf(fleet: string, traceId: string): string {
  return `${fleet}\n${traceId}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
