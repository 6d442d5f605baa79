import http from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

/** As it is on the wire: `fetch` would inflate it. */
function get(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    http
      .get(`${server.url}${path}`, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      })
      .on('error', reject);
  });
}

const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const scriptOf = (page: Buffer) => /src="(\/assets\/[^"]+\.js)"/.exec(page.toString())?.[1] ?? '';

describe('the page', () => {
  it.each(['/', '/decisions', '/decisions/a.b-c', '/fleet/billing-eu'])(
    'is what a browser gets at %s',
    async (path) => {
      const page = await get(path, PAGE);
      expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.body.toString()).toContain('<div id="app"></div>');
    },
  );

  it('lets nothing run but files of this server, and no site frame it', async () => {
    const { headers, body } = await get('/', PAGE);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(body.toString()).not.toMatch(/<script(?![^>]* src=)|<style| on\w+=| style=|https?:\/\//);
  });

  it('is asked for again, and not sent again where nothing changed', async () => {
    const { headers } = await get('/', PAGE);
    expect(headers['cache-control']).toBe('no-cache');
    const again = await get('/', { ...PAGE, 'if-none-match': headers.etag ?? '' });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('is for browsers: programs that mistype a path are told so', async () => {
    expect((await get('/decisions', { accept: 'application/json' })).status).toBe(404);
    expect((await get('/agents', PAGE)).status).toBe(401);
    const posted = await fetch(`${server.url}/decisions`, { method: 'POST', headers: PAGE });
    expect(posted.status).toBe(404);
  });
});

describe('its files', () => {
  it('are kept for ever under names that change with them, and sent compressed', async () => {
    const script = scriptOf((await get('/', PAGE)).body);
    const plain = await get(script);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers['content-type']).toBe('text/javascript; charset=utf-8');
    const brotli = await get(script, { 'accept-encoding': 'gzip, deflate, br' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
    const gzip = await get(script, { 'accept-encoding': 'gzip, br;q=0' });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
  });

  it.each(['/assets/none.js', '/assets/../main.js', '/assets/%2e%2e/main.js', '/.built'])(
    'are no others: %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});
