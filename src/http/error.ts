import type { ServerResponse } from 'node:http';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';

/** What a caller may see of anything that was thrown; what it may not see goes to the log, once. */
export function toAppError(error: unknown, log: Log): AppError {
  if (error instanceof AppError) {
    if (error.status >= 500)
      log.warn({ code: error.code, detail: error.detail, cause: describe(error.cause) }, error.message);
    return error;
  }
  log.error({ err: describe(error), stack: error instanceof Error ? error.stack : undefined }, 'a request failed');
  return new AppError('INTERNAL', 'something went wrong on our side; the log has the details');
}

function describe(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  return cause instanceof Error ? cause.message : String(cause);
}

/** The headers every refusal carries. */
export function refusalHeaders(error: AppError): Record<string, string> {
  return {
    ...(error.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer realm="midwatch"' } : {}),
    ...(error.retryAfterS === undefined ? {} : { 'retry-after': String(error.retryAfterS) }),
    // The rest of a body that was refused is not worth reading.
    ...(error.code === 'PAYLOAD_TOO_LARGE' ? { connection: 'close' } : {}),
  };
}

/** As the GraphQL over HTTP specification has a request that did not come to execution. */
export function sendGraphQLError(response: ServerResponse, error: AppError): void {
  const body = { errors: [{ message: error.message, extensions: { code: error.code } }] };
  sendJson(response, error.status, body, refusalHeaders(error));
}

export function sendJsonError(response: ServerResponse, error: AppError): void {
  sendJson(response, error.status, { error: { code: error.code, message: error.message } }, refusalHeaders(error));
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  endAnswer(response, text, headers);
}

/** As long as a client may go on sending what was refused. */
const LINGER_MS = 5_000;

/**
 * Ends an answer. A connection that is to be closed while the client still sends would be reset and the answer lost with
 * it, so the rest of the request is read and thrown away first: nginx's lingering close.
 */
export function endAnswer(response: ServerResponse, body: string | Buffer, headers: Record<string, string>): void {
  const { req: request } = response;
  if (request.complete || headers.connection !== 'close') {
    response.end(body);
    return;
  }
  response.write(body);
  const end = () => response.end();
  const cut = setTimeout(end, LINGER_MS);
  request.once('close', () => clearTimeout(cut)).once('end', end);
  request.resume();
}
