import type { TestServer } from './server.js';

/** What a browser does with requests of a page of the server: it names the page, and brings the cookies it was given. */
export interface PageSession {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The `cookie` header as it stands. */
  cookie(): string;
  /** The `set-cookie` headers so far. */
  given: string[];
}

export function openPage(server: TestServer, origin = server.url): PageSession {
  const jar = new Map<string, string>();
  const given: string[] = [];
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    given,
    cookie,
    fetch: async (path, init = {}) => {
      const response = await fetch(`${server.url}${path}`, {
        redirect: 'manual',
        ...init,
        headers: {
          ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
          origin,
          ...(jar.size === 0 ? {} : { cookie: cookie() }),
          ...init.headers,
        },
      });
      for (const header of response.headers.getSetCookie()) {
        given.push(header);
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
        if (/Max-Age=0/.test(header)) jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    },
  };
}
