import { describe, expect, it } from 'vitest';
import { countDataPoints, countLogRecords } from '../../../src/ingest/decode/count.js';
import { DEFAULT_DECODE_LIMITS } from '../../../src/ingest/decode/limits.js';
import { otlpJson, otlpRoot } from '../../support/otlp-schema.js';
import { field, nestedArrays } from '../../support/otlp-wire.js';

const root = otlpRoot();

function bothEncodings(typeName: string, request: Record<string, unknown>): { protobuf: Uint8Array; json: Uint8Array } {
  const type = root.lookupType(typeName);
  const protobuf = type.encode(type.fromObject(request)).finish();
  return { protobuf, json: otlpJson(type, protobuf) };
}

const attributes = [{ key: 'a', value: { kvlistValue: { values: [{ key: 'b', value: { intValue: 1 } }] } } }];
const LOGS = {
  resourceLogs: [
    { resource: { attributes }, scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' }, attributes }, {}] }] },
    { scopeLogs: [{ scope: { name: 's', attributes }, logRecords: [{ severityNumber: 9, timeUnixNano: '5' }] }, {}] },
  ],
};
const METRICS = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            { name: 'g', gauge: { dataPoints: [{ asDouble: 1, attributes, exemplars: [{ asInt: 1 }] }] } },
            { name: 's', sum: { dataPoints: [{ asInt: '5' }, {}], aggregationTemporality: 2 } },
            { name: 'h', histogram: { dataPoints: [{ bucketCounts: ['1', '2'], explicitBounds: [1] }] } },
            { name: 'e', exponentialHistogram: { dataPoints: [{ positive: { bucketCounts: ['1'] } }, {}, {}] } },
            { name: 'q', summary: { dataPoints: [{ quantileValues: [{ quantile: 0.5, value: 1 }] }] } },
            { name: 'none', metadata: attributes },
          ],
        },
      ],
    },
  ],
};

const DEEP_LOG = (levels: number) => field(1, field(2, field(2, field(5, nestedArrays(levels)))));

describe.each(['protobuf', 'json'] as const)('a %s body', (encoding) => {
  it('has its log records counted over all resources and scopes', () => {
    const body = bothEncodings('ExportLogsServiceRequest', LOGS)[encoding];
    expect(countLogRecords(body, encoding, DEFAULT_DECODE_LIMITS)).toBe(3);
  });

  it('has its data points counted over all five kinds of metric', () => {
    const body = bothEncodings('ExportMetricsServiceRequest', METRICS)[encoding];
    expect(countDataPoints(body, encoding, DEFAULT_DECODE_LIMITS)).toBe(8);
  });

  it('is refused when it ends too early', () => {
    const body = bothEncodings('ExportMetricsServiceRequest', METRICS)[encoding];
    const cut = body.subarray(0, body.length - 1);
    expect(() => countDataPoints(cut, encoding, DEFAULT_DECODE_LIMITS)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  });
});

describe('an empty body', () => {
  it('holds nothing', () => {
    expect(countLogRecords(new Uint8Array(0), 'protobuf', DEFAULT_DECODE_LIMITS)).toBe(0);
    expect(countDataPoints(Buffer.from('{}'), 'json', DEFAULT_DECODE_LIMITS)).toBe(0);
  });
});

describe('a log body of many levels', () => {
  it('is read at 32 levels and refused at 33', () => {
    expect(countLogRecords(DEEP_LOG(32), 'protobuf', DEFAULT_DECODE_LIMITS)).toBe(1);
    expect(() => countLogRecords(DEEP_LOG(33), 'protobuf', DEFAULT_DECODE_LIMITS)).toThrow(/fewer levels/);
    expect(() => countLogRecords(DEEP_LOG(20_000), 'protobuf', DEFAULT_DECODE_LIMITS)).toThrow(/fewer levels/);
  });
});

describe('JSON of the wrong shape', () => {
  it.each(['{"resourceLogs":{}}', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[7]}]}]}', '[]', 'x'])(
    'is refused: %s',
    (body) => {
      expect(() => countLogRecords(Buffer.from(body), 'json', DEFAULT_DECODE_LIMITS)).toThrow(
        expect.objectContaining({ code: 'VALIDATION_FAILED' }),
      );
    },
  );
});
