import { compareText } from '../../order.js';
import { type LedgerFact, textOf, textsOf } from './payload.js';

/** What one person, or whoever uses one API key, was given of content. */
export interface ReaderFacts {
  actor: string;
  readings: number;
  /** Decisions that the readings name, as often as they do. */
  decisions: number;
  /** What kinds of content. */
  contents: readonly string[];
  firstMs: number;
  lastMs: number;
}

/** More are counted together. */
const READERS_MAX = 200;

export class ReaderTracker {
  readonly #readers = new Map<string, ReaderFacts & { kinds: Set<string> }>();
  #others = 0;

  add({ kind, recordedAt, payload }: LedgerFact): void {
    if (kind !== 'READ') return;
    const actor = textOf(payload, 'actor') ?? 'not told';
    const atMs = Date.parse(recordedAt);
    const known = this.#readers.get(actor);
    if (known === undefined && this.#readers.size >= READERS_MAX) {
      this.#others += 1;
      return;
    }
    const reader = known ?? {
      actor,
      readings: 0,
      decisions: 0,
      contents: [],
      kinds: new Set(),
      firstMs: atMs,
      lastMs: atMs,
    };
    // What does not fit into one entry goes on in others of the same moment: it is one reading.
    const goesOn = payload.part !== undefined && known?.lastMs === atMs;
    if (!goesOn) reader.readings += 1;
    reader.decisions += textsOf(payload, 'decisionIds').length;
    reader.kinds.add(textOf(payload, 'contents') ?? 'not told');
    reader.lastMs = atMs;
    this.#readers.set(actor, reader);
  }

  /** Who read most, first. */
  readers(): readonly ReaderFacts[] {
    return [...this.#readers.values()]
      .map(({ kinds, ...reader }) => ({ ...reader, contents: [...kinds].sort() }))
      .sort((left, right) => right.readings - left.readings || compareText(left.actor, right.actor));
  }

  /** Readings of others than those. */
  get others(): number {
    return this.#others;
  }
}
