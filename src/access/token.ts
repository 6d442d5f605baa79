import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
import { DAY_MS } from '../time.js';
import type { IdentityKeys } from './identity-keys.js';
import type { InstallationKey } from './keys.js';
import { hasRepeatedMember } from './member-names.js';
import { isRole, type Role } from './policy.js';
import type { Viewer } from './viewer.js';

/** Issuer and audience of the installation's own tokens. */
const OWN_NAME = 'midwatch';
const OWN_TYPE = 'at+jwt';
/** What an identity provider's access tokens may call themselves: RFC 9068 asks for the first, many still say the second. */
const PROVIDER_TYPES: readonly unknown[] = [OWN_TYPE, 'application/at+jwt', 'JWT', undefined];
export const PROVIDER_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

const CLOCK_TOLERANCE_S = 5;
/** The longest a token may live, by its own account or its issuer's. */
export const TOKEN_AGE_MAX_MS = 30 * DAY_MS;

const TOKEN_LENGTH_MAX = 16_384;
/** The compact serialisation, RFC 7515 section 7.1, in the one alphabet it has. */
const COMPACT = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$/;

export interface TokenGrant {
  roles: readonly Role[];
  fleets: readonly string[] | '*';
  ttlMs: number;
  subject: string;
}

/** A JWT of this installation's own, in the form of RFC 9068. */
export async function signToken(key: InstallationKey, grant: TokenGrant, clock: Clock): Promise<string> {
  const issuedAtMs = clock.now();
  return new SignJWT({ roles: [...grant.roles], fleets: grant.fleets === '*' ? '*' : [...grant.fleets] })
    .setProtectedHeader({ alg: 'EdDSA', typ: OWN_TYPE, kid: key.kid })
    .setIssuer(OWN_NAME)
    .setAudience(OWN_NAME)
    .setSubject(grant.subject)
    .setJti(randomUUID())
    .setIssuedAt(Math.floor(issuedAtMs / 1000))
    .setExpirationTime(Math.floor((issuedAtMs + grant.ttlMs) / 1000))
    .sign(key.privateKey);
}

/** Whose tokens are believed. */
export interface TokenTrust {
  key: InstallationKey;
  identityProvider: { issuer: string; audience: string; keys: IdentityKeys } | null;
  clock: Clock;
}

/**
 * Checks everything RFC 8725 section 3 asks for. Every refusal is UNAUTHENTICATED with one message, whichever check it
 * was; `detail` has the reason, for the log. UNAVAILABLE when the identity provider's keys are out of reach.
 */
export async function verifyToken(token: string, trust: TokenTrust): Promise<Viewer> {
  try {
    requireCompact(token);
    const verified = await verifySignature(token, trust);
    requireUniqueMembers(token);
    return readViewer(verified, { ownKid: trust.key.kid, nowMs: trust.clock.now() });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw refusal(error instanceof Error ? error.message : String(error));
  }
}

function refusal(detail: string): AppError {
  const message = 'the token is not valid or has expired: get a new one with npx midwatch token, or from your issuer';
  return new AppError('UNAUTHENTICATED', message, { detail });
}

/** One token has one spelling: jose would also read padding, white space and stray bits at the end of a part. */
function requireCompact(token: string): void {
  if (token.length > TOKEN_LENGTH_MAX) throw refusal('longer than 16 KB');
  if (!COMPACT.test(token)) throw refusal('not in compact serialisation');
  const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;
  if (!token.split('.').every(isCanonical)) throw refusal('not canonical base64url');
}

function requireUniqueMembers(token: string): void {
  const [header = '', payload = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  if (hasRepeatedMember(header) || hasRepeatedMember(payload)) throw refusal('a member is repeated');
}

/** The `kid` only chooses whose key is tried; each of them then insists on its own issuer. */
async function verifySignature(token: string, { key, identityProvider, clock }: TokenTrust): Promise<JWTVerifyResult> {
  const header = decodeProtectedHeader(token);
  // Legal only together with `crit` (RFC 7797 section 6), which jose refuses; alone it would be passed over.
  if ('b64' in header) throw refusal('unencoded payload');
  const always: JWTVerifyOptions = {
    requiredClaims: ['sub', 'exp'],
    maxTokenAge: TOKEN_AGE_MAX_MS / 1000,
    clockTolerance: CLOCK_TOLERANCE_S,
    currentDate: new Date(clock.now()),
  };
  if (header.kid === key.kid) {
    const own = { issuer: OWN_NAME, audience: OWN_NAME, typ: OWN_TYPE, algorithms: ['EdDSA'] };
    return jwtVerify(token, key.publicKey, { ...always, ...own });
  }
  if (identityProvider === null) throw refusal('signed by an unknown key');
  if (!PROVIDER_TYPES.includes(header.typ)) throw refusal('not an access token');
  const { issuer, audience, keys } = identityProvider;
  return jwtVerify(token, keys.find, { ...always, issuer, audience, algorithms: PROVIDER_ALGORITHMS });
}

const claimsShape = z.object({
  // It is stored as the author of what its bearer does, so it has to be text a database takes.
  sub: z.string().regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u),
  iss: z.string(),
  iat: z.number(),
  exp: z.number(),
  // A token for several audiences can be replayed by any of them.
  aud: z.union([z.string(), z.array(z.string()).length(1)]),
  roles: z.array(z.string()),
  fleets: z.union([z.literal('*'), z.array(z.string()).min(1)]),
});

function readViewer(
  { payload, protectedHeader }: JWTVerifyResult,
  { ownKid, nowMs }: { ownKid: string; nowMs: number },
): Viewer {
  const claims = claimsShape.parse(payload);
  const expiresAtMs = claims.exp * 1000;
  if (expiresAtMs > nowMs + TOKEN_AGE_MAX_MS + CLOCK_TOLERANCE_S * 1000) throw refusal('lives too long');
  const roles = new Set(claims.roles.filter(isRole));
  if (roles.size === 0) throw refusal('no known role');
  return {
    subject: claims.sub,
    roles,
    fleets: claims.fleets === '*' ? '*' : new Set(claims.fleets),
    expiresAtMs,
    ...(protectedHeader.kid === ownKid ? {} : { provided: { issuer: claims.iss, issuedAtMs: claims.iat * 1000 } }),
  };
}
