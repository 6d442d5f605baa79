import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Log } from '../log.js';
import type { Answer, Witness } from './witness.js';

/** A proof of 63 hashes and a note with a hundred signatures are smaller. */
const BODY_BYTES_MAX = 256 * 1024;
const BASE = 'http://witness';
const CHECKPOINT_PATH = /^\/([0-9a-f]{64})\/checkpoint$/;

export interface WitnessServerOptions {
  witness: Witness;
  log: Log;
}

/** Serves C2SP tlog-witness: add-checkpoint, and the monitors' `/<origin hash>/checkpoint`; `/healthz` beside them. */
export function createWitnessServer(options: WitnessServerOptions): Server {
  const health: Health = { trouble: null };
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      answer(request, response, { ...options, health }).catch((error: unknown) => {
        // Whoever left half-way is answered no more.
        if (request.destroyed) return;
        options.log.error({ err: String(error) }, 'a request failed');
        send(response, 500, 'something went wrong on our side; the log has the details');
      });
    },
  );
  server.maxConnections = 1_000;
  return server;
}

/** Why the last head could not be kept; null when it could. */
interface Health {
  trouble: string | null;
}

type Context = WitnessServerOptions & { health: Health };

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const pathname = pathOf(request.url ?? '/');
  if (pathname === '/add-checkpoint') return addCheckpoint(request, response, context);
  const [, hash] = CHECKPOINT_PATH.exec(pathname) ?? [];
  if (hash === undefined && pathname !== '/healthz') return send(response, 404, 'there is nothing here');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, 'this path answers GET');
  }
  if (hash === undefined) return sendHealth(response, context.health);
  const note = context.witness.latest(hash);
  if (note === null) return send(response, 404, 'no checkpoint of this log was cosigned');
  return send(response, 200, note);
}

/** Empty for what is no URL: there is nothing at it. */
function pathOf(target: string): string {
  return URL.canParse(target, BASE) ? new URL(target, BASE).pathname : '';
}

function sendHealth(response: ServerResponse, { trouble }: Health): void {
  if (trouble === null) send(response, 200, 'ok\n');
  else send(response, 503, `heads cannot be kept: ${trouble}\n`);
}

async function addCheckpoint(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const { witness, health, log } = context;
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return send(response, 405, 'this path answers POST');
  }
  const body = await readBody(request);
  if (body === 'too large') {
    // The rest of it is not worth reading.
    response.setHeader('connection', 'close');
    return send(response, 413, `the body is larger than ${BODY_BYTES_MAX} bytes`);
  }
  if (body === 'no text') return send(response, 400, 'the body is not UTF-8');
  try {
    const given = await witness.addCheckpoint(body.text);
    if (given.status === 200) health.trouble = null;
    sendAnswer(response, given);
  } catch (error) {
    health.trouble = (error as NodeJS.ErrnoException).code ?? 'unknown';
    log.error({ err: String(error) }, 'a head could not be kept: nothing was signed');
    send(response, 503, 'the head could not be kept, so it was not signed');
  }
}

function sendAnswer(response: ServerResponse, given: Answer): void {
  if (given.status === 409) response.setHeader('content-type', 'text/x.tlog.size');
  send(response, given.status, bodyOf(given));
}

function bodyOf(given: Answer): string {
  if (given.status === 200) return given.signatures;
  return given.status === 409 ? `${given.size}\n` : given.reason;
}

function send(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = status;
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<{ text: string } | 'too large' | 'no text'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // What is refused half-way still gets its answer, over the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return 'too large';
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return 'no text';
  }
}
