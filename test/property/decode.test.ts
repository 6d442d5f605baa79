import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTracesJson } from '../../src/ingest/decode/json.js';
import { DEFAULT_DECODE_LIMITS } from '../../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../../src/ingest/decode/protobuf.js';
import { timeMsOf } from '../../src/ingest/decode/time.js';
import { mutate, mutations, refusalOf } from '../support/broken-bytes.js';
import { hasCaptures, readCaptures } from '../support/otlp-captures.js';
import { decodeRequest } from '../support/otlp-decode.js';
import { decodeTracesByProtobufjs } from '../support/otlp-oracle.js';
import { otlpJson, otlpRoot } from '../support/otlp-schema.js';

const requestType = otlpRoot().lookupType('ExportTraceServiceRequest');

const text = fc.string({ unit: 'binary', maxLength: 80 });
const repeatedText = fc.constantFrom('gen_ai.request.model', 'chat', '__proto__', '', 'Grüße');
const double = fc.double().map((number) => (Object.is(number, -0) ? 0 : number));
const { anyValue } = fc.letrec<{ anyValue: object; keyValue: object }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(text, repeatedText).map((stringValue) => ({ stringValue })),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((intValue) => ({ intValue: String(intValue) })),
    fc.integer().map((intValue) => ({ intValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    double.map((doubleValue) => ({ doubleValue })),
    fc.uint8Array({ maxLength: 20 }).map((bytesValue) => ({ bytesValue })),
    fc.constant({}),
    fc.array(tie('anyValue'), { maxLength: 4 }).map((values) => ({ arrayValue: { values } })),
    fc.array(tie('keyValue'), { maxLength: 4 }).map((values) => ({ kvlistValue: { values } })),
  ),
  keyValue: fc.record({ key: fc.oneof(text, repeatedText), value: tie('anyValue') }),
}));
const keyValue = fc.record({ key: fc.oneof(text, repeatedText), value: anyValue });
const attributes = fc.array(keyValue, { maxLength: 8 });
const idOf = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).filter((bytes) => bytes.some((byte) => byte !== 0));
const nanoseconds = fc.bigInt(1n, 2n ** 62n);

const span = fc
  .record({
    traceId: idOf(16),
    spanId: idOf(8),
    parentSpanId: fc.oneof(idOf(8), fc.constant(new Uint8Array(0)), fc.constant(new Uint8Array(8))),
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    start: nanoseconds,
    durationNs: fc.bigInt(0n, 2n ** 62n),
    flags: fc.constantFrom(0, 1, 257, 769),
    attributes,
    events: fc.array(fc.record({ timeUnixNano: nanoseconds.map(String), name: text, attributes }), { maxLength: 3 }),
    links: fc.array(fc.record({ traceId: idOf(16), spanId: idOf(8), attributes }), { maxLength: 3 }),
    status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }),
  })
  .map(({ start, durationNs, ...fields }) => ({
    ...fields,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + durationNs),
  }));

const request = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name: text, version: text, attributes }),
          spans: fc.array(span, { maxLength: 3 }),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
});

const encode = (message: object) => requestType.encode(requestType.fromObject(message)).finish();

function protobufjsRefusalOf(body: Uint8Array): string | null {
  try {
    requestType.decode(body);
    return null;
  } catch (error) {
    return String(error);
  }
}

/**
 * Where the two readers may differ. Ours refuses groups, which OTLP never had, values deeper than 32 levels, and varints
 * of more than ten bytes also in fields that it steps over; protobufjs refuses invalid UTF-8, which ours replaces.
 */
function expectSameVerdict(body: Uint8Array): void {
  const ours = refusalOf(() => decodeTracesProtobuf(body, DEFAULT_DECODE_LIMITS));
  const theirs = protobufjsRefusalOf(body);
  if (ours !== null && theirs === null)
    expect(ours.message).toMatch(/found [34]\.$|levels of arrays|at most 10 bytes\.$/);
  if (ours === null && theirs !== null) expect(theirs).toMatch(/utf-?8/i);
}

/** Bytes that go on or end a varint come often, since a wire of chance alone has few long ones. */
const anyBytes = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x00, 0x08, 0x0a, 0x80, 0xff)), { maxLength: 200 })
  .map((bytes) => Uint8Array.from(bytes));

