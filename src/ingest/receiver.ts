import { verdictTraceId } from '../decision/assembly/derived-id.js';
import type { Span } from '../decision/assembly/span.js';
import type { Assembler, JournaledSpan } from '../decision/gather/assembler.js';
import { AppError } from '../errors.js';
import { decodeMetrics } from './decode/metrics.js';
import { inflateGzip } from './inflate.js';
import type { Journal, JournaledRequest, JournalRecord } from './journal.js';
import type { MetricRecorder } from './metric/recorder.js';
import { readRequestSpans, type SpanReader } from './request-spans.js';
import type { Rejection } from './telemetry.js';

/** OTLP's recommended bound on a request after inflating is 64 MiB; the OpenTelemetry Collector's default is 20. */
export const INFLATED_BYTES_MAX = 64 * 1024 * 1024;

/** What the answer says: how many items the request held, and what was refused of them. */
export interface Receipt {
  items: number;
  rejected: Rejection;
}

/** Where what was received goes once it is journaled. */
export interface ReceiverParts {
  assembler: Assembler;
  readSpan: SpanReader;
  metrics: MetricRecorder;
}

/** OTLP requests on their way in: inflated, decoded, journaled, and only then answered and handed on. */
export class Receiver {
  readonly #journal: Journal;
  readonly #assembler: Assembler;
  readonly #readSpan: SpanReader;
  readonly #metrics: MetricRecorder;

  constructor(journal: Journal, { assembler, readSpan, metrics }: ReceiverParts) {
    this.#journal = journal;
    this.#assembler = assembler;
    this.#readSpan = readSpan;
    this.#metrics = metrics;
  }

  /**
   * Resolves when the request is durable. Rejects, with nothing kept, with VALIDATION_FAILED (not OTLP),
   * PAYLOAD_TOO_LARGE, or UNAVAILABLE (the journal or the recorder is behind, or the database is away).
   */
  async receive(record: JournalRecord): Promise<Receipt> {
    if (record.signal === 'metrics' ? this.#metrics.isBehind : this.#assembler.isBehind) {
      throw new AppError('UNAVAILABLE', 'the recorder is behind: try again', { retryAfterS: 2 });
    }
    const body = record.isGzip ? await inflateGzip(record.body, INFLATED_BYTES_MAX) : record.body;
    const { signal } = record;
    if (signal === 'metrics') return this.#receiveMetrics(record, body);

    const { spans, accepted, rejected } = readRequestSpans(body, { ...record, signal }, this.#readSpan);
    if (accepted > 0) {
      const journalId = await this.#journal.append(record);
      // The very same bytes are known already: a client that missed our answer sent them again.
      if (journalId !== null) await this.#handOn(record.fleet, spans, journalId);
    }
    return { items: accepted + rejected.count, rejected };
  }

  /** Logs that tell nothing of agents are journaled, and that is all. */
  async #handOn(fleet: string, spans: readonly Span[], journalId: number): Promise<void> {
    if (spans.length > 0) this.#assembler.add(fleet, spans, journalId);
    else await this.#journal.markDone([journalId]);
  }

  async #receiveMetrics(record: JournalRecord, body: Buffer): Promise<Receipt> {
    const { points, emptyPoints, rejected } = decodeMetrics(body, record.encoding);
    if (points.length > 0) {
      const journalId = await this.#journal.append(record);
      if (journalId !== null) void this.#metrics.add(record.fleet, points, journalId);
    }
    return { items: points.length + emptyPoints + rejected.count, rejected };
  }

  /**
   * Takes up every request that was not worked off before a stop or a crash. `onUnreadable` is told of a request that
   * cannot be read; it stays in the journal.
   */
  async replay(onUnreadable: (journalId: number, error: unknown) => void): Promise<number> {
    let requests = 0;
    for await (const request of this.#journal.pending()) {
      try {
        await this.#takeUp(request);
        requests += 1;
      } catch (error) {
        onUnreadable(request.id, error);
      }
      await this.#assembler.caughtUp();
    }
    return requests;
  }

  async #takeUp(request: JournaledRequest): Promise<void> {
    const { id, fleet, signal, encoding } = request;
    if (signal === 'metrics') await this.#metrics.add(fleet, decodeMetrics(await bodyOf(request), encoding).points, id);
    else await this.#handOn(fleet, await readJournaled(request, this.#readSpan), id);
  }
}

function bodyOf({ body, isGzip }: JournaledRequest): Promise<Buffer> | Buffer {
  return isGzip ? inflateGzip(body, INFLATED_BYTES_MAX) : body;
}

async function readJournaled(request: JournaledRequest, readSpan: SpanReader): Promise<Span[]> {
  const { signal } = request;
  if (signal === 'metrics') return [];
  return readRequestSpans(await bodyOf(request), { ...request, signal }, readSpan).spans;
}

/**
 * The spans of one trace in these rows of the journal, as far as the rows are still kept, with the verdicts that log
 * records gave on its responses.
 */
export async function reloadSpans(
  { journal, readSpan }: { journal: Journal; readSpan: SpanReader },
  journalIds: readonly number[],
  traceId: string,
): Promise<JournaledSpan[]> {
  const rows: JournaledSpan[] = [];
  for (const request of await journal.load(journalIds)) {
    for (const span of await readJournaled(request, readSpan)) rows.push({ span, journalId: request.id });
  }
  // A span may belong to another trace than it came in: an evaluation to that of what it judges.
  const own = rows.filter(({ span }) => span.traceId === traceId);
  const verdictIds = new Set(
    own.flatMap(({ span }) => (span.responseId === null ? [] : verdictTraceId(span.responseId))),
  );
  return [...own, ...rows.filter(({ span }) => span.traceId !== traceId && verdictIds.has(span.traceId))];
}
