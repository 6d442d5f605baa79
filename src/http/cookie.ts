import type { IncomingMessage } from 'node:http';

export interface Cookie {
  name: string;
  value: string;
  /** Strict: sent by this site's own pages alone. Lax: also when another site leads here. */
  sameSite: 'Strict' | 'Lax';
  path: string;
  /** Whether it may be sent over TLS only. */
  isSecure: boolean;
  /** Seconds; 0 removes it. */
  maxAgeS: number;
}

/** A `set-cookie` header (RFC 6265bis) of a cookie that no script can read. */
export function formatCookie({ name, value, sameSite, path, isSecure, maxAgeS }: Cookie): string {
  const attributes = [`Path=${path}`, `Max-Age=${maxAgeS}`, 'HttpOnly', `SameSite=${sameSite}`];
  return [`${name}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ');
}

/** The value of a cookie that came with a request. */
export function cookieOf({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  const pairs = headers.cookie?.split(';').map((pair) => pair.trim());
  const pair = pairs?.find((text) => text.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
