import type { Pool } from '../db/pool.js';
import type { DecisionFilter } from '../decision/filter.js';
import type { DecisionRow } from '../decision/row.js';
import { readSealedAfter } from '../decision/store.js';
import type { Bus } from './bus.js';
import type { EventRange, EventSource } from './event-source.js';

export interface DecisionStreamOptions {
  pool: Pool;
  bus: Bus;
  fleet: string;
  filter: DecisionFilter;
  /** The stream begins with what was sealed after this seq; −1 for the whole ledger. */
  afterSeq: number;
  /** Ends the stream when it is aborted. */
  signal: AbortSignal;
}

export type DecisionStream = EventSource<DecisionRow> & AsyncGenerator<DecisionRow, void, void>;

const PAGE_SIZE = 200;

/**
 * The fleet's sealed decisions that pass the filter, in the order of the ledger, each once, without end. They are pulled
 * from the record as fast as the reader asks and no faster: a slow reader costs no memory. Ends on abort and on
 * `return()`, also while it waits.
 */
export function streamDecisions(options: DecisionStreamOptions): DecisionStream {
  const { afterSeq } = options;
  const stopped = new AbortController();
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  const rows = pullRows(options, { afterSeq, signal });
  return {
    afterSeq,
    readPages: (range) => pullPages(options, range),
    next: () => rows.next(),
    // A generator does not hear return() while it awaits, so what it awaits is ended first.
    return: () => {
      stopped.abort();
      return rows.return();
    },
    throw: (error) => {
      stopped.abort();
      return rows.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await rows.return();
    },
  };
}

async function* pullRows(options: DecisionStreamOptions, range: EventRange): AsyncGenerator<DecisionRow, void, void> {
  for await (const rows of pullPages(options, range)) {
    for (const row of rows) {
      if (range.signal.aborted) return;
      yield row;
    }
  }
}

async function* pullPages(
  { bus, ...record }: DecisionStreamOptions,
  { afterSeq: beginSeq, untilSeq = Number.POSITIVE_INFINITY, signal }: EventRange,
): AsyncGenerator<DecisionRow[], void, void> {
  const { fleet } = record;
  let afterSeq = beginSeq;
  while (!signal.aborted && afterSeq < untilSeq) {
    // Taken before the read: what was announced by now, the read has seen.
    const reached = bus.reached(fleet);
    const rows = await readSealedAfter(record, { afterSeq, limit: PAGE_SIZE });
    const wanted = rows.filter(({ seq }) => seq <= untilSeq);
    if (wanted.length > 0) yield wanted;
    afterSeq = rows.at(-1)?.seq ?? afterSeq;
    if (rows.length === PAGE_SIZE) continue;
    if (untilSeq !== Number.POSITIVE_INFINITY) return;
    // The rest up to there did not pass the filter and need not be looked at again.
    afterSeq = Math.max(afterSeq, reached);
    await waitBeyond(bus, { fleet, seq: reached, signal });
  }
}

/** Resolves when the fleet has gone beyond `seq`, or on abort. */
function waitBeyond(bus: Bus, { fleet, seq, signal }: { fleet: string; seq: number; signal: AbortSignal }) {
  return new Promise<void>((resolve) => {
    const done = () => {
      stopListening();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stopListening = bus.listen(fleet, (reached) => {
      if (reached > seq) done();
    });
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted || bus.reached(fleet) > seq) done();
  });
}
