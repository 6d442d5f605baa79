import type { IncomingMessage } from 'node:http';
import { OperationTypeNode } from 'graphql';
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { OperationRequest } from '../live/operation.js';
import { readStreamWish } from './stream-wish.js';

/** A stream keeps its operation for as long as it is open. */
const SUBSCRIPTION_BYTES_MAX = 64 * 1024;

const operationRequest = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

export interface StreamCandidate {
  request: IncomingMessage;
  /** Of a POST; null for a GET, which has its operation in the URL. */
  body: Buffer | null;
  /** What an operation is; null when its document is not valid. */
  kindOf: (operation: OperationRequest) => OperationTypeNode | null;
}

/**
 * The operation that is to be answered by an event stream (GraphQL over SSE, distinct connections mode: graphql-sse,
 * PROTOCOL.md); null when it is to be answered with JSON. Throws VALIDATION_FAILED when a stream is asked for and there
 * is no operation, METHOD_NOT_ALLOWED for a mutation by GET, PAYLOAD_TOO_LARGE for a subscription beyond 64 KiB.
 */
export function readStreamedOperation({ request, body, kindOf }: StreamCandidate): OperationRequest | null {
  const wish = readStreamWish(request.headers.accept);
  if (wish === 'none' || (body !== null && !isJson(request))) return null;
  const text = body ?? searchOf(request).get('query') ?? '';
  if (wish === 'subscriptions' && !text.includes('subscription')) return null;
  const operation = body === null ? readSearch(request) : readBody(body);
  const kind = operation === null ? null : kindOf(operation);
  if (wish === 'subscriptions' && kind !== OperationTypeNode.SUBSCRIPTION) return null;
  if (operation === null) {
    throw new AppError(
      'VALIDATION_FAILED',
      'there is no query, operationName and variables as GraphQL over HTTP has them',
    );
  }
  if (kind === OperationTypeNode.MUTATION && body === null) {
    throw new AppError('METHOD_NOT_ALLOWED', 'a mutation is asked for by POST');
  }
  if (kind === OperationTypeNode.SUBSCRIPTION && body !== null && body.length > SUBSCRIPTION_BYTES_MAX) {
    throw new AppError('PAYLOAD_TOO_LARGE', `a subscription has at most ${SUBSCRIPTION_BYTES_MAX} bytes`);
  }
  return operation;
}

/** A form can be posted from any page without a preflight; JSON cannot. */
function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}

function searchOf({ url = '/' }: IncomingMessage): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}

function readSearch(request: IncomingMessage): OperationRequest | null {
  const { variables, ...named } = Object.fromEntries(searchOf(request));
  return readRequest(() => ({ ...named, ...(variables === undefined ? {} : { variables: JSON.parse(variables) }) }));
}

function readBody(body: Buffer): OperationRequest | null {
  return readRequest(() => JSON.parse(body.toString('utf8')));
}

function readRequest(read: () => unknown): OperationRequest | null {
  try {
    return operationRequest.safeParse(read()).data ?? null;
  } catch {
    // Not JSON: whoever answers says so.
    return null;
  }
}
