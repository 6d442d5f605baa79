import type { DecodedLogs, OtlpLogRecord } from '../telemetry.js';
import { readEnvelope } from './envelope.js';
import type { DecodeLimits } from './limits.js';
import { acceptLogRecord, draftLogRecord, refuseMoreLogRecords } from './log-record.js';
import { OtlpReader } from './otlp-reader.js';

/**
 * Decodes an `ExportLogsServiceRequest` in protobuf. Records that are wrong by themselves are left out and counted in
 * `rejected`; unknown fields are skipped.
 *
 * @throws AppError `VALIDATION_FAILED` for bytes that are no such message, naming the byte offset and what was expected
 * there; `PAYLOAD_TOO_LARGE` for more records or values than `limits` allow.
 *
 * Source: opentelemetry-proto, collector/logs/v1/logs_service.proto and logs/v1/logs.proto.
 */
export function decodeLogsProtobuf(body: Uint8Array, limits: DecodeLimits): DecodedLogs {
  const reader = new OtlpReader(body, limits);
  const records: OtlpLogRecord[] = [];
  readEnvelope(reader, ({ resource, scope }, index) => {
    refuseMoreLogRecords(records.length + reader.rejections.count, limits);
    const record = draftLogRecord(resource, scope);
    readLogRecord(reader, record);
    if (acceptLogRecord(record, index, reader.rejections)) records.push(record);
  });
  return { records, rejected: reader.rejections.result() };
}

function readLogRecord(reader: OtlpReader, record: OtlpLogRecord): void {
  const outerEnd = reader.enter();
  while (reader.hasMore()) readLogRecordField(reader, record);
  reader.leave(outerEnd);
}

function readLogRecordField(reader: OtlpReader, record: OtlpLogRecord): void {
  const tag = reader.readTag();
  switch (tag) {
    case 9:
      record.timeMs = reader.readTimeMs();
      break;
    case 16:
      record.severity = reader.readInt32();
      break;
    case 26:
      record.severityText = reader.readText();
      break;
    case 42:
      record.body = reader.readAnyValue();
      break;
    case 50:
      record.attributes = reader.withAttribute(record.attributes);
      break;
    case 74:
      record.traceId = reader.readHex() || null;
      break;
    case 82:
      record.spanId = reader.readHex() || null;
      break;
    case 89:
      record.observedMs = reader.readTimeMs();
      break;
    case 98:
      record.eventName = reader.readText();
      break;
    default:
      reader.skip(tag);
  }
}
