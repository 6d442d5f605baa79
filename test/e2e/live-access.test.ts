import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest';
import { WebSocket } from 'ws';
import { loadInstallationKey } from '../../src/access/keys.js';
import { signToken } from '../../src/access/token.js';
import { systemClock } from '../../src/clock.js';
import {
  figure,
  type Message,
  openEventStream,
  openSocket,
  recordIds,
  socketUrl,
  untilSubscribed,
} from '../support/live.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { newDataDir, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

let database: TestDatabase;
let server: TestServer;
const dataDir = newDataDir();

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url, dataDir });
});
afterAll(async () => {
  await server?.stop();
  await database.drop();
});

const FOLLOW = 'subscription { decisionRecorded { id } }';

async function bearer(): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await server.token(['VIEWER'])}` };
}

async function tokenOf(subject: string, ttlMs: number): Promise<string> {
  const grant = { roles: ['VIEWER'] as const, fleets: '*' as const, ttlMs, subject };
  return `Bearer ${await signToken(await loadInstallationKey(dataDir), grant, systemClock)}`;
}

describe('the credential of a stream', () => {
  it('counts from connection_init in any capitals, and else from the headers of the upgrade', async () => {
    const { authorization } = await bearer();
    const clients = [
      await openSocket(server, { Authorization: authorization, 'X-Fleet-ID': 'default' }),
      await openSocket(server, {}, { authorization, 'x-fleet-id': 'default' }),
      await openSocket(server, { authorization }, { authorization: 'Bearer nonsense' }),
    ];
    for (const client of clients) {
      client.subscribe('q', '{ fleet { id } }');
      await until(() => client.messages.length === 3);
      expect(client.messages.slice(1)).toEqual([
        { id: 'q', type: 'next', payload: { data: { fleet: { id: 'Fleet:default' } } } },
        { id: 'q', type: 'complete' },
      ]);
      client.socket.terminate();
    }
  });

  it.each([
    ['no credential', {}, 4403],
    ['a token nobody signed', { authorization: 'Bearer a.b.c' }, 4403],
    ['a malformed fleet', { 'x-fleet-id': 'no such/fleet' }, 4400],
    ['an unknown fleet', { 'x-fleet-id': 'elsewhere' }, 4403],
    ['a fleet that is no text', { 'x-fleet-id': 7 }, 4400],
  ])('is refused for %s', async (_case, payload, code) => {
    const known = 'x-fleet-id' in payload ? await bearer() : {};
    const client = await openSocket(server, { ...known, ...payload });
    expect((await client.closed).code).toBe(code);
  });

  it('ends a socket with 4403 and an event stream with an error when it expires', async () => {
    await untilSubscribed(server, 0);
    const authorization = await tokenOf('short', 3_000);
    const endsAtMs = (Math.floor(Date.now() / 1_000) + 3) * 1_000;
    const client = await openSocket(server, { authorization });
    client.subscribe('a', FOLLOW);
    const { events } = await openEventStream(server, { query: FOLLOW, headers: { authorization } });
    await untilSubscribed(server, 2);
    expect(await client.closed).toEqual({ code: 4403, reason: expect.stringContaining('expired') });
    expect(Math.abs(Date.now() - endsAtMs)).toBeLessThan(1_500);
    const { value } = await events.next();
    expect(value?.data.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect((await events.next()).value?.event).toBe('complete');
    await untilSubscribed(server, 0);
  });

  it('ends the streams of an API key soon after the key was revoked', async () => {
    const created = await server.graphql<Message>(
      'mutation { createApiKey(input: { role: VIEWER, name: "dash" }) { ... on CreateApiKeySuccess { key apiKey { id } } } }',
    );
    const { key, apiKey } = created.data.createApiKey;
    const client = await openSocket(server, { authorization: `Bearer ${key}` });
    client.subscribe('a', FOLLOW);
    const { events } = await openEventStream(server, { query: FOLLOW, headers: { 'x-api-key': key } });
    await untilSubscribed(server, 2);
    await server.graphql('mutation R($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }', { id: apiKey.id });
    const revokedAtMs = Date.now();
    expect((await client.closed).code).toBe(4403);
    expect(Date.now() - revokedAtMs).toBeLessThan(6_500);
    expect((await events.next()).value?.data.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  it('decides over HTTP before an event stream begins', async () => {
    const { response } = await openEventStream(server, { query: FOLLOW, headers: {} });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toMatch('application/json');
  });
});

describe('the protocol', () => {
  const init = async () => ({ type: 'connection_init', payload: await bearer() });

  it.each([
    ['what is not JSON', async () => ['{'], 4400],
    ['an unknown type', async () => [{ type: 'start', id: '1', payload: { query: '{a}' } }], 4400],
    ['a subscription without a query', async () => [await init(), { type: 'subscribe', id: '1', payload: {} }], 4400],
    [
      'a subscription before the handshake',
      async () => [{ type: 'subscribe', id: '1', payload: { query: '{a}' } }],
      4401,
    ],
    ['a second handshake', async () => [await init(), await init()], 4429],
    ['a message beyond 64 KiB', async () => [{ type: 'ping', payload: { text: 'x'.repeat(70_000) } }], 1009],
    ['a flood of pings', async () => Array.from({ length: 1_000 }, () => ({ type: 'ping' })), 1008],
  ])('closes a socket for %s', async (_case, messagesOf, code) => {
    const client = await openSocket(server);
    for (const message of await messagesOf()) client.send(message);
    expect((await client.closed).code).toBe(code);
  });

  it('closes a socket that uses the id of an operation that goes on', async () => {
    const client = await openSocket(server, await bearer());
    client.subscribe('same', FOLLOW);
    client.subscribe('same', FOLLOW);
    expect(await client.closed).toEqual({ code: 4409, reason: 'Subscriber for same already exists' });
  });

  it('closes a socket that says nothing for three seconds', async () => {
    const openedAtMs = Date.now();
    const client = await openSocket(server);
    expect((await client.closed).code).toBe(4408);
    expect(Date.now() - openedAtMs).toBeLessThan(4_500);
  });

  it('refuses the 51st operation of a socket, and takes one again when another is completed', async () => {
    const client = await openSocket(server, await bearer());
    for (let index = 0; index <= 50; index += 1) client.subscribe(`${index}`, FOLLOW);
    const refusal = await until(() => client.messages.find(({ type }) => type === 'error'));
    expect(refusal).toMatchObject({ id: '50', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    await untilSubscribed(server, 50);
    expect(await figure(server, 'midwatch_live_groups')).toBe(1);
    client.send({ type: 'complete', id: '7' });
    client.subscribe('again', FOLLOW);
    await until(async () => (await figure(server, 'midwatch_live_subscriptions')) === 50);
    await recordIds(server, ['fifty']);
    await until(() => client.ids('again').length === 1);
    expect(client.ids('7')).toEqual([]);
    client.socket.terminate();
    await untilSubscribed(server, 0);
  });

  it.each([
    ['{ nope }', 'VALIDATION_FAILED'],
    ['subscription { decisionRecorded(after: "nobody") { id } }', 'NOT_FOUND'],
    ['subscription { decisionRecorded(filter: { text: "x" }) { id } }', 'FORBIDDEN'],
    [`{ viewer { ${Array.from({ length: 31 }, (_, index) => `a${index}: subject`).join(' ')} } }`, 'VALIDATION_FAILED'],
  ])('answers %s with an error and goes on', async (query, code) => {
    const client = await openSocket(server, await bearer());
    client.subscribe('1', query);
    const { type, payload } = await until(() => client.messages[1]);
    expect([type, payload[0].extensions.code]).toEqual(['error', code]);
    const { events } = await openEventStream(server, { query, headers: await bearer() });
    expect((await events.next()).value?.data.errors[0].extensions.code).toBe(code);
    client.socket.terminate();
  });

  it('answers a query over an event stream with one result', async () => {
    const { events } = await openEventStream(server, { query: '{ fleet { id } }', headers: await bearer() });
    expect((await events.next()).value).toEqual({ event: 'next', data: { data: { fleet: { id: 'Fleet:default' } } } });
    expect((await events.next()).value).toEqual({ event: 'complete', data: null });
    expect((await events.next()).done).toBe(true);
  });
});

describe('the upgrade', () => {
  async function upgrade(protocol: string, options: { path?: string; origin?: string }) {
    const url = socketUrl(server).replace('/graphql', options.path ?? '/graphql');
    const socket = new WebSocket(url, protocol, {
      perMessageDeflate: true,
      ...(options.origin === undefined ? {} : { origin: options.origin }),
    });
    const opened = once(socket, 'open').then(() => ({ status: 101, extensions: socket.extensions }));
    const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => ({ status: statusCode }));
    opened.catch(() => undefined);
    refused.catch(() => undefined);
    const answer = await Promise.race([opened, refused]);
    socket.on('error', () => undefined);
    socket.terminate();
    return answer;
  }

  it('is for pages of this server and for clients that are no pages, without compression', async () => {
    const accepted = { status: 101, extensions: '' };
    expect(await upgrade('graphql-transport-ws', {})).toEqual(accepted);
    expect(await upgrade('graphql-transport-ws', { origin: server.url })).toEqual(accepted);
    expect(await upgrade('graphql-transport-ws', { origin: 'https://evil.example' })).toEqual({ status: 403 });
    expect(await upgrade('graphql-transport-ws', { origin: 'null' })).toEqual({ status: 403 });
  });

  it('is for one subprotocol on one path', async () => {
    expect(await upgrade('graphql-ws', {})).toEqual({ status: 400 });
    expect(await upgrade('graphql-transport-ws', { path: '/elsewhere' })).toEqual({ status: 404 });
  });
});

test('one credential cannot take more than its 200 streams', async () => {
  const authorization = await tokenOf('greedy', 60_000);
  const clients = await Promise.all(Array.from({ length: 200 }, () => openSocket(server, { authorization })));
  expect(clients.every(({ socket }) => socket.readyState === WebSocket.OPEN)).toBe(true);
  const refused = await openSocket(server, { authorization });
  expect((await refused.closed).code).toBe(1013);
  const { response } = await openEventStream(server, { query: FOLLOW, headers: { authorization } });
  expect(response.status).toBe(429);
  for (const { socket } of clients) socket.terminate();
  await until(async () => (await figure(server, 'midwatch_live_sockets')) === 0);
  const next = await openSocket(server, { authorization });
  expect(next.messages[0].type).toBe('connection_ack');
  next.socket.terminate();
});

test('a server that stops closes its sockets with 1001 and ends its event streams', async () => {
  const client = await openSocket(server, await bearer());
  client.subscribe('a', FOLLOW);
  const { events } = await openEventStream(server, { query: FOLLOW, headers: await bearer() });
  await untilSubscribed(server, 2);
  const exitCode = server.stop();
  expect((await client.closed).code).toBe(1001);
  expect((await events.next()).done).toBe(true);
  expect(await exitCode).toBe(0);
});
