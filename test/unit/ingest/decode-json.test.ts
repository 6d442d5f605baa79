import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { decodeTracesJson } from '../../../src/ingest/decode/json.js';
import { DEFAULT_DECODE_LIMITS, type DecodeLimits } from '../../../src/ingest/decode/limits.js';
import type { DecodedTraces } from '../../../src/ingest/telemetry.js';

const TRACE_ID = '5b8efff798038103d269b633813fc60c';
const SPAN_ID = 'eee19b7ec3c1b174';
const SPAN = {
  traceId: TRACE_ID,
  spanId: SPAN_ID,
  startTimeUnixNano: '1795373147612000000',
  endTimeUnixNano: '1795373147700000000',
};

const decodeText = (body: string, limits: Partial<DecodeLimits> = {}): DecodedTraces =>
  decodeTracesJson(Buffer.from(body), { ...DEFAULT_DECODE_LIMITS, ...limits });

const decode = (request: unknown, limits: Partial<DecodeLimits> = {}): DecodedTraces =>
  decodeText(JSON.stringify(request), limits);

const requestOf = (...spans: unknown[]) => ({
  resourceSpans: [{ scopeSpans: [{ scope: { name: 'support' }, spans }] }],
});

const decodeSpan = (fields: object, limits: Partial<DecodeLimits> = {}) => {
  const { spans, rejected } = decode(requestOf({ ...SPAN, ...fields }), limits);
  return { span: spans.at(0), rejected };
};

const decodedValue = (value: unknown) => decodeSpan({ attributes: [{ key: 'v', value }] }).span?.attributes.get('v');

