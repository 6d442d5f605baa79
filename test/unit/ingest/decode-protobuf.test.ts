import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { DEFAULT_DECODE_LIMITS, type DecodeLimits } from '../../../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../../../src/ingest/decode/protobuf.js';
import type { DecodedTraces } from '../../../src/ingest/telemetry.js';
import { field, fixed64, nestedArrays, varint, wireAttribute, wireRequest, wireSpan } from '../../support/otlp-wire.js';

const decode = (body: Uint8Array, limits: Partial<DecodeLimits> = {}): DecodedTraces =>
  decodeTracesProtobuf(body, { ...DEFAULT_DECODE_LIMITS, ...limits });

const decodeSpanWith = (rest: Uint8Array, limits: Partial<DecodeLimits> = {}) => {
  const { spans, rejected } = decode(wireRequest(wireSpan({ rest })), limits);
  return { span: spans.at(0), rejected };
};

const text = (value: string | Uint8Array) => field(1, Buffer.from(value));

function refusalOf(body: Uint8Array, limits: Partial<DecodeLimits> = {}): AppError {
  try {
    decode(body, limits);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return expect.fail('the body was accepted');
}

describe('broken protobuf', () => {
  it.each([
    [
      'a length of 2^31',
      Buffer.concat([Buffer.from([10]), varint(2 ** 31)]),
      'at byte 1, expected a length of at most 0',
    ],
    ['a length of 2^64−1', Buffer.concat([Buffer.from([10]), varint(-1n)]), 'at byte 1, expected a length'],
    ['a varint cut by the end', Buffer.from([10, 0x80]), 'at byte 1, expected a whole varint'],
    [
      'a varint of 11 bytes',
      Buffer.from([8, ...new Array(10).fill(0xff), 1]),
      'at byte 1, expected a varint of at most 10',
    ],
    ['a group', Buffer.from([11, 12]), 'at byte 0, expected wire type 0, 1, 2 or 5, found 3'],
    ['wire type 6', Buffer.from([14]), 'found 6'],
    ['field number 0', Buffer.from([2, 0]), 'at byte 0, expected a field number'],
    ['a tag of 6 bytes', Buffer.from([0x98, 0x80, 0x80, 0x80, 0x80, 0, 0]), 'at byte 0, expected a field number'],
    [
      'a length of 6 bytes',
      Buffer.from([10, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
      'at byte 1, expected a length of at most 5',
    ],
    ['a field number beyond 2^29', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]), 'expected a field number'],
    ['a cut fixed64', field(1, field(2, field(2, Buffer.from([57, 1, 2])))), 'expected 8 bytes, 2 are left'],
    ['a child longer than its parent', field(1, Buffer.from([18, 5, 0])), 'a length of at most 1, found 5'],
    [
      'a fixed64 that reaches into the next field',
      wireRequest(
        wireSpan({ rest: Buffer.concat([field(11, Buffer.from([9, 1, 2])), field(5, Buffer.alloc(20, 1))]) }),
      ),
      'expected 8 bytes, 2 are left',
    ],
  ])('refuses %s and says where', (_name, body, message) => {
    const refusal = refusalOf(body);
    expect(refusal.code).toBe('VALIDATION_FAILED');
    expect(refusal.message).toContain(message);
  });

  it('refuses an attribute value of 100,000 levels without using the stack', () => {
    const bomb = Buffer.concat(new Array(2_000).fill(Buffer.from([42, 0xff, 0x7f, 10, 0xff, 0x7f])));
    expect(refusalOf(wireRequest(wireSpan({ rest: wireAttribute('deep', bomb) }))).code).toBe('VALIDATION_FAILED');
    expect(refusalOf(wireRequest(wireSpan({ rest: wireAttribute('deep', nestedArrays(20_000)) }))).message).toContain(
      'at most 32 levels',
    );
  });

  it('reads 32 levels in a value and refuses 33', () => {
    expect(decodeSpanWith(wireAttribute('deep', nestedArrays(32))).span).toBeDefined();
    expect(refusalOf(wireRequest(wireSpan({ rest: wireAttribute('deep', nestedArrays(33)) }))).code).toBe(
      'VALIDATION_FAILED',
    );
  });

  it('skips unknown fields of every wire type, and known numbers with another wire type', () => {
    const unknown = Buffer.concat([
      varint(900 * 8),
      varint(7),
      fixed64(901, 5n),
      field(902, Buffer.from('new')),
      varint(903 * 8 + 5),
      Buffer.alloc(4),
      varint(5 * 8),
      varint(1),
    ]);
    expect(decodeSpanWith(unknown).span?.name).toBe('');
  });
});

describe('spans that are wrong by themselves', () => {
  it.each([
    ['a trace id of 15 bytes', { traceId: Buffer.alloc(15, 1) }, 'trace_id has 15 bytes, 16 expected'],
    ['a trace id of zeros', { traceId: Buffer.alloc(16) }, 'trace_id is all zero'],
    ['a span id of 9 bytes', { spanId: Buffer.alloc(9, 1) }, 'span_id has 9 bytes, 8 expected'],
    ['a span id of zeros', { spanId: Buffer.alloc(8) }, 'span_id is all zero'],
    ['a parent id of 7 bytes', { rest: field(4, Buffer.alloc(7, 1)) }, 'parent_span_id has 7 bytes, 8 expected'],
    ['no start', { start: 0n }, 'start_time_unix_nano is 0 or absent'],
    ['a start of 2^64−1', { start: 2n ** 64n - 1n }, 'start_time_unix_nano is beyond the year 2262'],
    ['an end of 2^63', { end: 2n ** 63n }, 'end_time_unix_nano is beyond the year 2262'],
    [
      'an event at 2^63',
      { rest: field(11, fixed64(1, 2n ** 63n)) },
      'time_unix_nano of event 0 is beyond the year 2262',
    ],
  ])('refuses one with %s and keeps its neighbours', (_name, parts, reason) => {
    const { spans, rejected } = decode(wireRequest(wireSpan(), wireSpan(parts), wireSpan()));
    expect(spans).toHaveLength(2);
    expect(rejected).toEqual({ count: 1, reasons: [`span 1 of scope support: ${reason}`] });
  });

  it('ends a span at its start when it was sent as ending before it, and says so', () => {
    const { spans, rejected } = decode(wireRequest(wireSpan({ start: 5_000_000n, end: 4_000_000n })));
    expect(spans.at(0)).toMatchObject({ startMs: 5, endMs: 5 });
    expect(rejected.count).toBe(0);
    expect(rejected.reasons.at(0)).toContain('ends before it starts');
  });

  it('keeps a span that has not ended', () => {
    const { spans, rejected } = decode(wireRequest(wireSpan({ end: 0n })));
    expect(spans.at(0)?.endMs).toBe(0);
    expect(rejected).toEqual({ count: 0, reasons: [] });
  });

  it('takes an empty parent and a parent of zeros for a root', () => {
    expect(decodeSpanWith(field(4, Buffer.alloc(0))).span?.parentSpanId).toBeNull();
    expect(decodeSpanWith(field(4, Buffer.alloc(8))).span?.parentSpanId).toBeNull();
    expect(decodeSpanWith(field(4, Buffer.alloc(8, 1))).span?.parentSpanId).toBe('0101010101010101');
  });

  it('leaves out a link without a valid id and keeps its span', () => {
    const good = field(13, field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 2)));
    const { span, rejected } = decodeSpanWith(Buffer.concat([good, field(13, field(1, Buffer.alloc(16, 1)))]));
    expect(span?.links).toHaveLength(1);
    expect(rejected.reasons).toEqual([
      'span 0 of scope support: a link was left out, its span_id has 0 bytes, 8 expected',
    ]);
  });

  it('names a handful of reasons and counts all', () => {
    const { rejected } = decode(wireRequest(...Array.from({ length: 100 }, () => wireSpan({ start: 0n }))));
    expect(rejected.count).toBe(100);
    expect(rejected.reasons).toHaveLength(8);
  });
});

