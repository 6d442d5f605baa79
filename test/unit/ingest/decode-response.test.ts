import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, type ErrorCode } from '../../../src/errors.js';
import { encodeErrorStatus, encodeExportResponse } from '../../../src/ingest/decode/response.js';
import { otlpRoot } from '../../support/otlp-schema.js';

const root = otlpRoot();
const decodeAs = (type: string, body: Uint8Array) => {
  const messageType = root.lookupType(type);
  return messageType.toObject(messageType.decode(body), { longs: Number });
};

const SIGNALS = [
  ['traces', 'ExportTraceServiceResponse', 'rejectedSpans'],
  ['logs', 'ExportLogsServiceResponse', 'rejectedLogRecords'],
  ['metrics', 'ExportMetricsServiceResponse', 'rejectedDataPoints'],
] as const;

describe.each(SIGNALS)('the answer to %s', (signal, type, countName) => {
  it('is an empty message when everything was kept', () => {
    const nothing = { count: 0, reasons: [] };
    expect(encodeExportResponse(signal, 'protobuf', nothing)).toHaveLength(0);
    expect(encodeExportResponse(signal, 'json', nothing).toString()).toBe('{}');
  });

  it('counts what was refused and says why', () => {
    const rejected = { count: 300, reasons: ['one', 'zwölf'] };
    expect(decodeAs(type, encodeExportResponse(signal, 'protobuf', rejected))).toEqual({
      partialSuccess: { [countName]: 300, errorMessage: 'one; zwölf' },
    });
    expect(JSON.parse(encodeExportResponse(signal, 'json', rejected).toString())).toEqual({
      partialSuccess: { [countName]: '300', errorMessage: 'one; zwölf' },
    });
  });

  it('carries a warning with a count of 0', () => {
    const warning = { count: 0, reasons: ['x'.repeat(200)] };
    expect(decodeAs(type, encodeExportResponse(signal, 'protobuf', warning))).toEqual({
      partialSuccess: { errorMessage: 'x'.repeat(200) },
    });
  });
});

describe('the status of an error', () => {
  it('has the gRPC code and the message', () => {
    const error = new AppError('VALIDATION_FAILED', 'The body is not JSON.', { detail: 'not for the caller' });
    const expected = { code: 3, message: 'The body is not JSON.' };
    expect(decodeAs('RpcStatus', encodeErrorStatus(error, 'protobuf'))).toEqual(expected);
    expect(JSON.parse(encodeErrorStatus(error, 'json').toString())).toEqual(expected);
  });

  it('has a code for every error', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const status = JSON.parse(encodeErrorStatus(new AppError(code, 'm'), 'json').toString());
      expect(status.code).toBeGreaterThan(0);
      expect(status.code).toBeLessThanOrEqual(16);
    }
  });
});
