import { createServer, type IncomingHttpHeaders } from 'node:http';
import { freePort } from './port.js';

/** What the receiver does with a request: a status with headers and a body, or nothing at all. */
export type Reaction = { status: number; headers?: Record<string, string>; body?: string } | 'hang';

export interface ReceivedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the channel sends
  body: any;
}

export interface ReceiverServer {
  url: string;
  port: number;
  requests: ReceivedRequest[];
  /** First come, first served; then `usual`. */
  reactions: Reaction[];
  usual: Reaction;
  close(): Promise<void>;
}

/** Somebody who gets notifications over HTTP and reacts as the test says. */
export async function startReceiver(port?: number): Promise<ReceiverServer> {
  const requests: ReceivedRequest[] = [];
  const state: ReceiverServer = {
    url: '',
    port: 0,
    requests,
    reactions: [],
    usual: { status: 200 },
    close: async () => undefined,
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    requests.push({
      path: request.url ?? '',
      headers: request.headers,
      text,
      body: text === '' ? null : JSON.parse(text),
    });
    const reaction = state.reactions.shift() ?? state.usual;
    if (reaction === 'hang') return;
    response.writeHead(reaction.status, reaction.headers).end(reaction.body);
  });
  // It may come back on it, and nobody may have it in the meantime.
  const chosenPort = port ?? (await freePort());
  await new Promise<void>((resolve) => server.listen(chosenPort, '127.0.0.1', resolve));
  state.port = chosenPort;
  state.url = `http://127.0.0.1:${state.port}`;
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return state;
}
