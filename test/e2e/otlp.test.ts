import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { agentTrace, newSpanId, newTraceId, type TestSpan, traceRequest } from '../support/otlp.js';
import { otlpRoot } from '../support/otlp-schema.js';
import { wireRequest, wireSpan } from '../support/otlp-wire.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type SendOptions, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const MIB = 1024 * 1024;
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const Status = otlpRoot().lookupType('RpcStatus');

let database: TestDatabase;
let server: TestServer;
let apiKey: string;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url });
  const { data } = await server.graphql<{ createApiKey: { key: string } }>(
    'mutation { createApiKey(input: { name: "agents", role: INGEST }) { ... on CreateApiKeySuccess { key } } }',
  );
  apiKey = data.createApiKey.key;
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

type Body = Uint8Array<ArrayBuffer>;

const bytesOf = (...parts: Uint8Array[]): Body => new Uint8Array(Buffer.concat(parts));

function protobufRequest(traceId = newTraceId()): Body {
  const span = { traceId: Buffer.from(traceId, 'hex'), spanId: Buffer.from(newSpanId(), 'hex') };
  return bytesOf(wireRequest(wireSpan(span)));
}

/** A body sent in chunks without a length. */
async function sendChunked(chunks: Iterable<Uint8Array>, headers: Record<string, string> = {}): Promise<Response> {
  const iterator = chunks[Symbol.iterator]();
  const body = new ReadableStream({
    pull: (controller) => {
      const { value, done } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await server.token()}`,
      'x-fleet-id': 'default',
      ...headers,
    },
    body,
    duplex: 'half',
  };
  return fetch(`${server.url}/v1/traces`, init);
}

async function journaled(signal: string): Promise<number> {
  const { rows } = await database.pool.query('SELECT count(*) AS rows FROM journal WHERE signal = $1', [signal]);
  return rows[0].rows;
}

const isJournaled = async (body: Uint8Array) => {
  const { rows } = await database.pool.query('SELECT FROM journal WHERE body = $1', [Buffer.from(body)]);
  return rows.length === 1;
};

/** The most memory the server has ever used. */
function peakBytes(): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe('a request of traces', () => {
  it('is answered and journaled in protobuf with an empty body, as sent', async () => {
    const body = protobufRequest();
    const response = await server.send(body, { headers: PROTOBUF });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-protobuf');
    expect((await response.arrayBuffer()).byteLength).toBe(0);
    expect(await isJournaled(body)).toBe(true);
  });

  it('is answered in JSON with an empty object', async () => {
    const response = await server.send(traceRequest(agentTrace()));
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  it.each([
    ['application/json; charset=utf-8', () => bytesOf(Buffer.from(traceRequest(agentTrace())))],
    ['Application/JSON;charset=UTF-8', () => bytesOf(Buffer.from(traceRequest(agentTrace())))],
    ['application/x-protobuf; charset=binary', () => protobufRequest()],
  ])('may say more about its content type: %s', async (contentType, make) => {
    const body = make();
    const response = await server.send(body, { headers: { 'content-type': contentType } });
    expect(response.status).toBe(200);
    expect(await isJournaled(body)).toBe(true);
  });

  it.each([
    ['protobuf', PROTOBUF, () => protobufRequest()],
    ['JSON', {}, () => bytesOf(Buffer.from(traceRequest(agentTrace())))],
  ])('may be gzipped: %s', async (_encoding, headers, make) => {
    const body = bytesOf(gzipSync(make()));
    const response = await server.send(body, { headers: { ...headers, 'content-encoding': 'gzip' } });
    expect(response.status).toBe(200);
    expect(await isJournaled(body)).toBe(true);
  });

  it('may come in chunks without a length', async () => {
    const body = Buffer.from(traceRequest(agentTrace()));
    const response = await sendChunked([body.subarray(0, 100), body.subarray(100)]);
    expect(response.status).toBe(200);
    expect(await isJournaled(body)).toBe(true);
  });

  it.each(['/api/public/otel/v1/traces', '/otel/v1/traces', '/v1/traces/', '/v1/traces?tenant=1'])(
    'may be posted to %s',
    async (path) => {
      const body = protobufRequest();
      expect((await server.send(body, { path, headers: PROTOBUF })).status).toBe(200);
      expect(await isJournaled(body)).toBe(true);
    },
  );

  it('is a success when it is empty', async () => {
    expect((await server.send(new Uint8Array(), { headers: PROTOBUF })).status).toBe(200);
    expect((await server.send('{}')).status).toBe(200);
    expect((await server.send('{"resourceSpans":[{"scopeSpans":[]}]}')).status).toBe(200);
  });

  it('is journaled once when the very same bytes come again', async () => {
    const body = protobufRequest();
    const answers = await Promise.all(Array.from({ length: 5 }, () => server.send(body, { headers: PROTOBUF })));
    answers.push(await server.send(body, { headers: PROTOBUF }));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(await isJournaled(body)).toBe(true);
  });

  it('keeps its good spans and says which were refused, and why', async () => {
    const good = agentTrace();
    const bad: TestSpan = { name: 'broken', traceId: '0'.repeat(32), spanId: newSpanId() };
    const response = await server.send(traceRequest([...good, bad]));
    expect(response.status).toBe(200);
    const { partialSuccess } = await response.json();
    expect(partialSuccess).toEqual({ rejectedSpans: '1', errorMessage: expect.stringMatching(/trace/i) });
    const steps = await until(async () => {
      const trace = await server.graphql<{ trace: { decisions: { steps: unknown[] }[] } | null }>(
        'query ($id: String!) { trace(traceId: $id) { decisions { steps { index } } } }',
        { id: good[0]?.traceId },
      );
      return trace.data.trace?.decisions[0]?.steps;
    });
    expect(steps).toHaveLength(2);
  });
});

describe('a credential', () => {
  const send = (headers: Record<string, string>) =>
    fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: traceRequest(agentTrace()),
    });

  it('may be a JWT, or an API key as Bearer, Basic or x-api-key', async () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const answers = await Promise.all([
      send({ authorization: `Bearer ${await server.token(['INGEST'], ['default'])}` }),
      send({ authorization: `Bearer ${apiKey}` }),
      send({ authorization: basic(`public:${apiKey}`) }),
      send({ authorization: basic(`${apiKey}:`) }),
      send({ 'x-api-key': apiKey }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  it('is asked for when it is missing or wrong', async () => {
    const wrong = `${apiKey.slice(0, -1)}${apiKey.endsWith('x') ? 'y' : 'x'}`;
    for (const headers of [{}, { authorization: 'Bearer nonsense' }, { 'x-api-key': wrong }]) {
      const response = await send(headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await response.json()).toEqual({ code: 16, message: expect.any(String) });
    }
  });

  it('that only reads, or is of another fleet, sends nothing', async () => {
    const before = await journaled('traces');
    const bearer = async (...claims: Parameters<TestServer['token']>) => ({
      authorization: `Bearer ${await server.token(...claims)}`,
    });
    expect((await send(await bearer(['VIEWER'], ['default']))).status).toBe(403);
    expect((await send({ ...(await bearer(['INGEST'], ['other'])), 'x-fleet-id': 'default' })).status).toBe(403);
    expect((await send({ 'x-api-key': apiKey, 'x-fleet-id': 'other' })).status).toBe(403);
    expect((await send({ ...(await bearer()), 'x-fleet-id': 'nowhere' })).status).toBe(404);
    expect(await journaled('traces')).toBe(before);
  });
});

describe('what is refused', () => {
  const refusal = async (body: string | Body, options: SendOptions) => {
    const response = await server.send(body, options);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isProtobuf = response.headers.get('content-type') === 'application/x-protobuf';
    const detail: unknown = isProtobuf ? Status.decode(bytes).toJSON() : JSON.parse(Buffer.from(bytes).toString());
    return { status: response.status, isProtobuf, detail };
  };

  it('says so with a google.rpc.Status in the encoding of the request', async () => {
    const invalid = { code: 3, message: expect.any(String) };
    expect(await refusal('{"resourceSpans":[', {})).toEqual({ status: 400, isProtobuf: false, detail: invalid });
    const garbage = bytesOf(Buffer.from('0aff', 'hex'));
    expect(await refusal(garbage, { headers: PROTOBUF })).toEqual({ status: 400, isProtobuf: true, detail: invalid });
  });

  it('is a gzip that was cut off, or is none', async () => {
    const whole = gzipSync(protobufRequest());
    const headers = { ...PROTOBUF, 'content-encoding': 'gzip' };
    expect(await refusal(bytesOf(whole.subarray(0, -9)), { headers })).toMatchObject({ status: 400 });
    expect(await refusal(protobufRequest(), { headers })).toMatchObject({ status: 400, detail: { code: 3 } });
  });

  it('is another encoding than protobuf, JSON and gzip', async () => {
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/grpc' },
      { 'content-encoding': 'br' },
      { 'content-encoding': 'gzip, gzip' },
    ]) {
      expect(await refusal('{}', { headers }), JSON.stringify(headers)).toMatchObject({ status: 415 });
    }
  });

  it('is anything but POST, which it names', async () => {
    for (const path of ['/v1/traces', '/v1/metrics', '/otel/v1/logs']) {
      const response = await fetch(`${server.url}${path}`);
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
    expect((await server.send('{}', { path: '/v1/profiles' })).status).toBe(404);
  });

  it('is a body over the limit, whether its length is announced or not, and the client gets to know', async () => {
    const before = peakBytes();
    const announced = await server.send(new Uint8Array(65 * MIB), { headers: PROTOBUF });
    expect([announced.status, announced.headers.get('connection')]).toEqual([413, 'close']);
    expect(peakBytes() - before).toBeLessThan(50 * MIB);
    const chunk = new Uint8Array(MIB);
    const chunked = await sendChunked(Array<Uint8Array>(80).fill(chunk), PROTOBUF);
    expect([chunked.status, chunked.headers.get('connection')]).toEqual([413, 'close']);
  });

  it('is a gzip that grows a thousandfold, and memory stays flat', async () => {
    const bomb = bytesOf(gzipSync(Buffer.alloc(300_000_000)));
    const headers = { ...PROTOBUF, 'content-encoding': 'gzip' };
    const before = peakBytes();
    const answers = await Promise.all(Array.from({ length: 12 }, () => server.send(bomb, { headers })));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(413));
    expect(peakBytes() - before).toBeLessThan(256 * MIB);
  });

  it('leaves the server working', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await server.send(traceRequest(agentTrace()))).status).toBe(200);
    expect(server.stderr()).not.toMatch(/"level":(50|60)/);
  });
});

describe('logs and metrics', () => {
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'said' } }] }] }] };
  const gauge = { name: 'load', gauge: { dataPoints: [{ timeUnixNano: '1795373147612000000', asDouble: 0.5 }] } };
  const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge] }] }] };

  it.each([
    ['logs', logs],
    ['metrics', metrics],
  ])('are journaled once: %s', async (signal, body) => {
    const path = `/v1/${signal}`;
    const before = await journaled(signal);
    const response = await server.send(JSON.stringify(body), { path });
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect((await server.send(JSON.stringify(body), { path })).status).toBe(200);
    const gzip = bytesOf(gzipSync(JSON.stringify(body)));
    expect((await server.send(gzip, { path, headers: { 'content-encoding': 'gzip' } })).status).toBe(200);
    expect(await journaled(signal)).toBe(before + 2);
  });

  it.each(['logs', 'metrics'])('are refused when they are none: %s', async (signal) => {
    const before = await journaled(signal);
    expect((await server.send('[]', { path: `/v1/${signal}` })).status).toBe(400);
    const garbage = bytesOf(Buffer.from('0aff', 'hex'));
    expect((await server.send(garbage, { path: `/v1/${signal}`, headers: PROTOBUF })).status).toBe(400);
    expect(await journaled(signal)).toBe(before);
  });
});
