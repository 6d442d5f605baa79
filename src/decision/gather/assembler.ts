import type { Clock } from '../../clock.js';
import { type AssembledDecision, assembleTrace } from '../assembly/assemble.js';
import type { Span } from '../assembly/span.js';
import type { Decision } from '../decision.js';
import type { RecordBatch } from '../record/record.js';
import type { Sampler } from '../sampling/sampler.js';
import type { Watcher } from '../watcher.js';
import { LogContext, type LogTurn, logTurnOf } from './log-context.js';
import { type Patience, type PlanOptions, planTrace, type TracePlan } from './plan.js';
import { Sealing, type SealingOptions } from './sealing.js';
import { keyOf, type SealedDecision, Trace } from './trace.js';
import { Watermark } from './watermark.js';

/** A trace is looked at when nothing of it has come for this long… */
const QUIET_MS = 100;
/** …or, if spans keep coming, this long after the first. */
const RESTLESS_MS = 500;
const TICK_MS = 25;
/** How long a trace whose decisions are all sealed stays in memory for what may come late; then the journal has it. */
const LINGER_MS = 10_000;
/** How long what log records said waits in memory for its span: a long call's messages are sent when it begins. */
const REMARKS_LINGER_MS = 600_000;
/** Sealed traces leave memory earlier when more is held than this: what lives long is dear to collect. */
const HELD_SPANS_MAX = 20_000;
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** What waits to be sealed; beyond this, requests are refused until the recorder has caught up. */
const OPEN_SPANS_MAX = 300_000;
const OPEN_BYTES_MAX = 512 * 1024 * 1024;
/** A trace that has grown beyond this is not kept, and not read back, to be assembled with what comes later. */
const TRACE_SPANS_MAX = 20_000;
const CALLEE_MS = 10_000;
const RETRY_MS = 1_000;
const BATCH_TRACES_MAX = 500;
const BATCH_BYTES_MAX = 32 * 1024 * 1024;

const NOTHING_TO_RECORD: TracePlan = { items: [], links: [], superseded: [], sightings: [], waitUntilMs: null };

/** A span and the journal's row that brought it. */
export interface JournaledSpan {
  span: Span;
  journalId: number;
}

