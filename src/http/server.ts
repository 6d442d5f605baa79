import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requireOperation } from '../access/viewer.js';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import type { Meter } from '../meter.js';
import type { Dashboard } from './dashboard.js';
import { authenticate, enter } from './entrance.js';
import { sendGraphQLError, sendJson, sendJsonError, toAppError } from './error.js';
import { handleLedger, type LedgerOptions, parseLedgerPath } from './ledger.js';
import { type BundleOptions, handleLedgerBundle, parseBundlePath } from './ledger-bundle.js';
import { handleOtlp, type OtlpOptions, signalOf } from './otlp.js';
import { handleReport, isReportPath, type ReportDownloads } from './reports.js';
import { handleSession, isSessionPath } from './session.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HttpOptions extends OtlpOptions, LedgerOptions, BundleOptions {
  /** Whether the process can do its work now: the database answers and is migrated. */
  isReady: () => Promise<boolean>;
  reports: ReportDownloads;
  /** What `GET /agents` answers for a fleet. */
  readAgents: (fleet: string) => Promise<unknown>;
  graphql: Handler;
  dashboard: Dashboard;
  meter: Meter;
  /** Whether alert rules are evaluated, as they should be every few seconds. */
  isAlerting: () => boolean;
  /** Whether time-stamps are asked for, and the last was given. */
  timestampHealth: () => 'off' | 'ok' | 'failing';
  /** Whether `GET /metrics` is open: only where nobody but this machine can ask. */
  isLoopback: boolean;
}

const GRAPHQL_PATH = '/graphql';

/** Slow and silent clients are cut: Node's own defaults wait for minutes. */
export function createHttpServer(options: HttpOptions): Server {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      answer(request, response, options).catch((error: unknown) => {
        const send = pathOf(request) === GRAPHQL_PATH ? sendGraphQLError : sendJsonError;
        send(response, toAppError(error, options.log));
      });
    },
  );
  server.maxConnections = 5_000;
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const path = pathOf(request);
  const signal = signalOf(path);
  if (signal !== null) return handleOtlp(request, response, { signal, options });
  if (path === GRAPHQL_PATH) return options.graphql(request, response);
  if (isReportPath(path)) return handleReport(request, response, { path, downloads: options.reports });
  if (isSessionPath(path)) return handleSession(request, response, { path, options });
  const route = routeOf(path);
  if (route === undefined) {
    if (!options.dashboard.answers(request, path)) throw new AppError('NOT_FOUND', `there is nothing at ${path}`);
    return options.dashboard.answer(request, response, path);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    throw new AppError('METHOD_NOT_ALLOWED', `${path} answers GET`);
  }
  return route(request, response, options);
}

function routeOf(path: string): Route | undefined {
  const ofBundle = parseBundlePath(path);
  if (ofBundle !== null) {
    return (request, response, options) => handleLedgerBundle(request, response, { named: ofBundle, options });
  }
  const named = parseLedgerPath(path);
  if (named === null) return ROUTES[path];
  return (request, response, options) => handleLedger(request, response, { named, options });
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

type Route = (request: IncomingMessage, response: ServerResponse, options: HttpOptions) => Promise<void>;

const ROUTES: Record<string, Route> = {
  '/healthz': async (_request, response) => sendJson(response, 200, { status: 'ok' }),
  '/healthz/alerting': async (_request, response, { isAlerting }) => {
    const alive = isAlerting();
    sendJson(response, alive ? 200 : 503, {
      status: alive ? 'ok' : 'alert rules have not been evaluated for a minute',
    });
  },
  '/healthz/ledger': async (_request, response, { ledgers, timestampHealth }) => {
    const { stopped, unwitnessed, silent } = ledgers.health;
    const status = stopped === 0 ? 'ok' : `${stopped} ledgers stand still: a witness contradicts them`;
    sendJson(response, stopped === 0 ? 200 : 503, {
      status,
      stoppedLedgers: stopped,
      unwitnessedLedgers: unwitnessed,
      silentWitnesses: silent,
      timestamps: timestampHealth(),
    });
  },
  '/readyz': async (_request, response, { isReady, ledgers }) => {
    const ready = await isReady();
    const status = ready ? 'ready' : 'the database does not answer';
    sendJson(response, ready ? 200 : 503, { status, stoppedLedgers: ledgers.health.stopped });
  },
  '/metrics': async (request, response, { access, isLoopback, meter }) => {
    if (!isLoopback) await authenticate(request, access);
    response.writeHead(200, { 'content-type': meter.registry.contentType }).end(await meter.registry.metrics());
  },
  '/agents': async (request, response, { access, readAgents }) => {
    const { viewer, fleet } = await enter(request, access);
    requireOperation(viewer, 'decisions.read');
    sendJson(response, 200, await readAgents(fleet));
  },
};

const NO_SUCH_ADDRESS: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL']);

/**
 * Resolves to the port it listens on. Throws UNAVAILABLE, naming the variable to change, when the address is taken, and
 * VALIDATION_FAILED when there is no such address here.
 */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (NO_SUCH_ADDRESS.has(cause.code ?? '')) {
        reject(new AppError('VALIDATION_FAILED', `HOST: ${host} is no address of this machine`, { cause }));
        return;
      }
      const hint = cause.code === 'EADDRINUSE' ? 'it is in use: set PORT to another' : cause.message;
      reject(new AppError('UNAVAILABLE', `cannot listen on ${host}:${port}: ${hint}`, { cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Refuses new connections, lets requests that are under way finish, and cuts what is still open after a while. */
export function closeServer(server: Server, log: Log): Promise<void> {
  const GRACE_MS = 5_000;
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      log.warn('connections were still open and were cut');
      server.closeAllConnections();
    }, GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
