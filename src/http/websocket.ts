import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { Outlet } from '../live/outlet.js';
import { CLOSE, type CloseCode, fitReason } from '../live/socket/close-code.js';
import { Connection } from '../live/socket/connection.js';
import { SUBPROTOCOL } from '../live/socket/message.js';
import { isSameOrigin } from './own-page.js';
import { enterStream, readInitCredential, type StreamOptions, watchCredential } from './stream-entrance.js';

const MESSAGE_BYTES_MAX = 64 * 1024;
const HEARTBEAT_MS = 12_000;
const CLOSE_WAIT_MS = 2_000;

/** GraphQL over WebSocket at `/graphql`. */
export class WebSockets {
  readonly #options: StreamOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    // It would have to be done for each client anew, and a few bytes sent could become many received.
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  readonly #heartbeat: NodeJS.Timeout;
  readonly #silent = new WeakSet<WebSocket>();
  #isClosing = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  get size(): number {
    return this.#server.clients.size;
  }

  get unsentBytes(): number {
    let bytes = 0;
    for (const { bufferedAmount } of this.#server.clients) bytes += bufferedAmount;
    return bytes;
  }

  /** For the HTTP server's event `upgrade`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The WebSocket has its own listener; before there is one, a client that goes away needs no answer.
    socket.on('error', () => undefined);
    const status = this.#isClosing ? 503 : refuseUpgrade(request);
    if (status === null) {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, request, socket));
      return;
    }
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  /** Closes every socket, so that clients come back elsewhere or later and resume. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#heartbeat);
    const closed = [...this.#server.clients].map(
      (webSocket) =>
        new Promise<void>((resolve) => {
          const cut = setTimeout(() => webSocket.terminate(), CLOSE_WAIT_MS);
          webSocket.once('close', () => {
            clearTimeout(cut);
            resolve();
          });
          webSocket.close(CLOSE.GOING_AWAY, 'the server is stopping');
        }),
    );
    await Promise.all(closed);
  }

  #open(webSocket: WebSocket, request: IncomingMessage, socket: Duplex): void {
    const { delivery, clock } = this.#options;
    const close = (code: CloseCode, reason: string) => webSocket.close(code, fitReason(reason));
    const outlet = new Outlet(socket, () => this.#dropSlow(webSocket));
    const atEnd: (() => void)[] = [];
    const connection = new Connection({
      delivery,
      clock,
      outlet,
      close,
      send: (...messages) => {
        socket.cork();
        for (const message of messages) webSocket.send(message);
        socket.uncork();
        outlet.checkUnsent();
      },
      admit: (payload) => this.#admit(payload, { request, webSocket, atEnd }),
    });
    webSocket.on('message', (data, isBinary) => {
      this.#silent.delete(webSocket);
      if (isBinary) close(CLOSE.BAD_REQUEST, 'messages are text');
      else connection.receive(data.toString());
    });
    webSocket.on('ping', () => connection.countMessage());
    webSocket.on('pong', () => this.#silent.delete(webSocket));
    // What was wrong with the client's frames; the socket is closed for it with the code of RFC 6455.
    webSocket.on('error', () => undefined);
    webSocket.once('close', () => {
      connection.end();
      for (const end of atEnd) end();
    });
  }

  async #admit(
    payload: Record<string, unknown>,
    { request, webSocket, atEnd }: { request: IncomingMessage; webSocket: WebSocket; atEnd: (() => void)[] },
  ) {
    const { access, clock, seats } = this.#options;
    const credential = await readInitCredential(payload, request, access);
    const caller = await enterStream(credential, access);
    // Whoever left meanwhile gets no seat: there would be nobody to give it back.
    if (webSocket.readyState !== webSocket.OPEN) return caller;
    atEnd.push(seats.take(caller.viewer.subject));
    const expire = () => webSocket.close(CLOSE.FORBIDDEN, 'the credential has expired or was revoked');
    atEnd.push(watchCredential({ credential, viewer: caller.viewer, access, clock }, expire));
    return caller;
  }

  /** A close frame would wait behind what is unsent; the connection is cut when the client does not read it soon. */
  #dropSlow(webSocket: WebSocket): void {
    if (webSocket.readyState !== webSocket.OPEN) return;
    this.#options.meter.slowClients.inc();
    webSocket.close(CLOSE.TRY_AGAIN_LATER, 'too slow: read faster, or resume from the last id seen');
    setTimeout(() => webSocket.terminate(), CLOSE_WAIT_MS).unref();
  }

  #beat(): void {
    for (const webSocket of this.#server.clients) {
      if (this.#silent.has(webSocket)) {
        // The pings wait behind what it does not read, so that it may be found silent before it is found slow.
        if (webSocket.readyState === webSocket.OPEN && webSocket.bufferedAmount > 0)
          this.#options.meter.slowClients.inc();
        webSocket.terminate();
        continue;
      }
      this.#silent.add(webSocket);
      webSocket.ping();
    }
  }
}

/** The HTTP status with which an upgrade is refused, or null. */
function refuseUpgrade({ url = '/', headers }: IncomingMessage): number | null {
  if (url.split('?')[0] !== '/graphql') return 404;
  if (!isSameOrigin(headers.origin, headers.host)) return 403;
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  return offered?.includes(SUBPROTOCOL) ? null : 400;
}
