import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../access/access.js';
import { requireOperation } from '../access/viewer.js';
import type { LedgerStandings } from '../cosign/standstills.js';
import { AppError } from '../errors.js';
import type { OtlpEncoding } from '../ingest/decode/limits.js';
import { encodeErrorStatus, encodeExportResponse, type OtlpSignal } from '../ingest/decode/response.js';
import { INFLATED_BYTES_MAX, type Receipt, type Receiver } from '../ingest/receiver.js';
import type { Log } from '../log.js';
import type { Meter } from '../meter.js';
import type { BodyReader } from './body.js';
import { enter } from './entrance.js';
import { endAnswer, refusalHeaders, toAppError } from './error.js';

const CONTENT_TYPES: Record<OtlpEncoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

export interface OtlpOptions {
  access: Access;
  receiver: Receiver;
  bodies: BodyReader;
  meter: Meter;
  log: Log;
  /** How ledgers stand with their witnesses. */
  ledgers: LedgerStandings;
}

/**
 * The signal a path is for, or null. Exporters that post under a prefix (`/api/public/otel/v1/traces`,
 * `/otel/v1/traces`) work by changing the host.
 */
export function signalOf(path: string): OtlpSignal | null {
  const match = /\/v1\/(traces|metrics|logs)\/?$/.exec(path);
  return match ? (match[1] as OtlpSignal) : null;
}

/** OTLP/HTTP (opentelemetry-proto docs/specification.md): the answer is in the request's encoding, 200 means durable. */
export async function handleOtlp(
  request: IncomingMessage,
  response: ServerResponse,
  { signal, options }: { signal: OtlpSignal; options: OtlpOptions },
): Promise<void> {
  // Until the content type is known to be ours, a refusal is written in the more readable of the two.
  let encoding: OtlpEncoding = 'json';
  try {
    requirePost(request, response);
    encoding = encodingOf(request);
    const { items, rejected } = await receive(request, { signal, encoding, options });
    options.meter.otlpItems.inc({ signal, result: 'accepted' }, items - rejected.count);
    if (rejected.count > 0) options.meter.otlpItems.inc({ signal, result: 'rejected' }, rejected.count);
    send(response, { status: 200, encoding, body: encodeExportResponse(signal, encoding, rejected) });
  } catch (thrown) {
    const error = toRetryable(toAppError(thrown, options.log));
    const body = encodeErrorStatus(error, encoding);
    send(response, { status: error.status, encoding, body, headers: refusalHeaders(error) });
  }
  options.meter.otlpRequests.inc({ signal, status: response.statusCode });
}

async function receive(
  request: IncomingMessage,
  { signal, encoding, options }: { signal: OtlpSignal; encoding: OtlpEncoding; options: OtlpOptions },
): Promise<Receipt> {
  const { viewer, fleet } = await enter(request, options.access);
  requireOperation(viewer, 'telemetry.send');
  options.ledgers.refuse(fleet);
  const isGzip = isCompressed(request);
  return options.bodies.withBody(request, INFLATED_BYTES_MAX, (body) =>
    options.receiver.receive({ fleet, signal, encoding, isGzip, body }),
  );
}

function requirePost(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'POST') return;
  response.setHeader('allow', 'POST');
  throw new AppError('METHOD_NOT_ALLOWED', 'OTLP requests are sent with POST');
}

function encodingOf(request: IncomingMessage): OtlpEncoding {
  const contentType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contentType === CONTENT_TYPES.protobuf) return 'protobuf';
  if (contentType === CONTENT_TYPES.json) return 'json';
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `content-type ${contentType ?? 'is missing'}: send ${CONTENT_TYPES.protobuf} or ${CONTENT_TYPES.json}`,
  );
}

function isCompressed(request: IncomingMessage): boolean {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'gzip') return true;
  if (encoding === 'identity' || encoding === '') return false;
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', `content-encoding ${encoding}: send gzip or none`);
}

/** Clients drop a batch answered 500 for ever, and keep one answered 503: trouble of our own is always the latter. */
function toRetryable(error: AppError): AppError {
  if (error.status !== 500) return error;
  return new AppError('UNAVAILABLE', error.message, { cause: error, retryAfterS: 2 });
}

function send(
  response: ServerResponse,
  answer: { status: number; encoding: OtlpEncoding; body: Buffer; headers?: Record<string, string> },
): void {
  response.writeHead(answer.status, {
    'content-type': CONTENT_TYPES[answer.encoding],
    'content-length': answer.body.length,
    ...answer.headers,
  });
  endAnswer(response, answer.body, answer.headers ?? {});
}
