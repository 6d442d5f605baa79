/** Something that was recorded, with its place in the fleet's record. */
export interface RecordedEvent {
  readonly seq: number;
}

export interface EventRange {
  /** Begins with what was recorded after this place. */
  afterSeq: number;
  /** The last place that belongs to it, which the record has reached already; without it the range has no end. */
  untilSeq?: number;
  /** Ends the reading when it is aborted, also while it waits. */
  signal: AbortSignal;
}

/**
 * What the subscriber of a subscription field is given: its events, and where in the record they begin. It can be read
 * again from anywhere, which is how a subscriber changes between a stream of its own and one that it shares.
 */
export interface EventSource<Event extends RecordedEvent = RecordedEvent> extends AsyncIterable<Event> {
  readonly afterSeq: number;
  /** The events of the range in the order of the record, in pages as large as what there is allows. */
  readPages(range: EventRange): AsyncIterable<Event[]>;
}

export function isEventSource(value: object): value is EventSource {
  return 'afterSeq' in value && 'readPages' in value;
}
