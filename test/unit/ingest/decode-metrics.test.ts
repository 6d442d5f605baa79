import { describe, expect, it } from 'vitest';
import { DEFAULT_DECODE_LIMITS } from '../../../src/ingest/decode/limits.js';
import { decodeMetrics } from '../../../src/ingest/decode/metrics.js';
import { decodeMetricsJson } from '../../../src/ingest/decode/metrics-json.js';
import { decodeMetricsProtobuf } from '../../../src/ingest/decode/metrics-protobuf.js';
import { CUMULATIVE, DELTA, metricsRequest, pointAt, type TestMetric } from '../../support/otlp-metrics.js';
import { otlpRoot } from '../../support/otlp-schema.js';
import { field, nestedArrays, varint } from '../../support/otlp-wire.js';

const T = 1_795_000_000_000;
const AT = pointAt(T);
const type = otlpRoot().lookupType('ExportMetricsServiceRequest');

const bodies = (metrics: readonly TestMetric[]) => {
  const json = metricsRequest(metrics);
  return { json: Buffer.from(json), protobuf: type.encode(type.fromObject(JSON.parse(json))).finish() };
};

const sum = (dataPoints: object[], aggregationTemporality = DELTA): TestMetric => ({
  name: 'tokens',
  sum: { dataPoints, aggregationTemporality, isMonotonic: true },
});
const histogram = (point: object): TestMetric => ({
  name: 'duration',
  histogram: { dataPoints: [{ ...AT, ...point }], aggregationTemporality: CUMULATIVE },
});
const exponential = (point: object): TestMetric => ({
  name: 'duration',
  exponentialHistogram: { dataPoints: [{ ...AT, ...point }], aggregationTemporality: DELTA },
});

