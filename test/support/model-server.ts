import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Reaction } from './receiver-server.js';

export interface ModelRequest {
  path: string;
  headers: IncomingHttpHeaders;
  /** The messages' contents, one after another. */
  prompt: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever is asked
  body: any;
}

export interface ModelServer {
  url: string;
  requests: ModelRequest[];
  /** What comes of each request, which is the last of `requests`. */
  react: (request: ModelRequest) => Reaction | Promise<Reaction>;
  /** Most requests that waited for their answer at once. */
  inFlightMax: number;
  close(): Promise<void>;
}

/** A chat completion that says what the model wrote. */
export function completion(content: string): Reaction {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ choices }) };
}

export function opinion(score: number, ...unsupported: string[]): Reaction {
  return completion(JSON.stringify({ unsupported, score }));
}

/** An API like OpenAI's on loopback that replies as the test says. */
export async function startModel(): Promise<ModelServer> {
  const state: ModelServer = {
    url: '',
    requests: [],
    react: () => opinion(0),
    inFlightMax: 0,
    close: async () => undefined,
  };
  let inFlight = 0;
  const server = createServer(async (incoming, response) => {
    inFlight += 1;
    state.inFlightMax = Math.max(state.inFlightMax, inFlight);
    response.on('close', () => {
      inFlight -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const prompt = body.messages.map(({ content }: { content: string }) => content).join('\n\n');
    const request = { path: incoming.url ?? '', headers: incoming.headers, prompt, body };
    state.requests.push(request);
    const reaction = await state.react(request);
    if (reaction !== 'hang') response.writeHead(reaction.status, reaction.headers).end(reaction.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return state;
}
