import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { untilTrace } from '../support/decisions.js';
import { agentTrace, newSpanId, newTraceId, traceRequest } from '../support/otlp.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url, env: { MIDWATCH_SETTLE_MS: '60000' } });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

test.each([
  ['tokens beyond any count', { 'gen_ai.usage.input_tokens': '9223372036854775807' }],
  ['tokens as a number no integer holds', { 'gen_ai.usage.input_tokens': '1e300' }],
  ['a name no index could hold', { 'gen_ai.agent.name': 'a'.repeat(900_000) }],
  ['a queue time beyond any clock', { 'midwatch.queue_ms': '1e30' }],
  ['NUL and half a surrogate pair', { 'gen_ai.input.messages': 'before\u0000after \ud800 end' }],
])('what was answered 200 is sealed: %s', async (_what, attributes) => {
  const traceId = newTraceId();
  const spans = agentTrace({ traceId }).map((span) => ({ ...span, attributes: { ...span.attributes, ...attributes } }));
  expect((await server.send(traceRequest(spans))).status).toBe(200);
  const [decision] = await untilTrace(server, traceId, (decisions) => decisions.length === 1);
  expect(decision?.complete).toBe(true);
});

/** A megabyte of prompt on a span whose parent never comes: it has to be kept until the settle time. */
function heavyRequest(): Uint8Array<ArrayBuffer> {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.input.messages': 'x'.repeat(900_000),
    'gen_ai.output.messages': 'y'.repeat(900_000),
  };
  const spans = Array.from({ length: 4 }, () => ({
    name: 'chat',
    traceId: newTraceId(),
    spanId: newSpanId(),
    parentSpanId: newSpanId(),
    attributes,
  }));
  return new Uint8Array(gzipSync(traceRequest(spans)));
}

test('memory stays bounded when what was acknowledged cannot be sealed yet: then requests are refused, retryably', async () => {
  let accepted = 0;
  for (;;) {
    const response = await server.send(heavyRequest(), { headers: { 'content-encoding': 'gzip' } });
    if (response.status !== 200) {
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      break;
    }
    accepted += 1;
    expect(accepted).toBeLessThan(200);
  }
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1]);
  expect(peakKb).toBeLessThan(2_500_000);
});
