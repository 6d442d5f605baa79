import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../access/access.js';
import type { BodyReader } from './body.js';
import { type Entrance, enter } from './entrance.js';
import { explorerPage } from './explorer.js';

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
  execute: GraphQLHandler;
}

/** GraphQL over HTTP: authenticated before the body is read, the body bounded before it is parsed. */
export async function handleGraphQL(
  request: IncomingMessage,
  response: ServerResponse,
  { access, bodies, execute }: GraphQLOptions,
): Promise<void> {
  if (request.method === 'GET' && wantsPage(request)) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(await explorerPage());
    return;
  }
  const caller = await enter(request, access);
  if (request.method !== 'POST') return execute(request, response, caller);
  await bodies.withBody(request, BODY_BYTES_MAX, (body) => execute(Object.assign(request, { body }), response, caller));
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
