/** A log record as a test writes it; its time is milliseconds after `baseMs` of the request. */
export interface TestLogRecord {
  atMs?: number;
  eventName?: string;
  body?: string | Record<string, unknown>;
  traceId?: string;
  spanId?: string;
  attributes?: Record<string, unknown>;
  service?: string;
  scope?: string;
}

/** An OTLP/JSON ExportLogsServiceRequest, one ResourceLogs for each record. */
export function logsRequest(records: readonly TestLogRecord[], baseMs = Date.now()): string {
  return JSON.stringify({
    resourceLogs: records.map((record) => ({
      resource: { attributes: keyValues({ 'service.name': record.service ?? 'test-service' }) },
      scopeLogs: [
        {
          scope: { name: record.scope ?? 'test' },
          logRecords: [
            {
              timeUnixNano: String(BigInt(Math.round((baseMs + (record.atMs ?? 0)) * 1000)) * 1000n),
              eventName: record.eventName,
              traceId: record.traceId,
              spanId: record.spanId,
              body: record.body === undefined ? undefined : anyValue(record.body),
              attributes: keyValues(record.attributes ?? {}),
            },
          ],
        },
      ],
    })),
  });
}

function keyValues(attributes: Record<string, unknown>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === 'object' && value !== null) return { kvlistValue: { values: keyValues({ ...value }) } };
  return {};
}
