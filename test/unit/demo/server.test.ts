import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probe } from '../../../src/demo/server.js';

interface Answer {
  status: number;
  body: string;
}

let answer: Answer = { status: 200, body: '{}' };
const received: http.IncomingMessage[] = [];
const server = http.createServer((request, response) => {
  received.push(request);
  request.resume();
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
});
let url = '';
const probeServer = () => probe({ url, headers: { authorization: 'Bearer key', 'x-fleet-id': 'north' } });

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  url = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
});
afterAll(async () => {
  if (server.listening) await new Promise((resolve) => server.close(resolve));
});

describe('looking for a server', () => {
  it('finds one that takes an empty request with the credential and the fleet', async () => {
    answer = { status: 200, body: '{}' };
    expect(await probeServer()).toBe('ready');
    expect(received.at(-1)).toMatchObject({
      url: '/v1/traces',
      headers: { authorization: 'Bearer key', 'x-fleet-id': 'north' },
    });
  });

  it.each([
    [{ status: 401, body: '{"code":16,"message":"the token has expired"}' }, /401: the token has expired \(--key/],
    [{ status: 404, body: '{"code":5,"message":"there is no fleet north"}' }, /404: there is no fleet north$/],
    [{ status: 502, body: 'Bad Gateway' }, /502: Bad Gateway$/],
  ])('passes on why one refuses: %o', async (refusal, message) => {
    answer = refusal;
    await expect(probeServer()).rejects.toThrow(message);
  });

  it('sees that there is none', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await probeServer()).toBe('absent');
  });
});