describe('any request', () => {
  it('decodes to what protobufjs makes of it', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encode(message);
        const { spans, rejected } = decodeTracesProtobuf(body, DEFAULT_DECODE_LIMITS);
        expect(rejected).toEqual({ count: 0, reasons: [] });
        expect(spans).toEqual(decodeTracesByProtobufjs(body));
      }),
      { numRuns: 200 },
    );
  });

  it('decodes to the same from protobuf and from JSON', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encode(message);
        expect(decodeTracesJson(otlpJson(requestType, body), DEFAULT_DECODE_LIMITS)).toEqual(
          decodeTracesProtobuf(body, DEFAULT_DECODE_LIMITS),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('holds only text without NUL and lone surrogates', () => {
    const units = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(units, (name) => {
        const fields = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), startTimeUnixNano: 1, name };
        const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [fields] }] }] }));
        const decoded = decodeTracesJson(body, DEFAULT_DECODE_LIMITS).spans.at(0)?.name ?? '';
        expect(decoded).toBe(name.replaceAll('\0', '\u2400').replace(/\p{Surrogate}/gu, '\uFFFD'));
        expect(Buffer.from(decoded).toString()).toBe(decoded);
      }),
    );
  });
});

describe('broken bytes', () => {
  it('are read or refused, never worse, wherever a request is cut', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encode(message);
        const json = otlpJson(requestType, body);
        for (let end = 0; end < body.length; end++) expectSameVerdict(body.subarray(0, end));
        for (let end = 0; end < json.length; end += 7) {
          expect(refusalOf(() => decodeTracesJson(json.subarray(0, end), DEFAULT_DECODE_LIMITS))).not.toBeNull();
        }
      }),
      { numRuns: 10 },
    );
  });

  it('are read or refused, never worse, whatever bytes change, and protobufjs agrees', () => {
    fc.assert(
      fc.property(request, mutations, (message, changes) => {
        const body = encode(message);
        expectSameVerdict(mutate(body, changes));
        refusalOf(() => decodeTracesJson(mutate(otlpJson(requestType, body), changes), DEFAULT_DECODE_LIMITS));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are read or refused, never worse, when they were never a request', () => {
    fc.assert(
      fc.property(anyBytes, (body) => {
        expectSameVerdict(body);
        for (const signal of ['traces', 'logs', 'metrics'] as const) {
          for (const encoding of ['protobuf', 'json'] as const)
            refusalOf(() => decodeRequest(body, { signal, encoding }));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe.skipIf(!hasCaptures)('requests of real clients (skipped where ../shared is absent)', () => {
  const captured = readCaptures().flatMap((folder) => folder.requests);

  it('are read or refused when cut anywhere', () => {
    const small = captured.filter(({ signal, encoding, body }) => {
      return signal === 'traces' && encoding === 'protobuf' && body.length < 6_000;
    });
    for (const { body } of small.slice(0, 6)) {
      for (let end = 0; end < body.length; end++) {
        refusalOf(() => decodeTracesProtobuf(body.subarray(0, end), DEFAULT_DECODE_LIMITS));
      }
    }
  });

  it('are read or refused when bytes change, and protobufjs agrees', () => {
    fc.assert(
      fc.property(fc.constantFrom(...captured), mutations, ({ signal, encoding, body }, changes) => {
        const mutated = mutate(body, changes);
        if (signal === 'traces' && encoding === 'protobuf') expectSameVerdict(mutated);
        else refusalOf(() => decodeRequest(mutated, { signal, encoding }));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('time', () => {
  it('is within a quarter of a microsecond of what was sent, and exact for whole milliseconds', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 61n), (ns) => {
        const timeMs = timeMsOf(Number(ns >> 32n), Number(ns & 0xffff_ffffn));
        const scaledError = BigInt(Math.round(timeMs * 2 ** 20)) * 1_000_000n - (ns << 20n);
        expect(scaledError < 250n << 20n && scaledError > -250n << 20n).toBe(true);
        const wholeNs = (ns / 1_000_000n) * 1_000_000n;
        expect(timeMsOf(Number(wholeNs >> 32n), Number(wholeNs & 0xffff_ffffn))).toBe(Number(wholeNs / 1_000_000n));
      }),
    );
  });
});
