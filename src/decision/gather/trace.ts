import type { Span } from '../assembly/span.js';
import { decodeSpanIds } from '../record/columns.js';

/** What the record holds of a decision that was sealed from this trace. */
export interface SealedDecision {
  id: string;
  parentId: string | null;
  spanIds: ReadonlySet<string>;
  revisionHash: Buffer;
  journalIds: readonly number[];
}

export interface SealedRow {
  id: string;
  trace_id: string;
  parent_id: string | null;
  span_ids: Buffer;
  revision_hash: Buffer;
  journal_ids: string[];
}

export function toSealedDecision(row: SealedRow): SealedDecision {
  return {
    id: row.id,
    parentId: row.parent_id,
    spanIds: new Set(decodeSpanIds(row.span_ids)),
    revisionHash: row.revision_hash,
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
  /** Whether a batch of this trace is on its way to the database. */
  isBusy = false;
  firstChangeMs = 0;
  /** When it must be looked at again although nothing came; 0 when nothing is waited for. */
  waitUntilMs = 0;
  lastArrivalMs = 0;
  readonly #spans = new Map<string, HeldSpan>();
  #bytes = 0;
  #unsettled: number[] = [];

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
    const present = this.#spans.get(span.spanId);
    if (present && !isBetter({ span, journalId }, present)) return;
    this.#spans.set(span.spanId, { span, journalId });
    this.#bytes += weigh(span) - (present ? weigh(present.span) : 0);
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

function isBetter(candidate: HeldSpan, present: HeldSpan): boolean {
  if (candidate.span.ended !== present.span.ended) return candidate.span.ended;
  return candidate.journalId < present.journalId;
}

function weigh({ input, output, arguments: sent, result }: Span): number {
  const REST_BYTES = 1_024;
  return (input?.length ?? 0) + (output?.length ?? 0) + (sent?.length ?? 0) + (result?.length ?? 0) + REST_BYTES;
}
