import { signal } from '@preact/signals';
import { type Client, createClient } from 'graphql-ws';
import { Failure } from './failure.js';
import type { Operation } from './operation.js';
import { endSession } from './session.js';

export type Connection = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'refused';

/** Whether events come as they happen; idle until something is followed. */
export const connection = signal<Connection>('idle');
/** When the server was last heard of, by an answer, an event or a heartbeat: how old what is on the screen may be. */
export const heardAtMs = signal(0);

const HEARTBEAT_MS = 10_000;
const HEARTBEAT_WAIT_MS = 5_000;
const RETRY_MS_MAX = 10_000;
/** The credential is refused, or has expired: coming again does not help. */
const FORBIDDEN = 4403;
/** The last that was followed is followed no more. */
const UNUSED = 1000;
const AFTER_CLOSE: ReadonlyMap<number, Connection> = new Map([
  [FORBIDDEN, 'refused'],
  [UNUSED, 'idle'],
]);

let client: Client | null = null;
let clientFleet: string | null = null;

export function noteAnswer(): void {
  heardAtMs.value = Date.now();
}

/** One socket carries everything that a page follows; it is opened by the first that follows something. */
function clientOf(fleetId: string): Client {
  if (client !== null && clientFleet === fleetId) return client;
  void client?.dispose();
  clientFleet = fleetId;
  let socket: WebSocket | null = null;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  client = createClient({
    url: '/graphql',
    connectionParams: { 'x-fleet-id': fleetId },
    keepAlive: HEARTBEAT_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: waitBefore,
    on: {
      connecting: () => {
        connection.value = connection.value === 'idle' ? 'connecting' : 'reconnecting';
      },
      connected: (opened) => {
        socket = opened as WebSocket;
        connection.value = 'live';
        noteAnswer();
      },
      closed: (event) => {
        clearTimeout(deadline);
        const { code } = event as CloseEvent;
        connection.value = AFTER_CLOSE.get(code) ?? 'reconnecting';
        if (code === FORBIDDEN) endSession();
      },
      ping: (isReceived) => {
        if (isReceived) return;
        // A connection that died without a word is closed here: the network tells nobody for minutes.
        deadline = setTimeout(() => socket?.close(4408, 'no heartbeat'), HEARTBEAT_WAIT_MS);
      },
      pong: (isReceived) => {
        if (!isReceived) return;
        clearTimeout(deadline);
        noteAnswer();
      },
      message: noteAnswer,
    },
  });
  return client;
}

/** The first retry is at once, later ones further apart, and not all pages at the same time. */
async function waitBefore(retries: number): Promise<void> {
  const waitMs = Math.min(RETRY_MS_MAX, 250 * 2 ** retries) * (0.5 + Math.random() / 2);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, retries === 0 ? 0 : waitMs);
    // Whoever comes back to the network or to the page need not wait.
    window.addEventListener('online', done, { once: true });
    document.addEventListener('visibilitychange', done, { once: true });
    function done() {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', done);
      resolve();
    }
  });
}

export interface Following<Data, Variables> {
  fleet: string;
  operation: Operation<Data, Variables>;
  variables: Omit<Variables, 'after'>;
  /** After which event or place to begin; null: the stream begins with how things are. */
  after: string | null;
  /** What to go on after when the connection was lost in between. */
  placeOf: (data: Data) => string;
  onEvent: (data: Data) => void;
  onFailure: (failure: Failure) => void;
}

/** Follows a subscription over as many connections as it takes, without a loss; returns what ends it. */
export function follow<Data, Variables>({
  fleet: fleetId,
  operation,
  variables,
  after,
  placeOf,
  onEvent,
  onFailure,
}: Following<Data, Variables>): () => void {
  let place = after;
  const sent = { ...variables };
  // A getter: the same variables are sent again after a reconnect, and say then what was seen by that time.
  Object.defineProperty(sent, 'after', { enumerable: true, get: () => place });
  return clientOf(fleetId).subscribe<Data>(
    { query: operation, variables: sent },
    {
      next: ({ data, errors }) => {
        if (errors?.[0] !== undefined) onFailure(new Failure('INTERNAL', errors[0].message));
        if (data === null || data === undefined) return;
        place = placeOf(data);
        onEvent(data);
      },
      error: (error) => {
        const [first] = Array.isArray(error) ? error : [];
        if (first !== undefined) onFailure(new Failure(first.extensions?.code ?? 'INTERNAL', first.message));
      },
      complete: () => undefined,
    },
  );
}
