import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { TestServer } from './server.js';
import { until } from './wait.js';

// biome-ignore lint/suspicious/noExplicitAny: messages are read freely in tests
export type Message = any;

/** A WebSocket to the server as a test holds it: nothing is done that the protocol leaves to the client. */
export interface TestSocket {
  socket: WebSocket;
  messages: Message[];
  /** The ids of the decisions that came for an operation, in the order they came. */
  ids(operation: string): string[];
  send(message: object | string): void;
  subscribe(id: string, query: string, variables?: object): void;
  /** Resolves to the code and the reason it was closed with. */
  closed: Promise<{ code: number; reason: string }>;
}

export function socketUrl(server: TestServer): string {
  return `${server.url.replace('http', 'ws')}/graphql`;
}

/** Opens a socket; with a payload it is initialised too. */
export async function openSocket(server: TestServer, payload?: object, headers = {}): Promise<TestSocket> {
  const socket = new WebSocket(socketUrl(server), 'graphql-transport-ws', { headers });
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
  const send = (message: object | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  await once(socket, 'open');
  if (payload !== undefined) {
    send({ type: 'connection_init', payload });
    await Promise.race([until(() => messages[0]?.type === 'connection_ack'), closed]);
  }
  return {
    socket,
    messages,
    ids: (operation) =>
      messages
        .filter(({ id, type }) => id === operation && type === 'next')
        .map(({ payload: { data } }) => data.decisionRecorded.id),
    send,
    subscribe: (id, query, variables = {}) => send({ id, type: 'subscribe', payload: { query, variables } }),
    closed,
  };
}

/** Asks for an event stream; answers its events as they come. */
export async function openEventStream(
  server: TestServer,
  { query, headers, signal }: { query: string; headers: Record<string, string>; signal?: AbortSignal },
): Promise<{ response: Response; events: AsyncGenerator<{ event: string; data: Message }> }> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { response, events: readEvents(response) };
}

/** The events of an event stream as they come. */
export async function* readEvents(response: Response): AsyncGenerator<{ event: string; data: Message }> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (event !== undefined) yield { event, data: data === undefined ? null : JSON.parse(data) };
    }
  }
}

/** A figure of `/metrics`. */
export async function figure(server: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** Resolves when so many subscriptions are open: what is sealed from then on goes to all of them. */
export async function untilSubscribed(server: TestServer, count: number): Promise<void> {
  await until(async () => (await figure(server, 'midwatch_live_subscriptions')) === count);
}

const RECORD = `mutation Record($input: RecordDecisionsInput!) {
  recordDecisions(input: $input) { __typename ... on UserError { message } }
}`;

/** Records decisions with these ids, sealed when it resolves. */
export async function recordIds(
  server: TestServer,
  ids: readonly string[],
  { fleet = 'default', input }: { fleet?: string; input?: string } = {},
): Promise<void> {
  const at = new Date().toISOString();
  const decisions = ids.map((id) => ({ id, agent: 'triage', startedAt: at, endedAt: at, input }));
  const { data, errors } = await server.graphql<Message>(RECORD, { input: { decisions } }, { 'x-fleet-id': fleet });
  if (data?.recordDecisions.__typename !== 'RecordDecisionsSuccess') throw new Error(JSON.stringify(errors ?? data));
}

export const idsOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
