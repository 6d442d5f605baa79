import { GraphQLError } from 'graphql';
import type { Clock } from '../../clock.js';
import type { Delivery, Sink } from '../delivery.js';
import type { Caller, OperationRequest } from '../operation.js';
import type { Outlet } from '../outlet.js';
import { CLOSE, type CloseCode, closeForRefusal } from './close-code.js';
import {
  type ClientMessage,
  CONNECTION_ACK,
  openNext,
  PONG,
  readMessage,
  writeComplete,
  writeError,
  writeNext,
} from './message.js';
import { MessageBudget } from './message-budget.js';

export interface ConnectionOptions {
  delivery: Delivery;
  clock: Clock;
  outlet: Outlet;
  /** Sends messages, in one write. */
  send: (...messages: readonly string[]) => void;
  close: (code: CloseCode, reason: string) => void;
  /** Proves who the client is by the payload of its `connection_init`; throws a refusal. */
  admit: (payload: Record<string, unknown>) => Promise<Caller>;
}

const INIT_WAIT_MS = 3_000;
const OPERATIONS_MAX = 50;

/** The server's side of graphql-transport-ws on one socket (graphql-ws, PROTOCOL.md). */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #budget: MessageBudget;
  readonly #initTimer: NodeJS.Timeout;
  readonly #operations = new Map<string, AbortController>();
  #isInitialised = false;
  #isEnded = false;
  #caller: Caller | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#budget = new MessageBudget(options.clock);
    this.#initTimer = setTimeout(() => {
      options.close(CLOSE.INITIALISATION_TIMEOUT, 'Connection initialisation timeout');
    }, INIT_WAIT_MS);
  }

  receive(text: string): void {
    if (this.#isEnded || !this.countMessage()) return;
    const message = readMessage(text);
    if (message === null) this.#options.close(CLOSE.BAD_REQUEST, 'not a message of graphql-transport-ws');
    else this.#handle(message);
  }

  /** Counts a message against what a client may send, and closes the socket when that is too many. */
  countMessage(): boolean {
    const isWithin = this.#budget.spend();
    if (!isWithin) this.#options.close(CLOSE.POLICY_VIOLATION, 'too many messages');
    return isWithin;
  }

  /** To be called when the socket closes, whoever closed it. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#initTimer);
    for (const operation of this.#operations.values()) operation.abort();
    this.#operations.clear();
  }

  #handle(message: ClientMessage): void {
    switch (message.type) {
      case 'connection_init':
        void this.#initialise(message.payload ?? {});
        return;
      case 'ping':
        this.#options.send(PONG);
        return;
      case 'pong':
        return;
      case 'subscribe':
        this.#subscribe(message);
        return;
      case 'complete':
        this.#operations.get(message.id)?.abort();
        this.#operations.delete(message.id);
    }
  }

  async #initialise(payload: Record<string, unknown>): Promise<void> {
    const { admit, close, send } = this.#options;
    clearTimeout(this.#initTimer);
    if (this.#isInitialised) {
      close(CLOSE.TOO_MANY_INITIALISATION_REQUESTS, 'Too many initialisation requests');
      return;
    }
    this.#isInitialised = true;
    try {
      const caller = await admit(payload);
      if (this.#isEnded) return;
      this.#caller = caller;
      send(CONNECTION_ACK);
    } catch (error) {
      const { code, reason } = closeForRefusal(error);
      close(code, reason);
    }
  }

  #subscribe({ id, payload }: Extract<ClientMessage, { type: 'subscribe' }>): void {
    const { close, send } = this.#options;
    const caller = this.#caller;
    if (caller === null) close(CLOSE.UNAUTHORIZED, 'Unauthorized');
    else if (this.#operations.has(id)) close(CLOSE.SUBSCRIBER_ALREADY_EXISTS, `Subscriber for ${id} already exists`);
    else if (this.#operations.size >= OPERATIONS_MAX) send(writeError(id, [tooManyOperations()]));
    else this.#run(id, payload, caller);
  }

  #run(id: string, request: OperationRequest, caller: Caller): void {
    const operation = new AbortController();
    this.#operations.set(id, operation);
    const sink = this.#sinkOf(id, operation);
    void this.#options.delivery.deliver({ request, caller, sink, signal: operation.signal });
  }

  #sinkOf(id: string, operation: AbortController): Sink {
    const { outlet, send } = this.#options;
    const opening = openNext(id);
    const finish = (text: string) => {
      if (this.#operations.get(id) === operation) this.#operations.delete(id);
      if (!operation.signal.aborted) send(text);
    };
    return {
      outlet,
      next: (payloads) => send(...payloads.map((payload) => writeNext(opening, payload))),
      refuse: (errors) => finish(writeError(id, errors)),
      complete: () => finish(writeComplete(id)),
    };
  }
}

function tooManyOperations(): GraphQLError {
  const message = `a socket carries at most ${OPERATIONS_MAX} operations at a time: complete one, or open another`;
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } });
}
