import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { openEventStream, socketUrl, untilSubscribed } from '../support/live.js';
import { newSpanId, newTraceId, type TestSpan, traceRequest } from '../support/otlp.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

interface SeenAnomaly {
  id: string;
  kind: string;
  severity: string;
  summary: string;
  agent: { name: string } | null;
  decision: { id: string } | null;
}
const FIELDS = 'id kind severity summary agent { name } decision { id }';

/** A run of one agent that asks the same again and again: its root, and its calls in the order they ended. */
function loopingRun(calls: number, argumentsOf: (call: number) => object): { root: TestSpan; tools: TestSpan[] } {
  const traceId = newTraceId();
  const root: TestSpan = {
    traceId,
    spanId: newSpanId(),
    name: 'invoke_agent refunds',
    startMs: 0,
    endMs: 1_000 * (calls + 1),
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'refunds' },
  };
  const tools = Array.from(
    { length: calls },
    (_, call): TestSpan => ({
      traceId,
      spanId: newSpanId(),
      parentSpanId: root.spanId,
      name: 'execute_tool search_orders',
      startMs: 1_000 * call + 100,
      endMs: 1_000 * call + 200,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.agent.name': 'refunds',
        'gen_ai.tool.name': 'search_orders',
        'gen_ai.tool.call.arguments': JSON.stringify(argumentsOf(call)),
        'gen_ai.tool.call.result': JSON.stringify({ orders: [], asked: argumentsOf(call) }),
      },
    }),
  );
  return { root, tools };
}

const BASE_MS = Date.now() - 60_000;

async function send(...spans: TestSpan[]): Promise<void> {
  expect((await server.send(traceRequest(spans, BASE_MS))).status).toBe(200);
}

async function listed(): Promise<SeenAnomaly[]> {
  const { data } = await server.graphql<{ anomalies: { nodes: SeenAnomaly[] } }>(
    `{ anomalies(first: 50) { nodes { ${FIELDS} } } }`,
  );
  return data?.anomalies.nodes ?? [];
}

test('a loop is told while it runs, once, and known by its decision when that is sealed', async () => {
  const client = createClient({
    url: socketUrl(server),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${await server.token(['VIEWER'])}`, 'x-fleet-id': 'default' },
  });
  const seen: SeenAnomaly[] = [];
  const following = (async () => {
    const results = client.iterate<{ anomalyDetected: SeenAnomaly }>({
      query: `subscription { anomalyDetected(filter: { kinds: [LOOP] }) { ${FIELDS} } }`,
    });
    for await (const { data } of results) if (data) seen.push(data.anomalyDetected);
  })();
  await untilSubscribed(server, 1);

  const { root, tools } = loopingRun(10, () => ({ customer: 'C-17' }));
  await send(...tools.slice(0, 5));
  await until(() => seen.length > 0);
  expect(seen).toMatchObject([{ kind: 'LOOP', severity: 'WARNING', decision: null }]);
  expect(seen[0]?.summary).toContain('search_orders');
  await send(...tools.slice(5), root);
  await until(async () => (await listed()).some(({ decision }) => decision !== null));
  expect(await listed()).toMatchObject([
    { id: seen[0]?.id, severity: 'CRITICAL', agent: { name: 'refunds' }, decision: { id: expect.any(String) } },
  ]);

  // Whoever waits for what is critical was not told yet.
  const { events } = await openEventStream(server, {
    query: `subscription { anomalyDetected(filter: { severities: [CRITICAL] }, after: "${seen[0]?.id}") { id } }`,
    headers: { authorization: `Bearer ${await server.token(['VIEWER'])}`, 'x-fleet-id': 'default' },
  });
  await untilSubscribed(server, 2);
  const other = loopingRun(10, () => ({ customer: 'C-18' }));
  await send(...other.tools, other.root);
  await until(() => seen.length > 1);
  expect(seen.map(({ id }) => id)).toEqual(['Anomaly:1', seen[1]?.id]);
  expect(seen[1]).toMatchObject({
    severity: 'CRITICAL',
    agent: { name: 'refunds' },
    decision: { id: expect.any(String) },
  });
  const next = await events.next();
  expect(next.value?.data.data.anomalyDetected.id).toBe(seen[1]?.id);
  await events.return(undefined);
  await client.dispose();
  await following;
});

test('a run that gets on is no loop', async () => {
  const before = (await listed()).length;
  const { root, tools } = loopingRun(10, (call) => ({ customer: 'C-17', page: `p${call}${'x'.repeat(call)}` }));
  await send(...tools, root);
  await until(async () => {
    const { data } = await server.graphql<{ trace: { decisions: unknown[] } | null }>(
      `{ trace(traceId: "${root.traceId}") { decisions { id anomalies { id } } } }`,
    );
    return data?.trace?.decisions.length === 1;
  });
  expect(await listed()).toHaveLength(before);
});
