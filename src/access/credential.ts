import { AppError } from '../errors.js';
import { looksLikeApiKey } from './api-key.js';

const HOW = 'send Authorization: Bearer with a token (npx midwatch token) or an API key (npx midwatch key create)';

/**
 * The token or API key in a request's `authorization` (Bearer, RFC 6750; Basic, RFC 7617) or, without one, `x-api-key`.
 * Exporters that know only Basic put it in the password, or in the user where the password is empty; some send the bare
 * credential without any scheme.
 * Throws UNAUTHENTICATED when there is none.
 */
export function readCredential(authorization: string | undefined, apiKey: string | undefined): string {
  if (authorization === undefined) {
    if (apiKey === undefined) throw new AppError('UNAUTHENTICATED', `no credential was sent: ${HOW}`);
    return apiKey.trim();
  }
  const [, scheme, value] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
  if (scheme?.toLowerCase() === 'bearer' && value !== undefined) return value;
  if (scheme?.toLowerCase() === 'basic' && value !== undefined) return readBasic(value);
  const bare = authorization.trim();
  if (!/\s/.test(bare) && (looksLikeApiKey(bare) || COMPACT_JWS.test(bare))) return bare;
  throw new AppError('UNAUTHENTICATED', `the Authorization header cannot be read: ${HOW}`);
}

/** Three parts in base64url (RFC 7515 section 7.1). */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

function readBasic(value: string): string {
  const [user = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return rest.join(':') || user;
}
