import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkLedger } from '../support/ledger.js';
import { agentTrace, traceRequest } from '../support/otlp.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type DatabaseProxy, startProxy } from '../support/proxy.js';
import { startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

/** By then every request has its answer, whatever the link does. */
const ANSWER_MS = 25_000;

let database: TestDatabase;
let proxy: DatabaseProxy;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  proxy = await startProxy(database.url);
  server = await startServer({ databaseUrl: proxy.url });
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

interface Sent {
  traceId: string;
  body: string;
}

function newRequest(): Sent {
  const spans = agentTrace();
  return { traceId: spans[0]?.traceId ?? '', body: traceRequest(spans) };
}

async function isSealed({ traceId }: Sent): Promise<boolean> {
  const { rows } = await database.pool.query('SELECT FROM decision WHERE trace_id = $1', [traceId]);
  return rows.length === 1;
}

const statusOf = async (path: string) => (await fetch(`${server.url}${path}`)).status;

describe.sequential.each([['refused'], ['frozen']] as const)('while the link to the database is %s', (state) => {
  it('requests are answered 503 with Retry-After, and are taken again when it is back', {
    timeout: 90_000,
  }, async () => {
    const before = newRequest();
    expect((await server.send(before.body)).status).toBe(200);
    await until(() => isSealed(before));

    await proxy.set(state);
    const refused = [newRequest(), newRequest(), newRequest()];
    const answers = refused.map(async ({ body }, index) => {
      // One after another, so that the later ones meet the first one's wait.
      if (index > 0) await until(async () => (await statusOf('/readyz')) === 503, ANSWER_MS);
      const sentMs = Date.now();
      const response = await server.send(body);
      expect(Date.now() - sentMs).toBeLessThan(ANSWER_MS);
      return response;
    });
    expect(await statusOf('/healthz')).toBe(200);
    for (const response of await Promise.all(answers)) {
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(5);
      expect(await response.json()).toEqual({ code: 14, message: expect.any(String) });
    }
    expect(await statusOf('/readyz')).toBe(503);
    expect(await statusOf('/healthz')).toBe(200);

    await proxy.set('open');
    await until(async () => (await statusOf('/readyz')) === 200);
    for (const request of refused) {
      await until(async () => (await server.send(request.body)).status === 200, ANSWER_MS);
      await until(() => isSealed(request), ANSWER_MS);
    }
    expect(server.process.exitCode).toBeNull();
  });
});

it.each(['refused', 'frozen'] as const)('a stop does not wait for a link that is %s', async (state) => {
  await server.stop();
  const link = await startProxy(database.url);
  const stopped = await startServer({ databaseUrl: link.url });
  await stopped.send(newRequest().body);
  await link.set(state);
  const startedMs = Date.now();
  expect(await stopped.stop()).toBe(0);
  expect(Date.now() - startedMs).toBeLessThan(10_000);
  await link.close();
});

it('nothing was sealed twice, and the ledger is whole', async () => {
  const entries = (await checkLedger(database.pool, 'default')).filter(({ kind }) => kind === 'DECISION');
  const { rows } = await database.pool.query('SELECT id FROM decision');
  expect(entries.map(({ subject }) => subject).sort()).toEqual(rows.map(({ id }) => id).sort());
});
