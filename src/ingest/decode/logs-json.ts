import type { DecodedLogs, OtlpLogRecord } from '../telemetry.js';
import { type EnvelopeNames, type Origin, readJsonEnvelope } from './envelope.js';
import { parseJsonBody } from './json-body.js';
import { idIn, type JsonObject, JsonReader, numberIn, problemIn } from './json-reader.js';
import type { DecodeLimits } from './limits.js';
import { acceptLogRecord, draftLogRecord, refuseMoreLogRecords } from './log-record.js';
import { logRecordLabel } from './rejections.js';
import { parseTimeMs } from './time.js';

const NAMES: EnvelopeNames = ['resourceLogs', 'scopeLogs', 'logRecords'];

/**
 * Decodes an `ExportLogsServiceRequest` in OTLP/JSON to what `decodeLogsProtobuf` makes of the same request. Unknown
 * fields are ignored. A record with a field of a wrong type is left out and counted.
 *
 * @throws AppError `VALIDATION_FAILED` for a body that is not JSON, too deep, or not shaped like the request;
 * `PAYLOAD_TOO_LARGE` for more records or values than `limits` allow.
 *
 * Source: opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding".
 */
export function decodeLogsJson(body: Uint8Array, limits: DecodeLimits): DecodedLogs {
  const reader = new JsonReader(limits);
  const records: OtlpLogRecord[] = [];
  const readItem = (item: JsonObject, { resource, scope }: Origin, index: number) => {
    refuseMoreLogRecords(records.length + reader.rejections.count, limits);
    const record = draftLogRecord(resource, scope);
    const problem = problemIn(() => readLogRecordFields(reader, item, record));
    if (problem !== null) reader.rejections.refuse(`${logRecordLabel(index, scope.name)}: ${problem}`);
    else if (acceptLogRecord(record, index, reader.rejections)) records.push(record);
  };
  readJsonEnvelope(reader, parseJsonBody(body, limits), { names: NAMES, readItem });
  return { records, rejected: reader.rejections.result() };
}

function readLogRecordFields(reader: JsonReader, message: JsonObject, record: OtlpLogRecord): void {
  record.traceId = idIn(message, 'traceId') || null;
  record.spanId = idIn(message, 'spanId') || null;
  record.timeMs = parseTimeMs(message.timeUnixNano);
  record.observedMs = parseTimeMs(message.observedTimeUnixNano);
  record.severity = numberIn(message, 'severityNumber');
  record.severityText = reader.textIn(message, 'severityText');
  record.eventName = reader.textIn(message, 'eventName');
  record.body = reader.valueIn(message, 'body');
  record.attributes = reader.attributesIn(message);
}
