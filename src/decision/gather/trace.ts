import { isRemark } from '../assembly/content.js';
import { isWork } from '../assembly/kind.js';
import type { Span } from '../assembly/span.js';
import { decodeSpanIds } from '../record/columns.js';

/** What the record holds of a decision that was sealed from this trace. */
export interface SealedDecision {
  id: string;
  parentId: string | null;
  spanIds: ReadonlySet<string>;
  revisionHash: Buffer;
  /** Whether its content was kept. */
  sampled: boolean;
  journalIds: readonly number[];
}

export interface SealedRow {
  id: string;
  trace_id: string;
  parent_id: string | null;
  span_ids: Buffer;
  revision_hash: Buffer;
  sampled: boolean;
  journal_ids: string[];
}

export function toSealedDecision(row: SealedRow): SealedDecision {
  return {
    id: row.id,
    parentId: row.parent_id,
    spanIds: new Set(decodeSpanIds(row.span_ids)),
    revisionHash: row.revision_hash,
    sampled: row.sampled,
    journalIds: row.journal_ids.map(Number),
  };
}

interface HeldSpan {
  span: Span;
  journalId: number;
}

/** One trace while it is in memory: its spans as far as they have come, and what was sealed from them. */
export class Trace {
  readonly fleet: string;
  readonly traceId: string;
  readonly sealed = new Map<string, SealedDecision>();
  /** Whether the record was asked what it already holds of this trace. */
  isChecked = false;
  /** Whether it is a turn of log records that spans tell of too: those count. */
  isTraced = false;
  /** Whether a batch of this trace is on its way to the database. */
  isBusy = false;
  firstChangeMs = 0;
  /** When it must be looked at again although nothing came; 0 when nothing is waited for. */
  waitUntilMs = 0;
  lastArrivalMs = 0;
  readonly #spans = new Map<string, HeldSpan>();
  #bytes = 0;
  #unsettled: number[] = [];
  #hasSpans = false;
  #hasAgentSpans = false;

  constructor(fleet: string, traceId: string) {
    this.fleet = fleet;
    this.traceId = traceId;
  }

  get spans(): Span[] {
    return Array.from(this.#spans.values(), ({ span }) => span);
  }

  get size(): number {
    return this.#spans.size;
  }

  /** What it weighs in memory, roughly: the characters of its content and a little for the rest. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether all it holds was said by log records of spans that have not come. */
  get holdsRemarksOnly(): boolean {
    return !this.#hasSpans;
  }

  /** Whether spans sent as such tell of an agent, a model or a tool. */
  get hasAgentSpans(): boolean {
    return this.#hasAgentSpans;
  }

  /** The requests that brought these spans. */
  journalIdsOf(spanIds: readonly string[]): number[] {
    const ids = new Set<number>();
    for (const spanId of spanIds) {
      const held = this.#spans.get(spanId);
      if (held) ids.add(held.journalId);
    }
    return [...ids];
  }

  /** Takes a span in, unless the same one is here: then a finished one wins, and among equals the one journaled first. */
  add(span: Span, journalId: number): void {
    this.#unsettled.push(journalId);
    this.restore(span, journalId);
  }

  /** As `add`, for a span whose request was settled before: it came back from the journal to complete the picture. */
  restore(span: Span, journalId: number): void {
    this.#hasSpans ||= !isRemark(span);
    this.#hasAgentSpans ||= span.log === null && (span.kind === 'agent' || isWork(span.kind));
    const present = this.#spans.get(span.spanId);
    if (present && !isBetter({ span, journalId }, present)) return;
    this.#spans.set(span.spanId, { span, journalId });
    this.#bytes += weigh(span) - (present ? weigh(present.span) : 0);
  }

  /** Hands everything on to the trace it turned out to belong to. */
  moveTo(other: Trace): void {
    for (const { span, journalId } of this.#spans.values()) other.restore(span, journalId);
    other.#unsettled.push(...this.takeUnsettled());
    this.#spans.clear();
    this.#bytes = 0;
  }

  has(spanId: string): boolean {
    return this.#spans.has(spanId);
  }

  /** The journal ids of all spans not settled so far, one for each; they count as settled from now on. */
  takeUnsettled(): number[] {
    const taken = this.#unsettled;
    this.#unsettled = [];
    return taken;
  }
}

export function keyOf(fleet: string, traceId: string): string {
  return `${fleet}\n${traceId}`;
}

function isBetter(candidate: HeldSpan, present: HeldSpan): boolean {
  if (candidate.span.ended !== present.span.ended) return candidate.span.ended;
  return candidate.journalId < present.journalId;
}

function weigh({ input, output, arguments: sent, result }: Span): number {
  const REST_BYTES = 1_024;
  return (input?.length ?? 0) + (output?.length ?? 0) + (sent?.length ?? 0) + (result?.length ?? 0) + REST_BYTES;
}
