import type { Span } from '../decision/assembly/span.js';
import { boundSpan } from './bounds.js';
import { readLabels } from './convention/field/labels.js';
import { readLogRecords } from './convention/log/read.js';
import { readSpan as readByConvention } from './convention/read.js';
import { decodeTracesJson } from './decode/json.js';
import { DEFAULT_DECODE_LIMITS, type OtlpEncoding } from './decode/limits.js';
import { decodeLogsJson } from './decode/logs-json.js';
import { decodeLogsProtobuf } from './decode/logs-protobuf.js';
import { decodeTracesProtobuf } from './decode/protobuf.js';
import type { OtlpSpan, Rejection } from './telemetry.js';

/** How spans are read here: by their convention, within bounds, with the labels that classification rules ask about. */
export type SpanReader = (wire: OtlpSpan) => Span;

/** `labelKeys`: the attributes that classification rules name. */
export function createSpanReader(labelKeys: readonly string[]): SpanReader {
  return (wire) => {
    const span = boundSpan(readByConvention(wire));
    span.labels = readLabels(wire, labelKeys);
    return span;
  };
}

/** What a request of traces or logs holds for the assembler. */
export interface RequestSpans {
  /** Its spans, or what its log records tell of agents: most records tell nothing. */
  spans: Span[];
  /** Items that were accepted. */
  accepted: number;
  rejected: Rejection;
}

/**
 * Reads the body, inflated, of a request of traces or logs.
 * @throws AppError `VALIDATION_FAILED` for what is no OTLP; `PAYLOAD_TOO_LARGE` for more than the limits allow.
 */
export function readRequestSpans(
  body: Buffer,
  { signal, encoding }: { signal: 'traces' | 'logs'; encoding: OtlpEncoding },
  readSpan: SpanReader,
): RequestSpans {
  if (signal === 'logs') {
    const decode = encoding === 'json' ? decodeLogsJson : decodeLogsProtobuf;
    const { records, rejected } = decode(body, DEFAULT_DECODE_LIMITS);
    return { spans: readLogRecords(records).map(boundSpan), accepted: records.length, rejected };
  }
  const decode = encoding === 'json' ? decodeTracesJson : decodeTracesProtobuf;
  const { spans, rejected } = decode(body, DEFAULT_DECODE_LIMITS);
  return { spans: spans.map(readSpan), accepted: spans.length, rejected };
}
