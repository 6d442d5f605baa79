import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogRecords } from '../../src/ingest/convention/log/read.js';
import { DEFAULT_DECODE_LIMITS } from '../../src/ingest/decode/limits.js';
import { decodeLogsJson } from '../../src/ingest/decode/logs-json.js';
import { decodeLogsProtobuf } from '../../src/ingest/decode/logs-protobuf.js';
import { hasCaptures, readCaptures } from '../support/otlp-captures.js';
import { decodeLogsByProtobufjs } from '../support/otlp-logs-oracle.js';
import { otlpJson, otlpRoot } from '../support/otlp-schema.js';

const requestType = otlpRoot().lookupType('ExportLogsServiceRequest');
const encode = (message: object) => requestType.encode(requestType.fromObject(message)).finish();

const text = fc.string({ unit: 'binary', maxLength: 40 });
const key = fc.oneof(
  text,
  fc.constantFrom('event.name', 'session.id', 'prompt.id', 'conversation.id', 'duration_ms', '__proto__'),
);
const { anyValue } = fc.letrec<{ anyValue: object; keyValue: object }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    text.map((stringValue) => ({ stringValue })),
    fc.constantFrom('gen_ai.choice', 'codex.sse_event', 'user_prompt').map((stringValue) => ({ stringValue })),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((intValue) => ({ intValue: String(intValue) })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.double().map((double) => ({ doubleValue: Object.is(double, -0) ? 0 : double })),
    fc.uint8Array({ maxLength: 10 }).map((bytesValue) => ({ bytesValue })),
    fc.constant({}),
    fc.array(tie('anyValue'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc.array(tie('keyValue'), { maxLength: 3 }).map((values) => ({ kvlistValue: { values } })),
  ),
  keyValue: fc.record({ key, value: tie('anyValue') }),
}));
const attributes = fc.array(fc.record({ key, value: anyValue }), { maxLength: 6 });
const idOf = (size: number) =>
  fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ minLength: size, maxLength: size }));
const nanoseconds = fc.bigInt(0n, 2n ** 62n).map(String);

const record = fc.record({
  timeUnixNano: nanoseconds,
  observedTimeUnixNano: nanoseconds,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: text,
  eventName: fc.oneof(text, fc.constantFrom('gen_ai.user.message', 'gen_ai.evaluation.result')),
  body: fc.oneof(anyValue, fc.constant({ stringValue: 'claude_code.api_request' })),
  attributes,
  traceId: idOf(16),
  spanId: idOf(8),
});
const scope = fc.record({ name: text, version: text, attributes });
const request = fc.record({
  resourceLogs: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeLogs: fc.array(fc.record({ scope, logRecords: fc.array(record, { maxLength: 3 }) }), { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
});

describe('any request of logs', () => {
  it('is decoded as protobufjs decodes it, and from JSON to the same', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encode(message);
        const decoded = decodeLogsProtobuf(body, DEFAULT_DECODE_LIMITS);
        expect(decoded).toEqual({ records: decodeLogsByProtobufjs(body), rejected: { count: 0, reasons: [] } });
        expect(decodeLogsJson(otlpJson(requestType, body), DEFAULT_DECODE_LIMITS)).toEqual(decoded);
      }),
      { numRuns: 300 },
    );
  });

  it('is read whatever it says, twice to the same', () => {
    fc.assert(
      fc.property(request, (message) => {
        const read = () => readLogRecords(decodeLogsProtobuf(encode(message), DEFAULT_DECODE_LIMITS).records);
        expect(read()).toEqual(read());
      }),
      { numRuns: 300 },
    );
  });
});

describe.skipIf(!hasCaptures)('logs of real clients (skipped where ../shared is absent)', () => {
  const captured = readCaptures().flatMap(({ requests }) => requests.filter(({ signal }) => signal === 'logs'));

  it('are decoded as protobufjs decodes them', () => {
    const requests = captured.filter(({ encoding }) => encoding === 'protobuf');
    expect(requests.length).toBeGreaterThan(0);
    for (const { body } of requests) {
      expect(decodeLogsProtobuf(body, DEFAULT_DECODE_LIMITS).records).toEqual(decodeLogsByProtobufjs(body));
    }
  });
});
