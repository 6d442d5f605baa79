import { AppError } from '../errors.js';

const HOW = 'send Authorization: Bearer with a token (npx midwatch token) or an API key (npx midwatch key create)';

/**
 * The token or API key in a request's `authorization` (Bearer, RFC 6750; Basic, RFC 7617) or, without one, `x-api-key`.
 * Exporters that know only Basic put it in the password, or in the user where the password is empty.
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
  throw new AppError('UNAUTHENTICATED', `the Authorization header cannot be read: ${HOW}`);
}

function readBasic(value: string): string {
  const [user = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return rest.join(':') || user;
}
