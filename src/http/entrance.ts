import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/access.js';
import type { Viewer } from '../access/viewer.js';

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

export function authenticate(request: IncomingMessage, access: Access): Promise<Viewer> {
  return access.authenticate(request.headers.authorization, headerOf(request, 'x-api-key'));
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
