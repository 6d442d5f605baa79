import { describe, expect, it } from 'vitest';
import { decodeTracesJson } from '../../../src/ingest/decode/json.js';
import { DEFAULT_DECODE_LIMITS } from '../../../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../../../src/ingest/decode/protobuf.js';
import type { OtlpSpan } from '../../../src/ingest/telemetry.js';
import { type CapturedRequest, type CaptureFolder, hasCaptures, readCaptures } from '../../support/otlp-captures.js';
import { decodeRequest } from '../../support/otlp-decode.js';
import { decodeTracesByProtobufjs } from '../../support/otlp-oracle.js';

function decodeTraces({ body, encoding }: CapturedRequest): OtlpSpan[] {
  const decode = encoding === 'json' ? decodeTracesJson : decodeTracesProtobuf;
  const { spans, rejected } = decode(body, DEFAULT_DECODE_LIMITS);
  expect(rejected).toEqual({ count: 0, reasons: [] });
  return spans;
}

/** The items of a request none of which is refused. */
function decodeWhole({ body, ...request }: CapturedRequest): unknown[] {
  const { items, rejected } = decodeRequest(body, request);
  expect(rejected).toEqual({ count: 0, reasons: [] });
  return items;
}

function requestsOf(folder: CaptureFolder, signal: CapturedRequest['signal']): CapturedRequest[] {
  return folder.requests.filter((request) => request.signal === signal);
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

describe.skipIf(!hasCaptures)('requests of real clients (skipped where ../shared is absent)', () => {
  it.each(readCaptures())('$name holds the items that were sent', (folder) => {
    const spans = requestsOf(folder, 'traces').flatMap(decodeTraces);
    const ids = new Set(spans.map((span) => `${span.traceId} ${span.spanId}`));
    const countOf = (signal: CapturedRequest['signal']) =>
      sum(requestsOf(folder, signal).map((request) => decodeWhole(request).length));
    const { spansStored, logRecords, metricDataPoints } = folder.expected;
    expect({ spans: ids.size, records: countOf('logs'), points: countOf('metrics') }).toEqual({
      spans: spansStored,
      records: logRecords,
      points: metricDataPoints,
    });
  });

  it.each(readCaptures())('$name decodes as protobufjs decodes it', (folder) => {
    for (const request of requestsOf(folder, 'traces')) {
      if (request.encoding === 'protobuf')
        expect(decodeTraces(request)).toEqual(decodeTracesByProtobufjs(request.body));
    }
  });
});
