import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openPage, type PageSession } from '../support/browser-session.js';
import { type IdentityProviderServer, startIdentityProvider } from '../support/identity-provider.js';
import { openSocket, socketUrl } from '../support/live.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';

let database: TestDatabase;
let idp: IdentityProviderServer;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase();
  idp = await startIdentityProvider();
  server = await startServer({ databaseUrl: database.url, env: idp.env });
});
afterAll(async () => {
  await server.stop();
  await idp.close();
  await database.drop();
});

const signIn = async (page: PageSession, proof: object) =>
  page.fetch('/session', { method: 'POST', body: JSON.stringify(proof) });
const viewerOf = async (page: PageSession) => (await (await page.fetch('/session')).json()).viewer;
const askWho = (page: PageSession, headers = {}) =>
  page.fetch('/graphql', {
    method: 'POST',
    body: JSON.stringify({ query: '{ viewer { subject roles } }' }),
    headers: { 'x-fleet-id': 'default', ...headers },
  });
const linkCode = () => /\/sign-in#code=(\S+)/.exec(server.stdout())?.[1] ?? '';

async function signedIn(): Promise<PageSession> {
  const page = openPage(server);
  const answer = await signIn(page, { credential: await server.token(['VIEWER'], ['default']) });
  expect(answer.status).toBe(204);
  return page;
}

describe('a session', () => {
  it('is opened by a token, in a cookie that no script reads and no other site sends', async () => {
    const page = await signedIn();
    expect(page.given[0]).toMatch(/^midwatch-session-[\w-]{8}=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    expect(await viewerOf(page)).toMatchObject({ subject: 'test', roles: ['VIEWER'], fleets: ['default'] });
    expect((await (await askWho(page)).json()).data.viewer).toEqual({ subject: 'test', roles: ['VIEWER'] });
  });

  it('is over TLS alone where the page came so', async () => {
    const page = openPage(server, server.url.replace('http:', 'https:'));
    await signIn(page, { credential: await server.token() });
    expect(page.given[0]).toContain('; Secure');
  });

  it('holds no token: what is in the cookie opens nothing as one', async () => {
    const page = await signedIn();
    const token = page.cookie().split('=')[1];
    const answer = await fetch(`${server.url}/agents`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
  });

  it('is opened once by the link that the server prints', async () => {
    const code = linkCode();
    const page = openPage(server);
    expect((await signIn(page, { code })).status).toBe(204);
    expect(await viewerOf(page)).toMatchObject({ subject: 'owner', roles: ['ADMIN'] });
    const again = await signIn(openPage(server), { code });
    expect(again.status).toBe(401);
    expect((await again.json()).error.message).toContain('used or is too old');
  });

  it('is not opened by anything else', async () => {
    for (const proof of [{ credential: 'nonsense' }, { credential: `mw_${'x'.repeat(46)}` }, { code: 'nonsense' }]) {
      expect((await signIn(openPage(server), proof)).status).toBe(401);
    }
    for (const proof of [{}, { credential: '' }, { credential: 'a', code: 'b' }, { other: 1 }, []]) {
      expect((await signIn(openPage(server), proof)).status).toBe(400);
    }
  });

  it('ends with signing out, for its cookie too', async () => {
    const page = await signedIn();
    const kept = page.cookie();
    expect((await page.fetch('/session', { method: 'DELETE' })).status).toBe(204);
    expect(page.cookie()).toBe('');
    expect(await viewerOf(page)).toBeNull();
    const stolen = await fetch(`${server.url}/agents`, { headers: { cookie: kept, origin: server.url } });
    expect(stolen.status).toBe(401);
  });

  it('ends when the API key it was opened with is revoked', async () => {
    const made = await server.graphql<{ createApiKey: { key: string; apiKey: { id: string } } }>(
      'mutation { createApiKey(input: { role: VIEWER, name: "wall" }) { ... on CreateApiKeySuccess { key apiKey { id } } } }',
    );
    const { key, apiKey } = made.data.createApiKey;
    const page = openPage(server);
    expect((await signIn(page, { credential: key })).status).toBe(204);
    expect((await askWho(page)).status).toBe(200);
    await server.graphql('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }', { id: apiKey.id });
    await expect.poll(async () => (await askWho(page)).status).toBe(401);
  });
});

describe('a cookie counts for pages of this server alone', () => {
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another port of the same host', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }],
    ['a page whose browser tells its origin alone', { origin: 'http://127.0.0.1:1' }],
  ])('not for %s', async (_who, headers) => {
    const page = await signedIn();
    expect((await askWho(page, headers)).status).toBe(401);
    expect((await page.fetch('/session', { method: 'DELETE', headers })).status).toBe(403);
    const attempt = { method: 'POST', body: JSON.stringify({ credential: await server.token() }), headers };
    expect((await page.fetch('/session', attempt)).status).toBe(403);
    expect(await viewerOf(page)).not.toBeNull();
  });

  it('and a credential that is sent goes before it', async () => {
    const page = await signedIn();
    const answer = await askWho(page, { authorization: `Bearer ${await server.token(['ADMIN'])}` });
    expect((await answer.json()).data.viewer.roles).toEqual(['ADMIN']);
  });
});