describe('limits', () => {
  it('refuses more spans than allowed, also when they are refused one by one', () => {
    const limits = { spansMax: 3 };
    expect(decode(wireRequest(wireSpan(), wireSpan(), wireSpan()), limits).spans).toHaveLength(3);
    expect(refusalOf(wireRequest(wireSpan(), wireSpan(), wireSpan(), wireSpan()), limits).code).toBe(
      'PAYLOAD_TOO_LARGE',
    );
    const bad = Array.from({ length: 4 }, () => wireSpan({ start: 0n }));
    expect(refusalOf(wireRequest(...bad), limits).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('refuses more values than allowed', () => {
    const three = field(5, field(1), field(1), field(1));
    expect(refusalOf(wireRequest(wireSpan({ rest: wireAttribute('a', three) })), { valuesMax: 3 }).code).toBe(
      'PAYLOAD_TOO_LARGE',
    );
  });

  it('keeps the first attributes and warns', () => {
    const attributes = ['a', 'b', 'c', 'a'].map((key, index) => wireAttribute(key, text(String(index))));
    const { span, rejected } = decodeSpanWith(Buffer.concat(attributes), { attributesMax: 2 });
    expect(span?.attributes).toEqual(
      new Map([
        ['a', '3'],
        ['b', '1'],
      ]),
    );
    expect(rejected).toEqual({ count: 0, reasons: ['more than 2 attributes on one item: the first 2 were kept'] });
  });

  it('keeps the first events and links and warns', () => {
    const link = field(13, field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 2)));
    const { span, rejected } = decodeSpanWith(Buffer.concat([field(11), field(11), link, link]), {
      eventsMax: 1,
      linksMax: 1,
    });
    expect([span?.events.length, span?.links.length, rejected.count, rejected.reasons.length]).toEqual([1, 1, 0, 2]);
  });

  it('cuts a long text between two characters and says by how much', () => {
    const { span, rejected } = decodeSpanWith(wireAttribute('a', text('abcdefgh€ij')), { textBytesMax: 10 });
    expect(span?.attributes.get('a')).toBe('abcdefgh…[cut: 5 bytes]');
    expect(rejected).toEqual({ count: 0, reasons: ['a text of 13 bytes was cut by 5 bytes'] });
    expect(decodeSpanWith(wireAttribute('a', text('abcdefg€')), { textBytesMax: 10 }).span?.attributes.get('a')).toBe(
      'abcdefg€',
    );
  });
});

describe('text and keys', () => {
  it.each([
    ['NUL', Buffer.from('a\0b'), 'a\u2400b'],
    ['NUL in a long text', Buffer.from(`${'x'.repeat(100)}\0`), `${'x'.repeat(100)}\u2400`],
    ['an encoded surrogate', Buffer.from([0x61, 0xed, 0xa0, 0x80]), 'a\uFFFD\uFFFD\uFFFD'],
    ['a stray byte', Buffer.from([0xff]), '\uFFFD'],
    ['a cut sequence', Buffer.from([0xf0, 0x9f, 0x98]), '\uFFFD'],
    ['a byte order mark', Buffer.from('\uFEFFa'), '\uFEFFa'],
    ['bidirectional and zero-width marks', Buffer.from('a\u202E\u200Bb'), 'a\u202E\u200Bb'],
  ])('makes %s text that a database can hold, however often it comes', (_name, bytes, expected) => {
    for (let time = 0; time < 3; time++) {
      expect(decodeSpanWith(wireAttribute('a', text(bytes))).span?.attributes.get('a')).toBe(expected);
    }
  });

  it('tells apart short texts that differ in one place, more of them than it can remember', () => {
    const names = Array.from({ length: 9_000 }, (_, index) => `${index % 10}.agent.${Math.floor(index / 10)}.input`);
    const body = wireRequest(...names.map((name) => wireSpan({ rest: field(5, Buffer.from(name)) })));
    for (let time = 0; time < 2; time++) expect(decode(body).spans.map((span) => span.name)).toEqual(names);
  });

  it('keeps hostile keys as data', () => {
    const keys = ['__proto__', 'constructor', 'toString', '', 'k'.repeat(10_000)];
    const { span } = decodeSpanWith(Buffer.concat(keys.map((key) => wireAttribute(key, text('polluted')))));
    expect([...(span?.attributes.keys() ?? [])]).toEqual(keys);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('lets the last of two equal keys win', () => {
    const { span } = decodeSpanWith(Buffer.concat([wireAttribute('a', text('1')), wireAttribute('a', text('2'))]));
    expect(span?.attributes).toEqual(new Map([['a', '2']]));
  });
});

describe('values', () => {
  const decodedValue = (any: Uint8Array) => decodeSpanWith(wireAttribute('v', any)).span?.attributes.get('v');
  const int = (value: bigint) => Buffer.concat([varint(24), varint(value)]);

  it('keeps integers exact: numbers up to 2^53−1, bigints beyond', () => {
    expect(decodedValue(int(-1n))).toBe(-1);
    expect(decodedValue(int(2n ** 53n - 1n))).toBe(2 ** 53 - 1);
    expect(decodedValue(int(2n ** 53n))).toBe(2n ** 53n);
    expect(decodedValue(int(-(2n ** 63n)))).toBe(-(2n ** 63n));
    expect(decodedValue(int(2n ** 63n - 1n))).toBe(2n ** 63n - 1n);
  });

  it('takes an empty value, and one of a later kind, for null', () => {
    expect(decodedValue(Buffer.alloc(0))).toBeNull();
    expect(decodedValue(Buffer.concat([varint(64), varint(3)]))).toBeNull();
  });

  it('copies bytes out of the request', () => {
    const body = wireRequest(wireSpan({ rest: wireAttribute('v', field(7, Buffer.from([1, 2, 3]))) }));
    const value = decode(body).spans.at(0)?.attributes.get('v');
    body.fill(0);
    expect(value).toEqual(new Uint8Array([1, 2, 3]));
  });
});

describe('span fields', () => {
  it.each([
    [0x001, null],
    [0x101, false],
    [0x301, true],
  ])('reads flags %i as a parent that is remote: %s', (flags, expected) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(flags);
    expect(decodeSpanWith(Buffer.concat([varint(16 * 8 + 5), bytes])).span?.parentIsRemote).toBe(expected);
  });

  it('takes kinds and status codes of a later OTLP for unspecified', () => {
    const status = field(15, varint(24), varint(9));
    expect(decodeSpanWith(Buffer.concat([varint(48), varint(77), status])).span).toMatchObject({
      kind: 0,
      statusCode: 0,
    });
    expect(decodeSpanWith(Buffer.concat([varint(48), varint(-1n)])).span?.kind).toBe(0);
  });

  it('keeps whole milliseconds whole', () => {
    const { spans } = decode(
      wireRequest(wireSpan({ start: 1_795_373_147_612_000_000n, end: 1_795_373_147_612_500_000n })),
    );
    expect(spans.at(0)).toMatchObject({ startMs: 1_795_373_147_612, endMs: 1_795_373_147_612.5 });
  });

  it('gives spans the resource and scope that follow them in the message', () => {
    const resource = field(1, field(1, text('service.name'), field(2, text('late'))));
    const body = field(1, field(2, field(2, wireSpan()), field(1, text('late scope'))), resource);
    const span = decode(body).spans.at(0);
    expect(span?.resource).toEqual(new Map([['service.name', 'late']]));
    expect(span?.scope.name).toBe('late scope');
  });

  it('takes an empty body for an empty request', () => {
    expect(decode(new Uint8Array(0))).toEqual({ spans: [], rejected: { count: 0, reasons: [] } });
  });

  it('reads a body that lies inside a larger buffer and nothing around it', () => {
    const body = wireRequest(wireSpan());
    const larger = Buffer.concat([Buffer.alloc(5, 0xff), body, Buffer.alloc(5, 0xff)]);
    expect(decode(larger.subarray(5, 5 + body.length))).toEqual(decode(body));
  });
});