/** What the assembler needs from the rest of the house. */
export interface AssemblerOptions extends SealingOptions {
  price: (assembled: AssembledDecision) => Decision;
  sampler: Sampler;
  watcher: Watcher;
  /** What was sealed of these traces before, by trace id. */
  findSealed: (fleet: string, traceIds: readonly string[]) => Promise<Map<string, SealedDecision[]>>;
  /** The spans of one trace in these rows of the journal, as far as they are still kept. */
  reload: (journalIds: readonly number[], traceId: string) => Promise<JournaledSpan[]>;
  /** Whether decisions were sealed from spans that tell of this turn too. */
  isTracedTurn: (turn: LogTurn) => Promise<boolean>;
  clock: Clock;
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
  readonly #sealing: Sealing;
  readonly #context = new LogContext();
  /** Requests that are done and could not be marked so yet. */
  readonly #unmarked: number[] = [];
  #heldSpans = 0;
  #heldBytes = 0;
  #isStopping = false;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #retryAtMs = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#sealing = new Sealing(options);
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
    await this.#sealing.stop();
  }

  /** Spans taken in and not yet settled. */
  get openSpans(): number {
    return this.#watermark.openSpans;
  }

  get isBehind(): boolean {
    return this.openSpans > OPEN_SPANS_MAX || this.#heldBytes > OPEN_BYTES_MAX;
  }

  /** Resolves when it is not behind. */
  async caughtUp(): Promise<void> {
    while (this.isBehind && !this.#isStopping) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }

  /** Takes in the spans of one journaled request. */
  add(fleet: string, spans: readonly Span[], journalId: number): void {
    this.#watermark.expect(journalId, spans.length);
    for (const span of spans) {
      const trace = this.#traceOf(fleet, this.#context.traceIdOf(fleet, span));
      this.#weighing(trace, () => trace.add(span, journalId));
      this.#touch(trace);
      const waiting = this.#context.learn(fleet, span);
      if (waiting !== null) this.#join(trace, waiting);
    }
  }

  /** What waited under a trace id of our own for this trace to come. */
  #join(trace: Trace, waitingId: string): void {
    const waiting = this.#traces.get(keyOf(trace.fleet, waitingId));
    if (waiting === undefined) return;
    this.#weighing(trace, () => this.#weighing(waiting, () => waiting.moveTo(trace)));
    this.#move(waiting, null);
    this.#traces.delete(keyOf(trace.fleet, waitingId));
  }

  /** Keeps count of what is held while a trace grows. */
  #weighing(trace: Trace, grow: () => void): void {
    const { size, bytes } = trace;
    grow();
    this.#heldSpans += trace.size - size;
    this.#heldBytes += trace.bytes - bytes;
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
      await this.#findTraced(due);
      for (const [fleet, traces] of groupByFleet(due)) await this.#seal(fleet, traces);
    }
  }

  #due(): Trace[] {
    const nowMs = this.#options.clock.now();
    const due: Trace[] = [];
    let bytes = 0;
    const take = (trace: Trace): boolean => {
      if (due.length > 0 && (due.length === BATCH_TRACES_MAX || bytes + trace.bytes > BATCH_BYTES_MAX)) return false;
      bytes += trace.bytes;
      due.push(trace);
      return true;
    };
    for (const trace of this.#changed) {
      const isQuiet = trace.lastArrivalMs + QUIET_MS <= nowMs;
      const isDue = !trace.isBusy && (isQuiet || trace.firstChangeMs + RESTLESS_MS <= nowMs);
      if (isDue && !take(trace)) return due;
    }
    for (const trace of this.#waiting) {
      if (!trace.isBusy && trace.waitUntilMs <= nowMs && !take(trace)) return due;
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

  /** A turn told both by spans and by log records is counted once, from its spans. */
  async #findTraced(traces: readonly Trace[]): Promise<void> {
    for (const trace of traces) {
      const turn = trace.isTraced || trace.sealed.size > 0 ? null : logTurnOf(trace);
      if (turn === null) continue;
      const isHeld = turn.traceIds.some((id) => this.#traces.get(keyOf(turn.fleet, id))?.hasAgentSpans);
      trace.isTraced = isHeld || this.#context.knowsSessionOf(trace) || (await this.#options.isTracedTurn(turn));
    }
  }

  async #complete(trace: Trace, sealed: readonly SealedDecision[]): Promise<void> {
    for (const decision of sealed) trace.sealed.set(decision.id, decision);
    const spans = sealed.reduce((sum, { spanIds }) => sum + spanIds.size, 0);
    if (spans === 0 || spans > TRACE_SPANS_MAX) return;
    const journalIds = new Set(sealed.flatMap((decision) => decision.journalIds));
    for (const { span, journalId } of await this.#options.reload([...journalIds], trace.traceId)) {
      this.#weighing(trace, () => trace.restore(span, journalId));
    }
  }

  async #seal(fleet: string, traces: readonly Trace[]): Promise<void> {
    await Promise.all([this.#options.sampler.prepare(fleet), this.#options.watcher.prepare(fleet)]);
    // Nothing may be waited for from here until they rest: a span that came meanwhile would count as planned.
    const plans = traces.map((trace) => ({ trace, plan: this.#plan(trace) }));
    const settled = plans.flatMap(({ trace, plan }) => (plan.waitUntilMs === null ? trace.takeUnsettled() : []));
    const batch: RecordBatch = {
      fleet,
      items: plans.flatMap(({ plan }) => plan.items),
      links: plans.flatMap(({ plan }) => plan.links),
      superseded: plans.flatMap(({ plan }) => plan.superseded),
      sightings: plans.flatMap(({ plan }) => plan.sightings),
      doneJournalIds: [...this.#unmarked.splice(0), ...this.#watermark.settle(settled)],
    };
    for (const { trace, plan } of plans) this.#rest(trace, plan.waitUntilMs);
    const { items, links, superseded, sightings } = batch;
    if (items.length + links.length + superseded.length + sightings.length > 0) await this.#sealing.send(batch, traces);
    else await this.#markDone(batch.doneJournalIds);
  }

  async #markDone(journalIds: readonly number[]): Promise<void> {
    if (journalIds.length === 0) return;
    try {
      await this.#options.markDone(journalIds);
    } catch (error) {
      this.#unmarked.push(...journalIds);
      throw error;
    }
  }

  /** A trace that cannot be assembled must not hold up the others: it is named, and its requests stay in the journal. */
  #plan(trace: Trace): TracePlan {
    try {
      return this.#planTrace(trace);
    } catch (error) {
      this.#options.log.error({ traceId: trace.traceId, err: messageOf(error) }, 'a trace cannot be assembled');
      this.#watermark.abandon(trace.takeUnsettled());
      return { ...NOTHING_TO_RECORD };
    }
  }

  #planTrace(trace: Trace): TracePlan {
    const { clock, sampler, watcher, settleMs } = this.#options;
    const nowMs = clock.now();
    if (trace.isTraced) return { ...NOTHING_TO_RECORD };
    const assembled = assembleTrace(trace.spans).map((each) => ({ assembled: each, decision: this.#finish(each) }));
    const { fleet, traceId } = trace;
    const judge: PlanOptions['judge'] = ({ riskClasses, ...unit }) => {
      const judgement = watcher.judge({ fleet, ...unit });
      const decisions = [...unit.fresh, ...unit.amended];
      const isFound = judgement.sightings.length > 0;
      return { ...judgement, isKept: sampler.keeps({ fleet, key: traceId, decisions, riskClasses, isFound }) };
    };
    const score: PlanOptions['score'] = (decision) => watcher.score(fleet, decision);
    const glance: PlanOptions['glance'] = (running) => watcher.glance(fleet, running);
    const plan = planTrace(trace, assembled, { nowMs, patience: this.#patience, judge, score, glance });
    if (assembled.length > 0) return plan;
    // Ordinary spans without an agent or a model may still turn out to be above one; they are too many to wait for long.
    const idleUntilMs = trace.lastArrivalMs + (trace.holdsRemarksOnly ? settleMs : this.#patience.calleeMs);
    return { ...plan, waitUntilMs: idleUntilMs > nowMs ? idleUntilMs : null };
  }

  /** Priced and classified. */
  #finish(assembled: AssembledDecision): Decision {
    const { price, sampler } = this.#options;
    const decision = price(assembled);
    return assembled.isRiskClassStated
      ? decision
      : { ...decision, riskClass: sampler.classify(decision, assembled.labels) };
  }

  #rest(trace: Trace, waitUntilMs: number | null): void {
    trace.waitUntilMs = waitUntilMs ?? 0;
    this.#move(trace, waitUntilMs === null ? this.#resting : this.#waiting);
  }

  #evict(): void {
    const nowMs = this.#options.clock.now();
    for (const trace of this.#resting) {
      const isCrowded = this.#heldSpans > HELD_SPANS_MAX || this.#heldBytes > HELD_BYTES_MAX;
      const lingerMs = trace.holdsRemarksOnly ? REMARKS_LINGER_MS : LINGER_MS;
      const isOver = trace.lastArrivalMs + lingerMs <= nowMs || trace.size > TRACE_SPANS_MAX;
      if (trace.isBusy || !(isCrowded || isOver)) continue;
      this.#resting.delete(trace);
      this.#traces.delete(keyOf(trace.fleet, trace.traceId));
      this.#heldSpans -= trace.size;
      this.#heldBytes -= trace.bytes;
    }
  }
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
