import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { newFleet } from '../support/access.js';
import { figure, idsOf, openEventStream, openSocket, recordIds, socketUrl, untilSubscribed } from '../support/live.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  for (const fleet of ['left', 'right', 'content', 'resumed', 'slow']) await newFleet(database.pool, fleet);
  server = await startServer({ databaseUrl: database.url });
});
afterAll(async () => {
  await server?.stop();
  await database.drop();
});

async function credentials(fleet: string, role: 'VIEWER' | 'OPERATOR' | 'ADMIN' = 'VIEWER') {
  return { authorization: `Bearer ${await server.token([role])}`, 'x-fleet-id': fleet };
}

const FOLLOW = 'subscription { decisionRecorded { id } }';

test('what is sealed after a subscription began is delivered, and nothing that was there before', async () => {
  await recordIds(server, ['before']);
  const client = await openSocket(server, await credentials('default'));
  client.subscribe('a', FOLLOW);
  await untilSubscribed(server, 1);
  await recordIds(server, idsOf('after', 300));
  await until(() => client.ids('a').length >= 300);
  expect(client.ids('a')).toEqual(idsOf('after', 300));
  client.socket.close();
  await untilSubscribed(server, 0);
});

test('a WebSocket that breaks again and again gets every decision once and in order by resuming', async () => {
  await recordIds(server, ['start'], { fleet: 'resumed' });
  const connectionParams = await credentials('resumed');
  const sockets: WebSocket[] = [];
  class Breakable extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      sockets.push(this);
    }
  }
  const expected = Array.from({ length: 40 }, (_, batch) => idsOf(`b${batch}`, 15)).flat();
  const recording = (async () => {
    for (let batch = 0; batch < 40; batch += 1) await recordIds(server, idsOf(`b${batch}`, 15), { fleet: 'resumed' });
  })();
  const seen: string[] = ['start'];
  let breaks = 0;
  while (seen.length <= expected.length) {
    const client = createClient({
      url: socketUrl(server),
      webSocketImpl: Breakable,
      connectionParams,
      retryAttempts: 0,
    });
    const results = client.iterate<{ decisionRecorded: { id: string } }>({
      query: 'subscription Resume($after: ID) { decisionRecorded(after: $after) { id } }',
      variables: { after: seen.at(-1) },
    });
    const breakAt = seen.length + 37;
    try {
      for await (const { data } of results) {
        if (data) seen.push(data.decisionRecorded.id);
        if (seen.length >= breakAt) sockets.at(-1)?.terminate();
        if (seen.length > expected.length) break;
      }
    } catch {
      breaks += 1;
    }
    await client.dispose();
  }
  await recording;
  expect(breaks).toBeGreaterThan(5);
  expect(seen.slice(1)).toEqual(expected);
});

