import { once } from 'node:events';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { openEventStream, openSocket, socketUrl, untilSubscribed } from '../support/live.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url });
});
afterAll(async () => {
  await server?.stop();
  await database.drop();
});

test('an idle stream is kept alive, and a socket whose client answers nothing is cut', async () => {
  const authorization = `Bearer ${await server.token(['VIEWER'])}`;
  const query = 'subscription { decisionRecorded { id } }';
  const healthy = await openSocket(server, { authorization });
  healthy.subscribe('a', query);
  const dead = new WebSocket(socketUrl(server), 'graphql-transport-ws', { autoPong: false });
  await once(dead, 'open');
  dead.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  const { response } = await openEventStream(server, { query, headers: { authorization } });
  await untilSubscribed(server, 2);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let streamed = '';
  while (streamed.split(':\n\n').length < 3) streamed += decoder.decode((await reader?.read())?.value);
  expect(streamed).toBe(':\n\n:\n\n');
  const [code] = await once(dead, 'close');
  expect(code).toBe(1006);
  expect(healthy.socket.readyState).toBe(WebSocket.OPEN);
  healthy.socket.terminate();
  await reader?.cancel();
}, 40_000);
