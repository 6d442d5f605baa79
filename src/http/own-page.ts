import type { IncomingMessage } from 'node:http';

/**
 * Whether a request was made by a page of this server, or by nobody's: only then does its cookie count. `SameSite` alone
 * would let in pages of other ports of the same host. Browsers say who asks in `sec-fetch-site`; where they don't, over
 * plain HTTP beyond this machine, they name the origin of everything but plain reads.
 */
export function isFromOwnPage({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  const site = headers['sec-fetch-site'];
  if (site === 'none') return isRead;
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === undefined ? isRead : isSameOrigin(headers.origin, headers.host);
}

/** Browsers name the page that opens a socket and other clients do not: pages of other sites stay out. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
