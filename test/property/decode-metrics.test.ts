import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMetrics } from '../../src/ingest/decode/metrics.js';
import { mutate, mutations, refusalOf } from '../support/broken-bytes.js';
import { decodeMetricsByProtobufjs } from '../support/otlp-metrics-oracle.js';
import { otlpJson, otlpRoot } from '../support/otlp-schema.js';

const requestType = otlpRoot().lookupType('ExportMetricsServiceRequest');
const encode = (message: object) => requestType.encode(requestType.fromObject(message)).finish();

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const text = fc.constantFrom('gen_ai.client.token.usage', 's', 'a', 'Grüße');
const attributes = fc
  .uniqueArray(fc.constantFrom('a', 'b', '__proto__', 'error.type'), { maxLength: 3 })
  .map((keys) => keys.map((key) => ({ key, value: { stringValue: key } })));
const times = fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e6 })).map(([start, later]) => ({
  startTimeUnixNano: String(BigInt(start) * 1_000_000n),
  timeUnixNano: String(BigInt(start + later) * 1_000_000n),
}));
const point = fc.record({ times, attributes }).map(({ times: at, ...rest }) => ({ ...at, ...rest }));
const recorded = fc.record({ sum: finite, min: finite, max: finite }, { requiredKeys: [] });
const counts = fc.array(fc.nat({ max: 1e9 }), { maxLength: 12 });
const total = (...lists: number[][]) => lists.flat().reduce((sum, count) => sum + count, 0);

const number = fc.tuple(
  point,
  fc.oneof(fc.record({ asDouble: fc.double({ min: 0, max: 1e300, noNaN: true }) }), fc.record({ asInt: fc.nat() })),
);
const explicit = fc
  .tuple(
    point,
    recorded,
    counts.filter((list) => list.length > 0),
  )
  .map(([base, known, bucketCounts]) => ({
    ...base,
    ...known,
    bucketCounts,
    explicitBounds: bucketCounts.slice(1).map((_, index) => index * 1.5 - 2),
    count: total(bucketCounts),
  }));
const exponential = fc
  .tuple(
    point,
    recorded,
    counts,
    counts,
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: -50, max: 50 }),
    fc.nat({ max: 9 }),
  )
  .map(([base, known, positive, negative, scale, offset, zeroCount]) => ({
    ...base,
    ...known,
    scale,
    zeroCount,
    zeroThreshold: 0.25,
    positive: { offset, bucketCounts: positive },
    negative: { offset: -offset, bucketCounts: negative },
    count: total(positive, negative) + zeroCount,
  }));
const summary = fc
  .tuple(point, fc.nat(), finite)
  .map(([base, count, sum]) => ({ ...base, count, sum, quantileValues: [{ quantile: 0.5, value: 1 }] }));

const list = <T>(each: fc.Arbitrary<T>) => fc.array(each, { maxLength: 3 });
const aggregationTemporality = fc.constantFrom(1, 2);
const metric = fc.tuple(
  fc.record({ name: text, unit: text }),
  fc.oneof(
    list(number).map((points) => ({ gauge: { dataPoints: points.map(([base, value]) => ({ ...base, ...value })) } })),
    fc.tuple(list(number), aggregationTemporality, fc.boolean()).map(([points, temporality, isMonotonic]) => ({
      sum: {
        dataPoints: points.map(([base, value]) => ({ ...base, ...value })),
        aggregationTemporality: temporality,
        isMonotonic,
      },
    })),
    fc.record({ dataPoints: list(explicit), aggregationTemporality }).map((histogram) => ({ histogram })),
    fc
      .record({ dataPoints: list(exponential), aggregationTemporality })
      .map((exponentialHistogram) => ({ exponentialHistogram })),
    list(summary).map((dataPoints) => ({ summary: { dataPoints } })),
  ),
);
const request = fc.record({
  resourceMetrics: list(
    fc.record({
      resource: fc.record({ attributes }),
      scopeMetrics: list(
        fc.record({
          scope: fc.record({ name: text, version: text, attributes }),
          metrics: list(metric.map(([named, data]) => ({ ...named, ...data }))),
        }),
      ),
    }),
  ),
});

describe('any metrics request', () => {
  it('decodes to what protobufjs makes of it', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encode(message);
        expect(decodeMetrics(body, 'protobuf')).toEqual({
          points: decodeMetricsByProtobufjs(body),
          emptyPoints: 0,
          rejected: { count: 0, reasons: [] },
        });
      }),
      { numRuns: 300 },
    );
  });

  it('decodes to the same from protobuf and from JSON', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encode(message);
        expect(decodeMetrics(otlpJson(requestType, body), 'json')).toEqual(decodeMetrics(body, 'protobuf'));
      }),
      { numRuns: 300 },
    );
  });

  it('is read or refused, never worse, wherever it is cut', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encode(message);
        const json = otlpJson(requestType, body);
        for (let end = 0; end < body.length; end += 3)
          refusalOf(() => decodeMetrics(body.subarray(0, end), 'protobuf'));
        for (let end = 0; end < json.length; end += 7) {
          expect(refusalOf(() => decodeMetrics(json.subarray(0, end), 'json'))).not.toBeNull();
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is read or refused, never worse, whatever bytes change, and what is read holds together', () => {
    fc.assert(
      fc.property(request, mutations, fc.constantFrom('protobuf', 'json'), (message, changes, encoding) => {
        const body = encode(message);
        const mutated = mutate(encoding === 'json' ? otlpJson(requestType, body) : body, changes);
        refusalOf(() => {
          for (const { data, timeMs } of decodeMetrics(mutated, encoding).points) {
            expect(Number.isFinite(timeMs)).toBe(true);
            if (data.kind === 'histogram' && data.counts.length > 0) expect(total(data.counts)).toBe(data.count);
            if (data.kind === 'gauge' || data.kind === 'sum') expect(Number.isFinite(data.value)).toBe(true);
          }
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
