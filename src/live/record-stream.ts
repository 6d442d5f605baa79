import type { Bus } from './bus.js';
import type { EventRange, EventSource, RecordedEvent } from './event-source.js';

/** A stretch of the record that was looked at. */
export interface RecordPage<Event extends RecordedEvent> {
  /** Its events, in order. */
  rows: Event[];
  /** Everything up to this place was looked at. */
  throughSeq: number;
  /** Whether the record goes on beyond it. */
  hasMore: boolean;
}

export interface RecordStreamOptions<Event extends RecordedEvent> {
  /** Says how far the record has come. */
  bus: Bus;
  fleet: string;
  /** The stream begins with what was recorded after this place. */
  afterSeq: number;
  /** Ends the stream when it is aborted. */
  signal: AbortSignal;
  /** The next events of the record after a place, at most `limit`. */
  readAfter: (after: { afterSeq: number; limit: number }) => Promise<RecordPage<Event>>;
}

export type RecordStream<Event extends RecordedEvent> = EventSource<Event> & AsyncGenerator<Event, void, void>;

const PAGE_SIZE = 200;

/**
 * Events of the record in its order, each once, without end. They are pulled from the record as fast as the reader asks
 * and no faster: a slow reader costs no memory. Ends on abort and on `return()`, also while it waits.
 */
export function streamRecord<Event extends RecordedEvent>(options: RecordStreamOptions<Event>): RecordStream<Event> {
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

async function* pullRows<Event extends RecordedEvent>(
  options: RecordStreamOptions<Event>,
  range: EventRange,
): AsyncGenerator<Event, void, void> {
  for await (const rows of pullPages(options, range)) {
    for (const row of rows) {
      if (range.signal.aborted) return;
      yield row;
    }
  }
}

async function* pullPages<Event extends RecordedEvent>(
  { bus, fleet, readAfter }: RecordStreamOptions<Event>,
  { afterSeq: beginSeq, untilSeq = Number.POSITIVE_INFINITY, signal }: EventRange,
): AsyncGenerator<Event[], void, void> {
  let afterSeq = beginSeq;
  while (!signal.aborted && afterSeq < untilSeq) {
    // Taken before the read: what was announced by now, the read has seen.
    const reached = bus.reached(fleet);
    const { rows, throughSeq, hasMore } = await readAfter({ afterSeq, limit: PAGE_SIZE });
    const wanted = rows.filter(({ seq }) => seq <= untilSeq);
    if (wanted.length > 0) yield wanted;
    afterSeq = throughSeq;
    if (hasMore) continue;
    if (untilSeq !== Number.POSITIVE_INFINITY) return;
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