describe('a socket of a signed-in page', () => {
  it('opens with the cookie, and closes when the session ends', async () => {
    const page = await signedIn();
    const socket = await openSocket(server, { 'x-fleet-id': 'default' }, { cookie: page.cookie(), origin: server.url });
    expect(socket.messages[0]).toEqual({ type: 'connection_ack' });
    await page.fetch('/session', { method: 'DELETE' });
    expect((await socket.closed).code).toBe(4403);
  });

  it('does not open for a page of another origin', async () => {
    const page = await signedIn();
    const headers = { cookie: page.cookie(), origin: 'http://127.0.0.1:1' };
    const socket = new WebSocket(socketUrl(server), 'graphql-transport-ws', { headers });
    socket.on('error', () => undefined);
    const [, answer] = await once(socket, 'unexpected-response');
    expect(answer.statusCode).toBe(403);
  });
});

describe('signing in by the identity provider', () => {
  const begin = async (page: PageSession, returnTo = '/decisions?last=6h') => {
    const answer = await page.fetch('/session/oidc', { method: 'POST', body: JSON.stringify({ returnTo }) });
    return { status: answer.status, ...((await answer.json()) as { location: string }) };
  };
  const comeBack = (page: PageSession, location: string) =>
    page.fetch(location.slice(server.url.length), { headers: { 'sec-fetch-site': 'cross-site' } });

  it('goes there with PKCE, comes back with a code, and goes on where one was', async () => {
    const page = openPage(server);
    const { location } = await begin(page);
    const { searchParams } = new URL(location);
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    const back = await comeBack(page, idp.consent(location));
    expect([back.status, back.headers.get('location')]).toEqual([303, '/decisions?last=6h']);
    expect(await viewerOf(page)).toMatchObject({ subject: 'ada@example.com', roles: ['OPERATOR'] });
  });

  it('is not finished by another browser, nor twice', async () => {
    const page = openPage(server);
    const location = idp.consent((await begin(page)).location);
    const other = openPage(server);
    expect((await comeBack(other, location)).headers.get('location')).toMatch(/^\/sign-in\?failed=/);
    expect(await viewerOf(other)).toBeNull();
    expect((await comeBack(page, location)).headers.get('location')).toMatch(/^\/sign-in\?failed=/);
    expect(await viewerOf(page)).toBeNull();
  });

  it.each([
    ['the ID token answers another request', { nonce: 'another' }],
    ['the ID token is for another client', { idTokenAudience: 'another' }],
    ['no token is given', { tokenStatus: 500 }],
  ])('fails when %s', async (_what, fault) => {
    Object.assign(idp.faults, fault);
    const page = openPage(server);
    const back = await comeBack(page, idp.consent((await begin(page)).location));
    for (const name of Object.keys(fault)) delete idp.faults[name as keyof typeof idp.faults];
    expect(back.headers.get('location')).toMatch(/^\/sign-in\?failed=/);
    expect(await viewerOf(page)).toBeNull();
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'decisions'])(
    'never leads to %s',
    async (to) => {
      expect((await begin(openPage(server), to)).status).toBe(400);
    },
  );
});