function refusalOf(body: string, limits: Partial<DecodeLimits> = {}): AppError {
  try {
    decodeText(body, limits);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return expect.fail('the body was accepted');
}

describe('ids', () => {
  it.each([
    ['lower-case hex', TRACE_ID, SPAN_ID],
    ['upper-case hex', TRACE_ID.toUpperCase(), SPAN_ID.toUpperCase()],
    ['base64', Buffer.from(TRACE_ID, 'hex').toString('base64'), Buffer.from(SPAN_ID, 'hex').toString('base64')],
  ])('reads them from %s', (_name, traceId, spanId) => {
    const { span } = decodeSpan({ traceId, spanId, parentSpanId: spanId });
    expect([span?.traceId, span?.spanId, span?.parentSpanId]).toEqual([TRACE_ID, SPAN_ID, SPAN_ID]);
  });

  it.each([
    ['15 bytes', { traceId: TRACE_ID.slice(2) }, 'trace_id has 15 bytes, 16 expected'],
    ['zeros', { traceId: '0'.repeat(32) }, 'trace_id is all zero'],
    ['no hexadecimal', { spanId: 'not an id' }, 'span_id is not hexadecimal'],
    ['a number', { spanId: 12 }, 'span_id is not hexadecimal'],
    ['nothing', { spanId: undefined }, 'span_id has 0 bytes, 8 expected'],
    ['a bad parent', { parentSpanId: 'ab' }, 'parent_span_id has 1 bytes, 8 expected'],
  ])('refuses the one span whose id is %s', (_name, fields, reason) => {
    const { spans, rejected } = decode(requestOf(SPAN, { ...SPAN, ...fields }));
    expect(spans).toHaveLength(1);
    expect(rejected).toEqual({ count: 1, reasons: [`span 1 of scope support: ${reason}`] });
  });

  it.each([undefined, null, '', '0000000000000000'])('takes the parent %j for none', (parentSpanId) => {
    expect(decodeSpan({ parentSpanId }).span?.parentSpanId).toBeNull();
  });
});

describe('numbers', () => {
  it('reads times from strings and numbers', () => {
    expect(decodeSpan({}).span).toMatchObject({ startMs: 1_795_373_147_612, endMs: 1_795_373_147_700 });
    expect(decodeSpan({ startTimeUnixNano: 1_795_373_147_612_000_000 }).span?.startMs).toBe(1_795_373_147_612);
  });

  it.each([
    [undefined, 'start_time_unix_nano is 0 or absent'],
    ['0', 'start_time_unix_nano is 0 or absent'],
    ['18446744073709551615', 'start_time_unix_nano is beyond the year 2262'],
    ['-1', 'start_time_unix_nano is not a whole number of nanoseconds'],
    [1.5, 'start_time_unix_nano is not a whole number of nanoseconds'],
    ['2026-11-22T00:00:00Z', 'start_time_unix_nano is not a whole number of nanoseconds'],
  ])('refuses the span that starts at %j', (startTimeUnixNano, reason) => {
    expect(decodeSpan({ startTimeUnixNano }).rejected).toEqual({
      count: 1,
      reasons: [`span 0 of scope support: ${reason}`],
    });
  });

  it.each([
    [{ intValue: '42' }, 42],
    [{ intValue: 42 }, 42],
    [{ intValue: '-9223372036854775808' }, -(2n ** 63n)],
    [{ intValue: '9007199254740993' }, 9_007_199_254_740_993n],
    [{ doubleValue: 0.5 }, 0.5],
    [{ doubleValue: '0.5' }, 0.5],
    [{ doubleValue: 'NaN' }, Number.NaN],
    [{ doubleValue: '-Infinity' }, Number.NEGATIVE_INFINITY],
    [{ doubleValue: null }, null],
    [{ boolValue: false }, false],
    [{ stringValue: '' }, ''],
    [{ bytesValue: 'AQID' }, new Uint8Array([1, 2, 3])],
    [{ arrayValue: { values: [{ intValue: 1 }, {}] } }, [1, null]],
    [{ arrayValue: {} }, []],
    [{ kvlistValue: { values: [{ key: 'a', value: { stringValue: 'b' } }] } }, new Map([['a', 'b']])],
    [{}, null],
    [{ laterValue: 3 }, null],
  ])('reads the value %j', (value, expected) => {
    expect(decodedValue(value)).toEqual(expected);
  });

  it('reads 1e400 as infinity', () => {
    const body = JSON.stringify(requestOf({ ...SPAN, attributes: [{ key: 'v', value: { doubleValue: 'X' } }] }));
    expect(decodeText(body.replace('"X"', '1e400')).spans.at(0)?.attributes.get('v')).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [{ intValue: '9223372036854775808' }, 'intValue must be a 64-bit integer'],
    [{ intValue: 1.5 }, 'intValue must be a 64-bit integer'],
    [{ doubleValue: 'many' }, 'doubleValue must be a number'],
    [{ boolValue: 'yes' }, 'boolValue must be true or false'],
    [{ stringValue: 5 }, 'stringValue must be a string'],
    [{ arrayValue: { values: {} } }, 'values must be an array'],
  ])('refuses the one span that holds %j', (value, reason) => {
    const { spans, rejected } = decode(requestOf({ ...SPAN, attributes: [{ key: 'v', value }] }, SPAN));
    expect(spans).toHaveLength(1);
    expect(rejected.count).toBe(1);
    expect(rejected.reasons.at(0)).toContain(reason);
  });
});

describe('names and unknown fields', () => {
  it('ignores snake_case names and unknown fields', () => {
    expect(decode({ resource_spans: [{ scope_spans: 'anything' }], later: 1 }).spans).toEqual([]);
    expect(decodeSpan({ later: { nested: [] }, parent_span_id: 'x' }).span?.parentSpanId).toBeNull();
  });

  it('reads enums as integers alone', () => {
    expect(decodeSpan({ kind: 3, status: { code: 2, message: 'm' } }).span).toMatchObject({ kind: 3, statusCode: 2 });
    const named = decodeSpan({ kind: 'SPAN_KIND_CLIENT', status: { code: 'STATUS_CODE_ERROR' } }).span;
    expect(named).toMatchObject({ kind: 0, statusCode: 0 });
  });

  it('keeps hostile keys as data', () => {
    const body = JSON.stringify(
      requestOf({ ...SPAN, attributes: [{ key: '__proto__', value: { stringValue: 'x' } }] }),
    );
    const { spans } = decodeText(body.replace('"traceId"', '"__proto__":{"polluted":1},"traceId"'));
    expect(spans.at(0)?.attributes).toEqual(new Map([['__proto__', 'x']]));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('text', () => {
  it.each([
    ['NUL', '"a\\u0000b"', 'a\u2400b'],
    ['a lone surrogate', '"a\\ud800b"', 'a\uFFFDb'],
    ['surrogates the wrong way round', '"\\udc00\\ud800"', '\uFFFD\uFFFD'],
    ['a pair', '"\\ud83d\\ude00"', '😀'],
  ])('makes %s text that a database can hold', (_name, json, expected) => {
    const body = JSON.stringify(
      requestOf({ ...SPAN, name: 'X', attributes: [{ key: 'X', value: { stringValue: 'X' } }] }),
    );
    const span = decodeText(body.replaceAll('"X"', json)).spans.at(0);
    expect([span?.name, ...(span?.attributes.entries().next().value ?? [])]).toEqual([expected, expected, expected]);
  });

  it('cuts a long text between two characters and says by how much', () => {
    const attributes = [{ key: 'a', value: { stringValue: 'abcdefgh€ij' } }];
    const { span, rejected } = decodeSpan({ attributes }, { textBytesMax: 10 });
    expect(span?.attributes.get('a')).toBe('abcdefgh…[cut: 5 bytes]');
    expect(rejected).toEqual({ count: 0, reasons: ['a text of 13 bytes was cut by 5 bytes'] });
  });
});

describe('limits and broken bodies', () => {
  it.each(['', '{', 'null', '[]', '"text"', '{"resourceSpans":{}}', '{"resourceSpans":[1]}', '\0', '{"a":"\\'])(
    'refuses the body %j',
    (body) => {
      expect(refusalOf(body).code).toBe('VALIDATION_FAILED');
    },
  );

  it('refuses a million levels before it parses them', () => {
    const refusal = refusalOf('['.repeat(1_000_000));
    expect(refusal.code).toBe('VALIDATION_FAILED');
    expect(refusal.message).toContain('at byte 64, at most 64 levels');
  });

  it('does not count brackets inside strings as levels', () => {
    const name = '[{"\\'.repeat(100);
    expect(decodeSpan({ name }).span?.name).toBe(name);
  });

  it('refuses one span whose value is deeper than allowed', () => {
    const value = { arrayValue: { values: [{ arrayValue: { values: [{ arrayValue: {} }] } }] } };
    expect(decodeSpan({ attributes: [{ key: 'v', value }] }, { valueDepthMax: 3 }).span).toBeDefined();
    expect(decodeSpan({ attributes: [{ key: 'v', value }] }, { valueDepthMax: 2 }).rejected.count).toBe(1);
  });

  it('refuses more spans and more values than allowed', () => {
    expect(refusalOf(JSON.stringify(requestOf(SPAN, SPAN)), { spansMax: 1 }).code).toBe('PAYLOAD_TOO_LARGE');
    expect(refusalOf(JSON.stringify(requestOf(SPAN)), { valuesMax: 6 }).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('keeps the first attributes, events and links and warns', () => {
    const attributes = ['a', 'b', 'c'].map((key) => ({ key, value: { intValue: 1 } }));
    const link = { traceId: TRACE_ID, spanId: SPAN_ID };
    const limits = { attributesMax: 2, eventsMax: 1, linksMax: 1 };
    const { span, rejected } = decodeSpan({ attributes, events: [{}, {}], links: [link, link] }, limits);
    expect([span?.attributes.size, span?.events.length, span?.links.length]).toEqual([2, 1, 1]);
    expect([rejected.count, rejected.reasons.length]).toEqual([0, 3]);
  });

  it('takes an empty request and empty envelopes for a success', () => {
    for (const request of [
      {},
      { resourceSpans: [] },
      { resourceSpans: null },
      { resourceSpans: [{ scopeSpans: [{}] }] },
    ]) {
      expect(decode(request)).toEqual({ spans: [], rejected: { count: 0, reasons: [] } });
    }
  });
});
