import type { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { Payload } from '../payload.js';

/** The one subprotocol that is spoken: graphql-ws, PROTOCOL.md. */
export const SUBPROTOCOL = 'graphql-transport-ws';

const members = z.record(z.string(), z.unknown());
const id = z.string().min(1).max(256);

const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('connection_init'), payload: members.nullish() }),
  z.object({ type: z.literal('ping'), payload: members.nullish() }),
  z.object({ type: z.literal('pong'), payload: members.nullish() }),
  z.object({
    type: z.literal('subscribe'),
    id,
    payload: z.object({
      query: z.string(),
      operationName: z.string().nullish(),
      variables: members.nullish(),
      extensions: members.nullish(),
    }),
  }),
  z.object({ type: z.literal('complete'), id }),
]);

export type ClientMessage = z.infer<typeof clientMessage>;

/** Null when it is no message of the protocol. */
export function readMessage(text: string): ClientMessage | null {
  try {
    return clientMessage.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Not JSON.
    return null;
  }
}

export const CONNECTION_ACK = '{"type":"connection_ack"}';
export const PONG = '{"type":"pong"}';

/** What stands before the payload in each `next` of an operation; the shared payload and a brace complete it. */
export function openNext(operationId: string): string {
  return `{"id":${JSON.stringify(operationId)},"type":"next","payload":`;
}

export function writeNext(opening: string, payload: Payload): string {
  return `${opening}${payload.json}}`;
}

export function writeError(operationId: string, errors: readonly GraphQLError[]): string {
  return JSON.stringify({ id: operationId, type: 'error', payload: errors });
}

export function writeComplete(operationId: string): string {
  return JSON.stringify({ id: operationId, type: 'complete' });
}
