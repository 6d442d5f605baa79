import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { AppError } from '../errors.js';
import type { Sink } from '../live/delivery.js';
import type { OperationRequest } from '../live/operation.js';
import { Outlet } from '../live/outlet.js';
import { Payload } from '../live/payload.js';
import type { Entrance } from './entrance.js';
import { readStreamCredential, type StreamOptions, watchCredential } from './stream-entrance.js';

const KEEP_ALIVE_MS = 12_000;
const COMPLETE = 'event: complete\ndata:\n\n';

export interface StreamedRequest {
  request: IncomingMessage;
  response: ServerResponse;
  caller: Entrance;
  operation: OperationRequest;
}

/** GraphQL over SSE, distinct connections mode (graphql-sse, PROTOCOL.md): one operation a request. */
export class EventStreams {
  readonly #options: StreamOptions;
  readonly #open = new Map<AbortController, ServerResponse>();
  #isClosing = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  get unsentBytes(): number {
    let bytes = 0;
    for (const { writableLength } of this.#open.values()) bytes += writableLength;
    return bytes;
  }

  /** Ends every stream without `complete`, so that clients come back and resume. */
  close(): void {
    this.#isClosing = true;
    for (const stream of this.#open.keys()) stream.abort();
  }

  /** Answers an operation; resolves when the stream has ended. Throws a refusal as long as nothing was answered. */
  async serve({ request, response, caller, operation }: StreamedRequest): Promise<void> {
    const { access, clock, delivery, seats } = this.#options;
    if (this.#isClosing) throw new AppError('UNAVAILABLE', 'the server is stopping', { retryAfterS: 2 });
    const credential = await readStreamCredential(request, access);
    // Its close was announced already, and will not be again.
    if (response.destroyed) return;
    const giveBack = seats.take(caller.viewer.subject);
    const stream = new AbortController();
    this.#open.set(stream, response);
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
