import type { ExecutionResult } from 'graphql';

/** A result in the form it travels in, made once however many it goes to. */
export class Payload {
  readonly json: string;
  #event: Buffer | null = null;

  constructor(result: ExecutionResult) {
    this.json = JSON.stringify(result);
  }

  /** As an event of a `text/event-stream`: JSON has no line breaks, so one `data` line holds it. */
  get event(): Buffer {
    this.#event ??= Buffer.from(`event: next\ndata: ${this.json}\n\n`);
    return this.#event;
  }
}

/** What an event's subscribers get, and the event's place in the record. */
export interface PlacedPayload {
  seq: number;
  payload: Payload;
}

const SLICE_PAYLOADS = 32;
const SLICE_LENGTH = 64 * 1024;

/** In portions that are worth sending in one write, and small enough to do so without asking in between. */
export function* slicePayloads(placed: readonly PlacedPayload[]): Generator<PlacedPayload[]> {
  let slice: PlacedPayload[] = [];
  let length = 0;
  for (const next of placed) {
    slice.push(next);
    length += next.payload.json.length;
    if (slice.length < SLICE_PAYLOADS && length < SLICE_LENGTH) continue;
    yield slice;
    slice = [];
    length = 0;
  }
  if (slice.length > 0) yield slice;
}
