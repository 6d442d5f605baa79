import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../access/access.js';
import type { OperationRequest } from '../live/operation.js';
import type { BodyReader } from './body.js';
import { type Entrance, enter } from './entrance.js';
import { explorerPage } from './explorer.js';
import { readStreamedOperation, type StreamCandidate } from './streamed-operation.js';
import type { Streams } from './streams.js';

/** A batch of `recordDecisions` carries prompts and answers; a query is never near this. */
const BODY_BYTES_MAX = 20 * 1024 * 1024;

/** What executes a request once its caller is known. */
export type GraphQLHandler = (
  request: IncomingMessage & { body?: Buffer },
  response: ServerResponse,
  caller: Entrance,
) => Promise<void>;

export interface GraphQLOptions {
  access: Access;
  bodies: BodyReader;
  /** Answers with JSON. */
  execute: GraphQLHandler;
  /** Answers with an event stream. */
  streams: Pick<Streams, 'serve'>;
  kindOf: (operation: OperationRequest, caller: Entrance) => ReturnType<StreamCandidate['kindOf']>;
}

/** GraphQL over HTTP: authenticated before the body is read, the body bounded before it is parsed. */
export async function handleGraphQL(
  request: IncomingMessage,
  response: ServerResponse,
  { access, bodies, execute, streams, kindOf }: GraphQLOptions,
): Promise<void> {
  if (request.method === 'GET' && wantsPage(request)) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(await explorerPage());
    return;
  }
  const caller = await enter(request, access);
  const answer = async (body: Buffer | null): Promise<OperationRequest | null> => {
    const isStreamable = body !== null || request.method === 'GET';
    const candidate = { request, body, kindOf: (operation: OperationRequest) => kindOf(operation, caller) };
    const streamed = isStreamable ? readStreamedOperation(candidate) : null;
    if (streamed === null) await execute(body === null ? request : Object.assign(request, { body }), response, caller);
    return streamed;
  };
  const operation =
    request.method === 'POST' ? await bodies.withBody(request, BODY_BYTES_MAX, answer) : await answer(null);
  // A stream outlives its body, whose bytes are given back by now.
  if (operation !== null) await streams.serve({ request, response, caller, operation });
}

/** Yoga behind the signature above. */
export function executeWith(yoga: {
  handle: (...args: [IncomingMessage, ServerResponse, Entrance]) => unknown;
}): GraphQLHandler {
  return async (request, response, caller) => {
    await yoga.handle(request, response, caller);
  };
}

function wantsPage(request: IncomingMessage): boolean {
  return request.headers.accept?.includes('text/html') === true;
}
