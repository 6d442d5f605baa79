import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/access.js';
import type { Viewer } from '../access/viewer.js';
import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
import type { Delivery } from '../live/delivery.js';
import type { Seats } from '../live/seats.js';
import type { Meter } from '../meter.js';
import { type Entrance, sessionTokenOf } from './entrance.js';

/** What streams of every kind work with. */
export interface StreamOptions {
  access: Access;
  delivery: Delivery;
  seats: Seats;
  clock: Clock;
  meter: Meter;
}

/** What opens a stream: the values of the headers `authorization` or `x-api-key`, and of `x-fleet-id`. */
export interface StreamCredential {
  authorization: string | undefined;
  apiKey: string | undefined;
  /** Of a browser, where neither is given. */
  session: string | undefined;
  fleet: string | undefined;
}

export async function readStreamCredential(request: IncomingMessage, access: Access): Promise<StreamCredential> {
  const { headers } = request;
  const [apiKey, fleet] = [headers['x-api-key'], headers['x-fleet-id']].map((value) =>
    Array.isArray(value) ? value[0] : value,
  );
  const { authorization } = headers;
  const isSent = authorization !== undefined || apiKey !== undefined;
  const session = isSent ? undefined : await sessionTokenOf(request, access);
  return { authorization, apiKey, session, fleet };
}

/**
 * The same from the payload of a `connection_init`, in any capitals, as browsers cannot set headers on a socket; what
 * the payload leaves out is taken from the headers the socket was opened with.
 */
export async function readInitCredential(
  payload: Record<string, unknown>,
  request: IncomingMessage,
  access: Access,
): Promise<StreamCredential> {
  const given = new Map(Object.entries(payload).map(([name, value]) => [name.toLowerCase(), value]));
  const textOf = (name: string) => {
    const value = given.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw new AppError('VALIDATION_FAILED', `${name} is not a string`);
  };
  const [authorization, apiKey, fleet] = [textOf('authorization'), textOf('x-api-key'), textOf('x-fleet-id')];
  const opened = await readStreamCredential(request, access);
  const isProven = authorization !== undefined || apiKey !== undefined;
  const proof = isProven ? { authorization, apiKey, session: undefined } : opened;
  return { ...proof, fleet: fleet ?? opened.fleet };
}

export async function enterStream(credential: StreamCredential, access: Access): Promise<Entrance> {
  const viewer = await authenticateStream(credential, access);
  return { viewer, fleet: await access.enterFleet(viewer, credential.fleet) };
}

function authenticateStream({ authorization, apiKey, session }: StreamCredential, access: Access): Promise<Viewer> {
  return session === undefined ? access.authenticate(authorization, apiKey) : access.authenticateSession(session);
}

export interface Watched extends Pick<StreamOptions, 'access' | 'clock'> {
  credential: StreamCredential;
  viewer: Viewer;
}

const CHECK_MS = 500;

/** Calls `onEnded` once when the credential has expired or was revoked; returns what ends the watch. */
export function watchCredential({ credential, viewer, access, clock }: Watched, onEnded: () => void): () => void {
  const isGood = async () => {
    // A token ends by time alone; keys are revoked, and people sign out.
    if (viewer.expiresAtMs !== null && credential.session === undefined) return clock.now() < viewer.expiresAtMs;
    try {
      await authenticateStream(credential, access);
      return true;
    } catch (error) {
      // While the database is away nothing is delivered either, so nothing is risked by waiting.
      return !(error instanceof AppError && error.code === 'UNAUTHENTICATED');
    }
  };
  const timer = setInterval(async () => {
    if (await isGood()) return;
    clearInterval(timer);
    onEnded();
  }, CHECK_MS);
  return () => clearInterval(timer);
}
