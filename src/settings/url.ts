import type { Reader } from './reader.js';

/** Hosts as URLs write them that nobody else can listen at. */
export const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** `https://`, or `http://` where nobody else can listen. */
export const secureUrl: Reader<string> = urlReader(
  ({ protocol, hostname }) => protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname)),
  'https:// (http:// for this machine only)',
);

/** `https://` or `http://`, for what is within one's own network. */
export const networkUrl: Reader<string> = urlReader(
  ({ protocol }) => protocol === 'https:' || protocol === 'http:',
  'https:// or http://',
);

/** Never quotes what is written: it may hold a password. */
function urlReader(isFit: (url: URL) => boolean, beginnings: string): Reader<string> {
  return (value, problems) => {
    const parsed = value.kind === 'text' && URL.canParse(value.text) ? new URL(value.text) : null;
    return value.kind === 'text' && parsed && isFit(parsed) && parsed.username === '' && parsed.password === ''
      ? value.text
      : problems.add(value, `must be a URL that begins with ${beginnings}, without a password`);
  };
}
