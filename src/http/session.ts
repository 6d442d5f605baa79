import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Access } from '../access/access.js';
import type { Viewer } from '../access/viewer.js';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import type { BodyReader } from './body.js';
import { cookieOf, formatCookie } from './cookie.js';
import { sessionCookieName, sessionTokenOf } from './entrance.js';
import { sendJson, toAppError } from './error.js';
import { isFromOwnPage, isSameOrigin } from './own-page.js';

const BODY_BYTES_MAX = 32 * 1024;
const CALLBACK_PATH = '/session/callback';
const BINDING_COOKIE = 'midwatch-sign-in';
const BINDING_AGE_S = 600;

export interface SessionOptions {
  access: Access;
  bodies: BodyReader;
  log: Log;
}

type Handler = (request: IncomingMessage, response: ServerResponse, options: SessionOptions) => Promise<void>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /session': describeSession,
  'POST /session': openSession,
  'DELETE /session': closeSession,
  'POST /session/oidc': beginOidc,
  [`GET ${CALLBACK_PATH}`]: finishOidc,
};
const PATHS: ReadonlySet<string> = new Set(Object.keys(HANDLERS).map((key) => key.slice(key.indexOf('/'))));

export function isSessionPath(path: string): boolean {
  return PATHS.has(path);
}

/** A browser's session: who holds it, signing in, signing out. */
export async function handleSession(
  request: IncomingMessage,
  response: ServerResponse,
  { path, options }: { path: string; options: SessionOptions },
): Promise<void> {
  const handler = HANDLERS[`${request.method} ${path}`];
  if (handler === undefined) throw new AppError('METHOD_NOT_ALLOWED', `${path} does not answer ${request.method}`);
  // The provider leads the browser back, so it is the one request another site may cause.
  if (path !== CALLBACK_PATH && !isFromOwnPage(request)) {
    throw new AppError('FORBIDDEN', 'only pages of this server may ask this');
  }
  await handler(request, response, options);
}

async function describeSession(
  request: IncomingMessage,
  response: ServerResponse,
  { access }: SessionOptions,
): Promise<void> {
  const hasIdentityProvider = access.oidc !== null;
  const token = await sessionTokenOf(request, access);
  const viewer = token === undefined ? null : await access.authenticateSession(token).catch(unlessOver);
  sendJson(response, 200, { hasIdentityProvider, viewer: viewer && (await describeViewer(viewer, access)) });
}

function unlessOver(error: unknown): null {
  if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return null;
  throw error;
}

async function describeViewer(viewer: Viewer, access: Access) {
  return {
    subject: viewer.subject,
    roles: [...viewer.roles],
    fleets: await access.enterableFleets(viewer),
    expiresAt: viewer.expiresAtMs === null ? null : new Date(viewer.expiresAtMs).toISOString(),
  };
}

const signInShape = z.union([
  z.strictObject({ credential: z.string().min(1).max(16_384) }),
  z.strictObject({ code: z.string().min(1).max(200) }),
]);

async function openSession(request: IncomingMessage, response: ServerResponse, options: SessionOptions): Promise<void> {
  const { access } = options;
  const given = await readJson(request, options, signInShape);
  const session =
    'code' in given ? await access.redeemCode(given.code) : await access.openSession(given.credential.trim());
  response.writeHead(204, { 'set-cookie': await sessionCookie(session, access, isSecurePage(request)) }).end();
}

async function closeSession(
  request: IncomingMessage,
  response: ServerResponse,
  { access }: SessionOptions,
): Promise<void> {
  const token = await sessionTokenOf(request, access);
  if (token !== undefined) await access.closeSession(token);
  response.writeHead(204, { 'set-cookie': await sessionCookie(null, access, isSecurePage(request)) }).end();
}

const oidcShape = z.strictObject({
  returnTo: z
    .string()
    .regex(/^\/(?![/\\])[^\s]*$/)
    .max(2_000),
});

async function beginOidc(request: IncomingMessage, response: ServerResponse, options: SessionOptions): Promise<void> {
  const { oidc } = options.access;
  const { origin, host } = request.headers;
  if (oidc === null) throw new AppError('NOT_FOUND', 'no identity provider is configured: set MIDWATCH_OIDC_CLIENT_ID');
  if (origin === undefined || !isSameOrigin(origin, host)) {
    throw new AppError('FORBIDDEN', 'only pages of this server may ask this');
  }
  const { returnTo } = await readJson(request, options, oidcShape);
  const { location, binding } = await oidc.begin(`${origin}${CALLBACK_PATH}`, returnTo);
  const isSecure = origin.startsWith('https:');
  const cookie = { name: BINDING_COOKIE, sameSite: 'Lax', path: CALLBACK_PATH, isSecure } as const;
  sendJson(
    response,
    200,
    { location },
    { 'set-cookie': formatCookie({ ...cookie, value: binding, maxAgeS: BINDING_AGE_S }) },
  );
}

/** Ends at a page in any case: a person is looking. */
async function finishOidc(
  request: IncomingMessage,
  response: ServerResponse,
  { access, log }: SessionOptions,
): Promise<void> {
  const go = (location: string, cookies: string[] = []) =>
    response.writeHead(303, { location, 'set-cookie': cookies, 'cache-control': 'no-store' }).end();
  try {
    if (access.oidc === null) throw new AppError('NOT_FOUND', 'no identity provider is configured');
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const { token, returnTo, redirectUri } = await access.oidc.finish(searchParams, cookieOf(request, BINDING_COOKIE));
    const session = await access.openSession(token);
    go(returnTo, [await sessionCookie(session, access, redirectUri.startsWith('https:'))]);
  } catch (error) {
    const { message } = toAppError(error, log);
    go(`/sign-in?${new URLSearchParams({ failed: message })}`);
  }
}

async function readJson<T>(request: IncomingMessage, { bodies }: SessionOptions, shape: z.ZodType<T>): Promise<T> {
  return bodies.withBody(request, BODY_BYTES_MAX, async (body) => {
    try {
      return shape.parse(JSON.parse(body.toString('utf8')));
    } catch (cause) {
      throw new AppError('VALIDATION_FAILED', 'the body has to be JSON with what the dashboard sends', { cause });
    }
  });
}

/** Null signs out. */
async function sessionCookie(
  session: { token: string; expiresAtMs: number } | null,
  access: Access,
  isSecure: boolean,
): Promise<string> {
  return formatCookie({
    name: await sessionCookieName(access),
    value: session?.token ?? '',
    sameSite: 'Strict',
    path: '/',
    isSecure,
    maxAgeS: session === null ? 0 : Math.max(1, Math.floor((session.expiresAtMs - Date.now()) / 1000)),
  });
}

/** Behind a proxy that ends TLS, only the page itself knows how it was loaded. */
function isSecurePage({ headers }: IncomingMessage): boolean {
  return headers.origin?.startsWith('https:') ?? false;
}
