import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/access.js';
import type { Viewer } from '../access/viewer.js';
import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
import type { Delivery } from '../live/delivery.js';
import type { Seats } from '../live/seats.js';
import type { Meter } from '../meter.js';
import type { Entrance } from './entrance.js';

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
  fleet: string | undefined;
}

export function readStreamCredential({ headers }: IncomingMessage): StreamCredential {
  const [apiKey, fleet] = [headers['x-api-key'], headers['x-fleet-id']].map((value) =>
    Array.isArray(value) ? value[0] : value,
  );
  return { authorization: headers.authorization, apiKey, fleet };
}

/**
 * The same from the payload of a `connection_init`, in any capitals, as browsers cannot set headers on a socket; what
 * the payload leaves out is taken from the headers the socket was opened with.
 */
export function readInitCredential(payload: Record<string, unknown>, request: IncomingMessage): StreamCredential {
  const given = new Map(Object.entries(payload).map(([name, value]) => [name.toLowerCase(), value]));
  const textOf = (name: string) => {
    const value = given.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw new AppError('VALIDATION_FAILED', `${name} is not a string`);
  };
  const [authorization, apiKey, fleet] = [textOf('authorization'), textOf('x-api-key'), textOf('x-fleet-id')];
  const opened = readStreamCredential(request);
  const isProven = authorization !== undefined || apiKey !== undefined;
  return { ...(isProven ? { authorization, apiKey } : opened), fleet: fleet ?? opened.fleet };
}

export async function enterStream(
  { authorization, apiKey, fleet }: StreamCredential,
  access: Access,
): Promise<Entrance> {
  const viewer = await access.authenticate(authorization, apiKey);
  return { viewer, fleet: await access.enterFleet(viewer, fleet) };
}

export interface Watched extends Pick<StreamOptions, 'access' | 'clock'> {
  credential: StreamCredential;
  viewer: Viewer;
}

const CHECK_MS = 500;

/** Calls `onEnded` once when the credential has expired or was revoked; returns what ends the watch. */
export function watchCredential({ credential, viewer, access, clock }: Watched, onEnded: () => void): () => void {
  const isGood = async () => {
    if (viewer.expiresAtMs !== null) return clock.now() < viewer.expiresAtMs;
    try {
      await access.authenticate(credential.authorization, credential.apiKey);
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
