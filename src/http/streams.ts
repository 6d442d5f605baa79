import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Seats } from '../live/seats.js';
import { EventStreams, type StreamedRequest } from './event-stream.js';
import type { StreamOptions } from './stream-entrance.js';
import { WebSockets } from './websocket.js';

/** Every connection that stays open, of either kind, and the figures about them. */
export class Streams {
  readonly #webSockets: WebSockets;
  readonly #eventStreams: EventStreams;

  constructor(options: Omit<StreamOptions, 'seats'>) {
    const seated = { ...options, seats: new Seats() };
    this.#webSockets = new WebSockets(seated);
    this.#eventStreams = new EventStreams(seated);
    const { meter, delivery } = options;
    const unsentBytes = () => this.#webSockets.unsentBytes + this.#eventStreams.unsentBytes;
    meter.watch('midwatch_live_sockets', 'WebSockets that are open.', () => this.#webSockets.size);
    meter.watch('midwatch_live_event_streams', 'Event streams (SSE) that are open.', () => this.#eventStreams.size);
    meter.watch('midwatch_live_subscriptions', 'Subscriptions that are open.', () => delivery.subscriptions);
    meter.watch('midwatch_live_unsent_bytes', 'Bytes that wait for clients that read slowly.', unsentBytes);
    meter.watch('midwatch_live_groups', 'Subscriptions that are executed: equal ones share.', () => delivery.groups);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#webSockets.upgrade(request, socket, head);
  }

  serve(streamed: StreamedRequest): Promise<void> {
    return this.#eventStreams.serve(streamed);
  }

  /** Ends them all and takes no new ones; to be called before the HTTP server closes. */
  close(): Promise<void> {
    this.#eventStreams.close();
    return this.#webSockets.close();
  }
}
