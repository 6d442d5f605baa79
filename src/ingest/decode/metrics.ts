import type { DecodedMetrics } from '../metric/point.js';
import { DEFAULT_DECODE_LIMITS, type OtlpEncoding } from './limits.js';
import { decodeMetricsJson } from './metrics-json.js';
import { decodeMetricsProtobuf } from './metrics-protobuf.js';

/** Decodes an `ExportMetricsServiceRequest`. @throws AppError as `decodeMetricsProtobuf` and `decodeMetricsJson` do. */
export function decodeMetrics(body: Uint8Array, encoding: OtlpEncoding): DecodedMetrics {
  const decode = encoding === 'json' ? decodeMetricsJson : decodeMetricsProtobuf;
  return decode(body, DEFAULT_DECODE_LIMITS);
}
