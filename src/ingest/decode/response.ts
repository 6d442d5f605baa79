import { Buffer } from 'node:buffer';
import type { AppError, ErrorCode } from '../../errors.js';
import type { Rejection } from '../telemetry.js';
import type { OtlpEncoding } from './limits.js';

export type OtlpSignal = 'traces' | 'logs' | 'metrics';

const REJECTED_COUNT_NAME: Record<OtlpSignal, string> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/** The gRPC code (google.rpc.Code) that says the same as ours. */
const GRPC_CODE: Record<ErrorCode, number> = {
  VALIDATION_FAILED: 3,
  UNAUTHENTICATED: 16,
  FORBIDDEN: 7,
  NOT_FOUND: 5,
  METHOD_NOT_ALLOWED: 12,
  REQUEST_TIMEOUT: 4,
  CONFLICT: 10,
  PAYLOAD_TOO_LARGE: 8,
  UNSUPPORTED_MEDIA_TYPE: 3,
  RATE_LIMITED: 8,
  INTERNAL: 13,
  LEDGER_INTEGRITY: 15,
  UNAVAILABLE: 14,
};

/**
 * The body of a 200: an `Export…ServiceResponse`, empty when everything was kept as sent; else with `partial_success`,
 * which counts what was refused (0 for a mere warning) and says why.
 *
 * Source: opentelemetry-proto docs/specification.md, "Full Success" and "Partial Success".
 */
export function encodeExportResponse(signal: OtlpSignal, encoding: OtlpEncoding, rejected: Rejection): Buffer {
  const isFullSuccess = rejected.count === 0 && rejected.reasons.length === 0;
  const errorMessage = rejected.reasons.join('; ');
  if (encoding === 'json') {
    const partialSuccess = { [REJECTED_COUNT_NAME[signal]]: String(rejected.count), errorMessage };
    return Buffer.from(JSON.stringify(isFullSuccess ? {} : { partialSuccess }));
  }
  if (isFullSuccess) return Buffer.alloc(0);
  return lengthDelimitedField(1, Buffer.concat([varintField(1, rejected.count), textField(2, errorMessage)]));
}

/**
 * The body of every answer that is not a 200: a `google.rpc.Status`.
 *
 * Source: opentelemetry-proto docs/specification.md, "Failures"; googleapis google/rpc/status.proto.
 */
export function encodeErrorStatus(error: AppError, encoding: OtlpEncoding): Buffer {
  const code = GRPC_CODE[error.code];
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message: error.message }));
  return Buffer.concat([varintField(1, code), textField(2, error.message)]);
}

// proto3 leaves out what has its default value.
function varintField(number: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(number * 8), varint(value)]);
}

function textField(number: number, text: string): Buffer {
  return text === '' ? Buffer.alloc(0) : lengthDelimitedField(number, Buffer.from(text));
}

function lengthDelimitedField(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
