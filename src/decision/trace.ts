import type { Span } from './assembly/span.js';
import { decodeSpanIds } from './rows.js';

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
  readonly #spans = new Map<string, Span>();
  readonly #journalIds = new Set<number>();
  #unsettled: number[] = [];

  constructor(fleet: string, traceId: string) {
    this.fleet = fleet;
    this.traceId = traceId;
  }

  get spans(): Span[] {
    return [...this.#spans.values()];
  }

  get size(): number {
    return this.#spans.size;
  }

  /** Every request that brought a span of this trace. */
  get journalIds(): number[] {
    return [...this.#journalIds];
  }

  /** Takes a span in; returns by how many the trace has grown. A finished span replaces the same one sent unfinished. */
  add(span: Span, journalId: number): number {
    this.#unsettled.push(journalId);
    return this.restore(span, journalId);
  }

  /** As `add`, for a span whose request was settled before: it came back from the journal to complete the picture. */
  restore(span: Span, journalId: number): number {
    this.#journalIds.add(journalId);
    const present = this.#spans.get(span.spanId);
    if (present && (present.ended || !span.ended)) return 0;
    this.#spans.set(span.spanId, span);
    return present ? 0 : 1;
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
