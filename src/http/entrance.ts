import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/access.js';
import type { Viewer } from '../access/viewer.js';
import { cookieOf } from './cookie.js';
import { isFromOwnPage } from './own-page.js';

/** A caller who was let in, and the fleet the request is about. */
export interface Entrance {
  viewer: Viewer;
  fleet: string;
}

/** Authenticates a request and finds its fleet, before anything of its body is read. */
export async function enter(request: IncomingMessage, access: Access): Promise<Entrance> {
  const viewer = await authenticate(request, access);
  return { viewer, fleet: await access.enterFleet(viewer, headerOf(request, 'x-fleet-id')) };
}

/** By the credential that was sent, else by the session of the browser that sent it. */
export async function authenticate(request: IncomingMessage, access: Access): Promise<Viewer> {
  const [authorization, apiKey] = [request.headers.authorization, headerOf(request, 'x-api-key')];
  const isSent = authorization !== undefined || apiKey !== undefined;
  const session = isSent ? undefined : await sessionTokenOf(request, access);
  return session === undefined ? access.authenticate(authorization, apiKey) : access.authenticateSession(session);
}

const COOKIE_PREFIX = 'midwatch-session-';

/** Cookies know no ports: each installation on a host has its own. */
export async function sessionCookieName(access: Access): Promise<string> {
  return COOKIE_PREFIX + (await access.cookieTag());
}

/** The session in a request's cookie, if a page of this server sent it. */
export async function sessionTokenOf(request: IncomingMessage, access: Access): Promise<string | undefined> {
  if (!request.headers.cookie?.includes(COOKIE_PREFIX) || !isFromOwnPage(request)) return undefined;
  return cookieOf(request, await sessionCookieName(access));
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
