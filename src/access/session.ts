import { randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
import { HOUR_MS } from '../time.js';
import type { InstallationKey } from './keys.js';
import { ROLES } from './policy.js';
import type { Viewer } from './viewer.js';

/** Nobody's browser stays signed in longer than a shift. */
const SESSION_AGE_MAX_MS = 12 * HOUR_MS;
/** Neither is that of an API token, so that one is never taken for the other. */
const NAME = 'midwatch-session';
const TYPE = 'midwatch-session+jwt';

export interface SessionGrant {
  viewer: Viewer;
  /** Hex SHA-256 of the API key it was opened with, whose revocation ends it; null for a token. */
  apiKeyHash: string | null;
}

export interface Session extends SessionGrant {
  /** Unique, so that signing out can name it. */
  id: string;
  expiresAtMs: number;
}

/** What a browser's cookie holds: a JWT that this installation signs and nobody else reads. It ends with the credential. */
export async function signSession(
  key: InstallationKey,
  { viewer, apiKeyHash }: SessionGrant,
  clock: Clock,
): Promise<{ token: string; expiresAtMs: number }> {
  const nowMs = clock.now();
  const expiresAtMs = Math.min(nowMs + SESSION_AGE_MAX_MS, viewer.expiresAtMs ?? Number.POSITIVE_INFINITY);
  const claims = {
    roles: [...viewer.roles],
    fleets: viewer.fleets === '*' ? '*' : [...viewer.fleets],
    ...(apiKeyHash === null ? {} : { apiKeyHash }),
  };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: key.kid })
    .setIssuer(NAME)
    .setAudience(NAME)
    .setSubject(viewer.subject)
    .setJti(randomUUID())
    .setIssuedAt(Math.floor(nowMs / 1000))
    .setExpirationTime(Math.floor(expiresAtMs / 1000))
    .sign(key.privateKey);
  return { token, expiresAtMs };
}

const claimsShape = z.object({
  sub: z.string(),
  exp: z.number(),
  jti: z.string(),
  roles: z.array(z.enum(ROLES)),
  fleets: z.union([z.literal('*'), z.array(z.string())]),
  apiKeyHash: z.string().optional(),
});

/** Throws UNAUTHENTICATED when the token is no session of this installation, or is over. */
export async function verifySession(token: string, key: InstallationKey, clock: Clock): Promise<Session> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      issuer: NAME,
      audience: NAME,
      typ: TYPE,
      algorithms: ['EdDSA'],
      requiredClaims: ['sub', 'exp', 'jti'],
      currentDate: new Date(clock.now()),
    });
    const { sub, exp, jti, roles, fleets, apiKeyHash = null } = claimsShape.parse(payload);
    const expiresAtMs = exp * 1000;
    const entered = fleets === '*' ? ('*' as const) : new Set(fleets);
    const viewer: Viewer = { subject: sub, roles: new Set(roles), fleets: entered, expiresAtMs };
    return { id: jti, viewer, apiKeyHash, expiresAtMs };
  } catch (cause) {
    throw sessionOver({ cause });
  }
}

export function sessionOver(options: { cause?: unknown } = {}): AppError {
  return new AppError('UNAUTHENTICATED', 'the session is over: sign in again', options);
}
