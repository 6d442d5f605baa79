import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { agentTrace, traceRequest } from '../support/otlp.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';

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

interface Cut {
  answer: string;
  afterMs: number;
}

/** Sends the beginning of a request, then a byte now and then, until the server has enough of it. */
async function dribble(beginning: string): Promise<Cut> {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // Being cut is what is waited for, by a reset too.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const startedMs = Date.now();
  socket.write(beginning);
  const drip = setInterval(() => socket.writable && socket.write('x'), 1_000);
  await closed;
  clearInterval(drip);
  return { answer, afterMs: Date.now() - startedMs };
}

describe('a client that sends a byte a second', () => {
  it('is cut, in its headers and in its body, and harms nobody meanwhile', async () => {
    const head = [
      'POST /v1/traces HTTP/1.1',
      'host: midwatch',
      'content-type: application/json',
      `authorization: Bearer ${await server.token()}`,
      'x-fleet-id: default',
      'content-length: 1000000',
    ].join('\r\n');
    const [inHeaders, inBody] = [
      dribble('POST /v1/traces HTTP/1.1\r\nhost: midwatch\r\nx-slow: '),
      dribble(`${head}\r\n\r\n`),
    ];
    const crowd = Array.from({ length: 200 }, () => dribble('POST /v1/traces HTTP/1.1\r\nx-slow: '));
    expect((await server.send(traceRequest(agentTrace()))).status).toBe(200);
    const headers = await inHeaders;
    expect(headers.answer).toMatch(/^HTTP\/1.1 408 /);
    expect(headers.afterMs).toBeLessThan(15_000);
    const body = await inBody;
    expect(body.answer).toMatch(/^HTTP\/1.1 408 /);
    expect(body.afterMs).toBeLessThan(40_000);
    expect((await Promise.all(crowd)).every(({ afterMs }) => afterMs < 15_000)).toBe(true);
    expect((await server.send(traceRequest(agentTrace()))).status).toBe(200);
  });
});

describe('a client that reads nothing until it has sent everything', () => {
  it.each([
    ['with a length', 'content-length: 70000000', ''],
    ['in chunks', 'transfer-encoding: chunked', '4000000\r\n'],
  ])('learns that its body is too large, %s', async (_how, framing, opening) => {
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname).pause();
    const head = `POST /v1/traces HTTP/1.1\r\nhost: midwatch\r\ncontent-type: application/json\r\n${framing}`;
    const access = `authorization: Bearer ${await server.token()}\r\nx-fleet-id: default`;
    socket.write(`${head}\r\n${access}\r\n\r\n${opening}`);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.write(Buffer.alloc(67_108_864), () => resolve());
    });
    if (opening !== '') socket.write('\r\n1000000\r\n');
    await new Promise<void>((resolve) => socket.write(Buffer.alloc(2_891_136), () => resolve()));
    const [answer] = await once(socket.resume(), 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });
});
