import type { OtlpLogRecord } from '../../src/ingest/telemetry.js';
import {
  type AnyValueMessage,
  anyValueOf,
  attributesOf,
  clean,
  hex,
  type KeyValueMessage,
  milliseconds,
  type Uint64,
} from './otlp-oracle.js';
import { otlpRoot } from './otlp-schema.js';

interface LogRecordMessage {
  timeUnixNano: Uint64;
  observedTimeUnixNano: Uint64;
  severityNumber: number;
  severityText: string;
  eventName: string;
  body: AnyValueMessage | null;
  attributes: KeyValueMessage[];
  traceId: Uint8Array;
  spanId: Uint8Array;
}
interface ScopeLogsMessage {
  scope: { name: string; version: string; attributes: KeyValueMessage[] } | null;
  logRecords: LogRecordMessage[];
}
interface LogsMessage {
  resourceLogs: { resource: { attributes: KeyValueMessage[] } | null; scopeLogs: ScopeLogsMessage[] }[];
}

const request = otlpRoot().lookupType('ExportLogsServiceRequest');

/** Decodes with protobufjs and maps to the product's types: the yardstick for content. Refuses no record. */
export function decodeLogsByProtobufjs(body: Uint8Array): OtlpLogRecord[] {
  const message = request.decode(body) as unknown as LogsMessage;
  return message.resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, logRecords }) =>
      logRecords.map((record) => ({
        traceId: idOf(record.traceId),
        spanId: idOf(record.spanId),
        timeMs: milliseconds(record.timeUnixNano),
        observedMs: milliseconds(record.observedTimeUnixNano),
        severity: record.severityNumber,
        severityText: clean(record.severityText),
        eventName: clean(record.eventName),
        body: record.body === null ? null : anyValueOf(record.body),
        attributes: attributesOf(record.attributes),
        resource: attributesOf(resource?.attributes ?? []),
        scope: {
          name: clean(scope?.name ?? ''),
          version: clean(scope?.version ?? ''),
          attributes: attributesOf(scope?.attributes ?? []),
        },
      })),
    ),
  );
}

function idOf(bytes: Uint8Array): string | null {
  const id = hex(bytes);
  return /^0*$/.test(id) ? null : id;
}