test('a client that reconnects by itself, as docs/INTEGRATIONS.md has it, gets every decision once and in order', async () => {
  await recordIds(server, ['own-start'], { fleet: 'resumed' });
  const sockets: WebSocket[] = [];
  class Breakable extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      sockets.push(this);
    }
  }
  const client = createClient({
    url: socketUrl(server),
    webSocketImpl: Breakable,
    connectionParams: await credentials('resumed'),
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: async () => {
      // What is recorded while nobody listens is what a client loses that does not resume.
      await recordIds(server, [`own-away-${sockets.length}`], { fleet: 'resumed' });
    },
  });
  const seen: string[] = [];
  const variables = {
    get after() {
      return seen.at(-1) ?? 'own-start';
    },
  };
  client.subscribe<{ decisionRecorded: { id: string } }>(
    { query: 'subscription Resume($after: ID) { decisionRecorded(after: $after) { id } }', variables },
    {
      next: ({ data }) => {
        if (data) seen.push(data.decisionRecorded.id);
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  for (let broken = 1; broken <= 3; broken += 1) {
    await recordIds(server, [`own-${broken}`], { fleet: 'resumed' });
    await until(() => seen.includes(`own-${broken}`));
    sockets.at(-1)?.terminate();
    await until(() => seen.includes(`own-away-${broken}`));
  }
  expect(seen).toEqual(['own-1', 'own-away-1', 'own-2', 'own-away-2', 'own-3', 'own-away-3']);
  await client.dispose();
});

test('an event stream that breaks again and again gets every decision once and in order by resuming', async () => {
  await recordIds(server, ['sse-start'], { fleet: 'resumed' });
  const expected = idsOf('sse', 200);
  const recording = (async () => {
    for (let from = 0; from < 200; from += 10) {
      await recordIds(server, expected.slice(from, from + 10), { fleet: 'resumed' });
    }
  })();
  const seen: string[] = ['sse-start'];
  while (seen.length <= expected.length) {
    const stop = new AbortController();
    const { events } = await openEventStream(server, {
      query: `subscription { decisionRecorded(after: "${seen.at(-1)}") { id } }`,
      headers: await credentials('resumed'),
      signal: stop.signal,
    });
    const breakAt = seen.length + 23;
    for await (const { data } of events) {
      seen.push(data.data.decisionRecorded.id);
      if (seen.length >= breakAt || seen.length > expected.length) break;
    }
    stop.abort();
  }
  await recording;
  expect(seen.slice(1)).toEqual(expected);
});

test('no fleet ever gets a decision of another one, over either transport', async () => {
  await untilSubscribed(server, 0);
  const fleets = ['left', 'right'];
  const sockets = await Promise.all(fleets.map(async (fleet) => openSocket(server, await credentials(fleet))));
  const streamed = fleets.map((): string[] => []);
  const stop = new AbortController();
  for (const [index, fleet] of fleets.entries()) {
    sockets[index]?.subscribe('all', FOLLOW);
    const { events } = await openEventStream(server, {
      query: FOLLOW,
      headers: await credentials(fleet),
      signal: stop.signal,
    });
    void (async () => {
      for await (const { data } of events) streamed[index]?.push(data.data.decisionRecorded.id);
    })().catch(() => undefined);
  }
  await untilSubscribed(server, 4);
  expect(await figure(server, 'midwatch_live_groups')).toBe(2);
  await Promise.all(
    fleets.map(async (fleet) => {
      for (let batch = 0; batch < 10; batch += 1) await recordIds(server, idsOf(`${fleet}-${batch}`, 20), { fleet });
    }),
  );
  for (const [index, fleet] of fleets.entries()) {
    const own = Array.from({ length: 10 }, (_, batch) => idsOf(`${fleet}-${batch}`, 20)).flat();
    await until(() => sockets[index]?.ids('all').length === 200 && streamed[index]?.length === 200);
    expect(sockets[index]?.ids('all')).toEqual(own);
    expect(streamed[index]).toEqual(own);
  }
  stop.abort();
  for (const { socket } of sockets) socket.terminate();
  await untilSubscribed(server, 0);
});

test('equal subscriptions share one execution, and viewers who may see different things never do', async () => {
  const query = 'subscription { decisionRecorded { id input } }';
  const roles = ['VIEWER', 'VIEWER', 'OPERATOR', 'OPERATOR'] as const;
  const clients = await Promise.all(roles.map(async (role) => openSocket(server, await credentials('content', role))));
  for (const [index, client] of clients.entries()) client.subscribe(`operation-${index}`, query);
  await untilSubscribed(server, 4);
  expect(await figure(server, 'midwatch_live_groups')).toBe(2);
  await recordIds(server, ['secret'], { fleet: 'content', input: 'a secret' });
  for (const [index, client] of clients.entries()) {
    const { id, payload } = await until(() => client.messages[1]);
    expect(id).toBe(`operation-${index}`);
    const mayRead = roles[index] === 'OPERATOR';
    expect(payload.data.decisionRecorded).toEqual({ id: 'secret', input: mayRead ? 'a secret' : null });
    expect(payload.errors?.[0].extensions.code).toBe(mayRead ? undefined : 'FORBIDDEN');
    client.socket.terminate();
  }
  await untilSubscribed(server, 0);
});

test('a client that stops reading is dropped, costs little memory, and harms nobody', async () => {
  const query = 'subscription { decisionRecorded { id input } }';
  const input = 'x'.repeat(60_000);
  const [stalled, healthy] = await Promise.all([
    openSocket(server, await credentials('slow', 'OPERATOR')),
    openSocket(server, await credentials('slow', 'OPERATOR')),
  ]);
  stalled.subscribe('s', query);
  healthy.subscribe('h', query);
  await untilSubscribed(server, 2);
  stalled.socket.pause();
  const unsentBytes: number[] = [];
  for (let batch = 0; batch < 30; batch += 1) {
    await recordIds(server, idsOf(`slow-${batch}`, 20), { fleet: 'slow', input });
    unsentBytes.push(await figure(server, 'midwatch_live_unsent_bytes'));
  }
  await until(() => healthy.ids('h').length === 600);
  await until(async () => (await figure(server, 'midwatch_live_slow_clients_total')) === 1, 30_000);
  await untilSubscribed(server, 1);
  // 36 MB were to be sent to it.
  expect(Math.max(...unsentBytes)).toBeGreaterThan(60_000);
  expect(Math.max(...unsentBytes)).toBeLessThan(3_000_000);
  stalled.socket.resume();
  expect([1006, 1013]).toContain((await stalled.closed).code);
  const last = stalled.ids('s').at(-1) ?? 'slow-0-0';
  const resumed = await openSocket(server, await credentials('slow', 'OPERATOR'));
  resumed.subscribe('r', 'subscription R($after: ID) { decisionRecorded(after: $after) { id } }', { after: last });
  const rest = healthy.ids('h').slice(healthy.ids('h').indexOf(last) + 1);
  await until(() => resumed.ids('r').length >= rest.length);
  expect(resumed.ids('r')).toEqual(rest);
  healthy.socket.terminate();
  resumed.socket.terminate();
}, 60_000);