describe.each(['protobuf', 'json'] as const)('a metrics request in %s', (encoding) => {
  it.each<[string, TestMetric, string]>([
    ['without a time', sum([{ asInt: '1' }]), 'data point 0 of metric tokens: time_unix_nano is 0 or absent'],
    ['without a value', sum([AT]), 'the value is absent or not a finite number'],
    ['that falls though it only grows', sum([{ ...AT, asInt: '-1' }]), 'a sum that only grows is negative'],
    ['of no temporality', sum([{ ...AT, asInt: '1' }], 0), 'aggregation_temporality is neither'],
    ['of no metric name', { ...sum([{ ...AT, asInt: '1' }]), name: '' }, 'an unnamed metric: the metric has no name'],
    [
      'with a bucket too many',
      histogram({ count: '2', bucketCounts: ['1', '1'], explicitBounds: [1, 2] }),
      '2 bucket_counts for 2',
    ],
    [
      'with bounds that fall',
      histogram({ count: '0', bucketCounts: [0, 0, 0], explicitBounds: [2, 1] }),
      'do not ascend',
    ],
    [
      'whose buckets hold more',
      histogram({ count: '1', bucketCounts: [1, 1], explicitBounds: [1] }),
      'count is 1, its buckets hold 2',
    ],
    [
      'of more buckets than are kept',
      histogram({ count: '0', bucketCounts: Array(5_000).fill(0), explicitBounds: [] }),
      'more than 4096',
    ],
    [
      'beyond what a double holds',
      exponential({ count: '1', scale: -10, positive: { offset: 2, bucketCounts: [1] } }),
      'beyond what a double',
    ],
    ['whose zeros are missing', exponential({ count: '2', zeroCount: '1' }), 'count is 2, its buckets hold 1'],
  ])('leaves out a point %s and says why', (_name, metric, reason) => {
    const good = sum([{ ...AT, asInt: '7' }]);
    const { points, rejected } = decodeMetrics(bodies([metric, good])[encoding], encoding);
    expect(points.map(({ data }) => data)).toEqual([{ kind: 'sum', value: 7 }]);
    expect(rejected.count).toBe(1);
    expect(rejected.reasons).toEqual([expect.stringContaining(reason)]);
  });

  it('accepts points that say they have no value, and reads nothing from them', () => {
    const body = bodies([
      sum([
        { ...AT, flags: 1 },
        { ...AT, asInt: '2' },
      ]),
    ])[encoding];
    expect(decodeMetrics(body, encoding)).toMatchObject({
      emptyPoints: 1,
      points: [{ data: { value: 2 } }],
      rejected: { count: 0 },
    });
  });

  it('takes a start after the end for none', () => {
    const body = bodies([sum([{ ...pointAt(T, {}, T + 1), asInt: '1' }])])[encoding];
    expect(decodeMetrics(body, encoding).points).toMatchObject([{ startMs: 0, timeMs: T }]);
  });

  it('is refused when it holds more points than the limit', () => {
    const decode = encoding === 'json' ? decodeMetricsJson : decodeMetricsProtobuf;
    const body = bodies([sum(Array(4).fill({ ...AT, asInt: '1' }))])[encoding];
    expect(decode(body, { ...DEFAULT_DECODE_LIMITS, dataPointsMax: 4 }).points).toHaveLength(4);
    expect(() => decode(body, { ...DEFAULT_DECODE_LIMITS, dataPointsMax: 3 })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
  });
});

describe('protobuf that encoders rarely write', () => {
  const pointFields = Buffer.concat([fixed64Field(3, 5_000_000n), fixed64Field(4, 3n)]);
  const metricOf = (...fields: Buffer[]) => field(1, field(2, field(2, ...fields)));

  it('may have buckets one by one, and name and temporality after the points', () => {
    const counts = [1n, 2n].map((count) => fixed64Field(6, count));
    const bound = Buffer.concat([varint(7 * 8 + 1), doubleBytes(1.5)]);
    const data = field(9, field(1, pointFields, ...counts, bound), varint(2 * 8), varint(2));
    const { points, rejected } = decodeMetricsProtobuf(
      metricOf(data, field(1, Buffer.from('late'))),
      DEFAULT_DECODE_LIMITS,
    );
    expect(rejected.count).toBe(0);
    expect(points).toMatchObject([
      { metric: { name: 'late', temporality: 'cumulative' }, data: { count: 3, counts: [1, 2], bounds: [1.5] } },
    ]);
  });

  it('of two kinds of data in one metric holds the last', () => {
    const gauge = field(5, field(1, fixed64Field(3, 5_000_000n), fixed64Field(6, 9n)));
    const summary = field(11, field(1, pointFields));
    const body = metricOf(field(1, Buffer.from('m')), gauge, summary);
    expect(decodeMetricsProtobuf(body, DEFAULT_DECODE_LIMITS).points.map(({ data }) => data.kind)).toEqual(['summary']);
  });

  it('is refused for an attribute of too many levels', () => {
    const attribute = field(7, field(1, Buffer.from('deep')), field(2, nestedArrays(33)));
    const body = metricOf(field(7, field(1, attribute)));
    expect(() => decodeMetricsProtobuf(body, DEFAULT_DECODE_LIMITS)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  });
});

describe('JSON of the wrong shape', () => {
  it.each(['{"resourceMetrics":{}}', '{"resourceMetrics":[{"scopeMetrics":[7]}]}', '[]', 'x'])(
    'is refused: %s',
    (body) => {
      expect(() => decodeMetrics(Buffer.from(body), 'json')).toThrow(
        expect.objectContaining({ code: 'VALIDATION_FAILED' }),
      );
    },
  );

  it('costs the one point it is in, not the others', () => {
    const body = metricsRequest([
      sum([
        { ...AT, attributes: 7, asInt: '1' },
        { ...AT, asInt: '2' },
      ]),
    ]);
    const { points, rejected } = decodeMetrics(Buffer.from(body), 'json');
    expect(points).toHaveLength(1);
    expect(rejected).toEqual({ count: 1, reasons: [expect.stringContaining('attributes must be an array')] });
  });

  it('takes a value that exporters write as null for NaN as none', () => {
    const body = metricsRequest([histogram({ count: '1', sum: null, min: null, bucketCounts: ['1'] })]);
    expect(decodeMetrics(Buffer.from(body), 'json').points).toMatchObject([
      { data: { sum: null, min: null, count: 1 } },
    ]);
  });
});

function fixed64Field(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
