import type { Span } from '../decision/assembly/span.js';
import type { Assembler, JournaledSpan } from '../decision/gather/assembler.js';
import { AppError } from '../errors.js';
import { boundSpan } from './bounds.js';
import { readSpan } from './convention/read.js';
import { countDataPoints, countLogRecords } from './decode/count.js';
import { decodeTracesJson } from './decode/json.js';
import { DEFAULT_DECODE_LIMITS, type OtlpEncoding } from './decode/limits.js';
import { decodeTracesProtobuf } from './decode/protobuf.js';
import { inflateGzip } from './inflate.js';
import type { Journal, JournaledRequest, JournalRecord } from './journal.js';
import type { DecodedTraces, OtlpSpan, Rejection } from './telemetry.js';

/** OTLP's recommended bound on a request after inflating is 64 MiB; the OpenTelemetry Collector's default is 20. */
export const INFLATED_BYTES_MAX = 64 * 1024 * 1024;

/** What the answer says: how many items the request held, and what was refused of them. */
export interface Receipt {
  items: number;
  rejected: Rejection;
}

const NOTHING_REJECTED: Rejection = { count: 0, reasons: [] };

/** OTLP requests on their way in: inflated, decoded, journaled, and only then answered and handed on. */
export class Receiver {
  readonly #journal: Journal;
  readonly #assembler: Assembler;

  constructor(journal: Journal, assembler: Assembler) {
    this.#journal = journal;
    this.#assembler = assembler;
  }

  /**
   * Resolves when the request is durable. Rejects, with nothing kept, with VALIDATION_FAILED (not OTLP),
   * PAYLOAD_TOO_LARGE, or UNAVAILABLE (the journal or the recorder is behind, or the database is away).
   */
  async receive(record: JournalRecord): Promise<Receipt> {
    if (this.#assembler.isBehind) {
      throw new AppError('UNAVAILABLE', 'the recorder is behind: try again', { retryAfterS: 2 });
    }
    const body = record.isGzip ? await inflateGzip(record.body, INFLATED_BYTES_MAX) : record.body;
    if (record.signal !== 'traces') return this.#keep(record, body);

    const { spans, rejected } = decodeTraces(body, record.encoding);
    if (spans.length > 0) {
      const read = spans.map(readBounded);
      const journalId = await this.#journal.append(record);
      // The very same bytes are known already: a client that missed our answer sent them again.
      if (journalId !== null) this.#assembler.add(record.fleet, read, journalId);
    }
    return { items: spans.length + rejected.count, rejected };
  }

  /** Metrics and logs are checked and journaled; what they say is read later. */
  async #keep(record: JournalRecord, body: Buffer): Promise<Receipt> {
    const count = record.signal === 'logs' ? countLogRecords : countDataPoints;
    const items = count(body, record.encoding, DEFAULT_DECODE_LIMITS);
    if (items > 0) await this.#journal.append(record);
    return { items, rejected: NOTHING_REJECTED };
  }

  /**
   * Hands every trace request that was not worked off before a stop or a crash to the assembler again. `onUnreadable` is
   * told of a request that cannot be read; it stays in the journal.
   */
  async replay(onUnreadable: (journalId: number, error: unknown) => void): Promise<number> {
    let requests = 0;
    for await (const request of this.#journal.pending()) {
      try {
        const { spans } = await decodeJournaled(request);
        this.#assembler.add(request.fleet, spans.map(readBounded), request.id);
        requests += 1;
      } catch (error) {
        onUnreadable(request.id, error);
      }
      await this.#assembler.caughtUp();
    }
    return requests;
  }
}

function readBounded(span: OtlpSpan): Span {
  return boundSpan(readSpan(span));
}

function decodeTraces(body: Buffer, encoding: OtlpEncoding): DecodedTraces {
  const decode = encoding === 'json' ? decodeTracesJson : decodeTracesProtobuf;
  return decode(body, DEFAULT_DECODE_LIMITS);
}

async function decodeJournaled({ body, isGzip, encoding }: JournaledRequest): Promise<DecodedTraces> {
  return decodeTraces(isGzip ? await inflateGzip(body, INFLATED_BYTES_MAX) : body, encoding);
}

/** The spans of one trace in these rows of the journal, as far as the rows are still kept. */
export async function reloadSpans(
  journal: Journal,
  journalIds: readonly number[],
  traceId: string,
): Promise<JournaledSpan[]> {
  const reloaded: JournaledSpan[] = [];
  for (const request of await journal.load(journalIds)) {
    const { spans } = await decodeJournaled(request);
    for (const wire of spans) {
      // A span may belong to another trace than it came in: an evaluation to that of what it judges.
      const span = readBounded(wire);
      if (span.traceId === traceId) reloaded.push({ span, journalId: request.id });
    }
  }
  return reloaded;
}
