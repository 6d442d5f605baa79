import { decodeTracesJson } from '../../src/ingest/decode/json.js';
import { DEFAULT_DECODE_LIMITS, type OtlpEncoding } from '../../src/ingest/decode/limits.js';
import { decodeLogsJson } from '../../src/ingest/decode/logs-json.js';
import { decodeLogsProtobuf } from '../../src/ingest/decode/logs-protobuf.js';
import { decodeMetrics } from '../../src/ingest/decode/metrics.js';
import { decodeTracesProtobuf } from '../../src/ingest/decode/protobuf.js';
import type { OtlpSignal } from '../../src/ingest/decode/response.js';
import type { Rejection } from '../../src/ingest/telemetry.js';

export interface Decoded {
  items: unknown[];
  rejected: Rejection;
}

/** Decodes a request of whatever signal as the receiver does. */
export function decodeRequest(
  body: Uint8Array,
  { signal, encoding }: { signal: OtlpSignal; encoding: OtlpEncoding },
): Decoded {
  if (signal === 'metrics') {
    const { points, emptyPoints, rejected } = decodeMetrics(body, encoding);
    return { items: [...points, ...Array(emptyPoints)], rejected };
  }
  if (signal === 'logs') {
    const { records, rejected } = (encoding === 'json' ? decodeLogsJson : decodeLogsProtobuf)(
      body,
      DEFAULT_DECODE_LIMITS,
    );
    return { items: records, rejected };
  }
  const { spans, rejected } = (encoding === 'json' ? decodeTracesJson : decodeTracesProtobuf)(
    body,
    DEFAULT_DECODE_LIMITS,
  );
  return { items: spans, rejected };
}
