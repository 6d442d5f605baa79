import { AppError } from '../../errors.js';
import { type Attributes, EMPTY_ATTRIBUTES, type OtlpLogRecord, type Scope } from '../telemetry.js';
import type { DecodeLimits } from './limits.js';
import { logRecordLabel, type Rejections } from './rejections.js';
import { idProblem, isZero, SPAN_ID_BYTES, TRACE_ID_BYTES, timeProblem } from './span.js';

/** A log record before its first field is read: what OTLP means by a field that is absent. */
export function draftLogRecord(resource: Attributes, scope: Scope): OtlpLogRecord {
  return {
    traceId: null,
    spanId: null,
    timeMs: 0,
    observedMs: 0,
    severity: 0,
    severityText: '',
    eventName: '',
    body: null,
    attributes: EMPTY_ATTRIBUTES,
    resource,
    scope,
  };
}

/**
 * Decides whether a decoded record is kept, and brings it into the shape that OtlpLogRecord promises: identifiers that are
 * all zero are none. `index` is the record's place in its scope.
 *
 * Source: OpenTelemetry protocol, logs.proto: ids are optional; those of a wrong length are invalid.
 */
export function acceptLogRecord(record: OtlpLogRecord, index: number, rejections: Rejections): boolean {
  if (record.traceId !== null && isZero(record.traceId)) record.traceId = null;
  if (record.spanId !== null && isZero(record.spanId)) record.spanId = null;
  const problem = logRecordProblem(record);
  if (problem === null) return true;
  rejections.refuse(`${logRecordLabel(index, record.scope.name)}: ${problem}`);
  return false;
}

function logRecordProblem({ traceId, spanId, timeMs, observedMs }: OtlpLogRecord): string | null {
  return (
    (traceId === null ? null : idProblem('trace_id', traceId, TRACE_ID_BYTES)) ??
    (spanId === null ? null : idProblem('span_id', spanId, SPAN_ID_BYTES)) ??
    timeProblem('time_unix_nano', timeMs) ??
    timeProblem('observed_time_unix_nano', observedMs)
  );
}

/** Called before one more record is read. @throws AppError `PAYLOAD_TOO_LARGE` when the request has no room for it. */
export function refuseMoreLogRecords(count: number, { logRecordsMax }: DecodeLimits): void {
  if (count < logRecordsMax) return;
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `The request holds more than ${logRecordsMax} log records: send fewer at a time.`,
  );
}
