import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Sink } from '../live/delivery.js';
import { Outlet } from '../live/outlet.js';
import { Payload } from '../live/payload.js';
import type { BodyReader } from './body.js';
import { enterStream, readStreamCredential, type StreamOptions, watchCredential } from './stream-entrance.js';

export interface EventStreamOptions extends StreamOptions {
  bodies: BodyReader;
}

const BODY_BYTES_MAX = 64 * 1024;
const KEEP_ALIVE_MS = 12_000;
const COMPLETE = 'event: complete\ndata:\n\n';

const operationRequest = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

export function wantsEventStream({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/event-stream') === true;
}

/** GraphQL over SSE, distinct connections mode (graphql-sse, PROTOCOL.md): one operation a request, by POST. */
export class EventStreams {
  readonly #options: EventStreamOptions;
  readonly #open = new Set<AbortController>();
  #isClosing = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Ends every stream without `complete`, so that clients come back and resume. */
  close(): void {
    this.#isClosing = true;
    for (const stream of this.#open) stream.abort();
  }

  /** Answers an operation; resolves when the stream has ended. Throws a refusal as long as nothing was answered. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { access, bodies, clock, delivery, seats } = this.#options;
    if (this.#isClosing) throw new AppError('UNAVAILABLE', 'the server is stopping', { retryAfterS: 2 });
    const credential = readStreamCredential(request);
    const caller = await enterStream(credential, access);
    requireJsonPost(request);
    const operation = await bodies.withBody(request, BODY_BYTES_MAX, async (body) => readOperation(body));
    // Its close was announced already, and will not be again.
    if (response.destroyed) return;
    const giveBack = seats.take(caller.viewer.subject);
    const stream = new AbortController();
    this.#open.add(stream);
    const sink = this.#begin(response, stream);
    const expire = () => {
      stream.abort();
      const error = new GraphQLError('the credential has expired or was revoked: come back with a new one', {
        extensions: { code: 'UNAUTHENTICATED' },
      });
      sink.refuse([error]);
    };
    const stopWatching = watchCredential({ credential, viewer: caller.viewer, access, clock }, expire);
    try {
      await delivery.deliver({ request: operation, caller, sink, signal: stream.signal });
    } finally {
      stopWatching();
      this.#open.delete(stream);
      giveBack();
      response.end();
    }
  }

  #begin(response: ServerResponse, stream: AbortController): Sink {
    const outlet = new Outlet(response, () => this.#dropSlow(response));
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // When it ends there is nothing to keep the connection for, and a server that stops waits for all of them.
      connection: 'close',
      // Proxies that collect answers before they pass them on would hold the events back.
      'x-accel-buffering': 'no',
    });
    const write = (...chunks: readonly (Buffer | string)[]) => {
      if (response.writableEnded) return;
      response.cork();
      for (const chunk of chunks) response.write(chunk);
      response.uncork();
      outlet.checkUnsent();
    };
    write(':\n\n');
    const keepAlive = setInterval(() => write(':\n\n'), KEEP_ALIVE_MS);
    response.once('close', () => {
      clearInterval(keepAlive);
      stream.abort();
    });
    return {
      outlet,
      next: (payloads) => write(...payloads.map(({ event }) => event)),
      refuse: (errors) => {
        write(new Payload({ errors }).event, COMPLETE);
        response.end();
      },
      complete: () => {
        write(COMPLETE);
        response.end();
      },
    };
  }

  #dropSlow(response: ServerResponse): void {
    if (response.destroyed) return;
    this.#options.meter.slowClients.inc();
    response.destroy();
  }
}

/** A form can be posted from any page without a preflight; JSON cannot. */
function requireJsonPost({ method, headers }: IncomingMessage): void {
  if (method !== 'POST') throw new AppError('METHOD_NOT_ALLOWED', 'an event stream is asked for by POST');
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'send application/json');
}

function readOperation(body: Buffer): z.infer<typeof operationRequest> {
  try {
    return operationRequest.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    const message = 'the body is not JSON with query, operationName and variables as GraphQL over HTTP has them';
    throw new AppError('VALIDATION_FAILED', message, { cause });
  }
}
