import { GraphQLError, OperationTypeNode } from 'graphql';
import type { Log } from '../log.js';
import type { EventSource, RecordedEvent } from './event-source.js';
import { Group, type Member } from './group.js';
import { Groups } from './groups.js';
import {
  anonymize,
  type Caller,
  type Executor,
  type Operation,
  type OperationRequest,
  type Refused,
} from './operation.js';
import type { Outlet } from './outlet.js';
import { pause } from './pause.js';
import { Payload, type PlacedPayload, slicePayloads } from './payload.js';
import { identify, withoutResume } from './shared-operation.js';

/** Where the results of one operation go. */
export interface Sink {
  outlet: Pick<Outlet, 'isBehind' | 'drained'>;
  next(payloads: readonly Payload[]): void;
  /** The operation was not run; nothing follows. */
  refuse(errors: readonly GraphQLError[]): void;
  /** There are no more results; nothing follows. */
  complete(): void;
}

export interface Delivered {
  request: OperationRequest;
  caller: Caller;
  sink: Sink;
  /** Ends the operation when it is aborted; nothing goes to the sink then. */
  signal: AbortSignal;
}

const RETRY_MS = 1_000;

/**
 * Runs operations and delivers their results. Subscriptions share: one execution for each event and each (document,
 * variables, fleet, what the viewer may do), whose bytes go to everybody. Each subscriber is caught up from the record
 * by a pull of its own, at its own speed, until it stands where its group stands; one that falls behind goes back to
 * that, so a slow subscriber costs the others nothing and loses nothing.
 */
export class Delivery {
  readonly #executor: Executor;
  readonly #log: Log;
  readonly #groups = new Groups<Refused>();
  #subscriptions = 0;

  constructor({ executor, log }: { executor: Executor; log: Log }) {
    this.#executor = executor;
    this.#log = log;
  }

  /** Subscriptions that were accepted and go on: whatever is recorded now reaches them. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  get groups(): number {
    return this.#groups.size;
  }

  /** What an operation is; null when its document is not valid, which running it says. */
  kindOf(request: OperationRequest, caller: Caller): OperationTypeNode | null {
    const operation = this.#executor.prepare(request, caller);
    return 'errors' in operation ? null : operation.kind;
  }

  /** Resolves when the operation is over. */
  async deliver(delivered: Delivered): Promise<void> {
    try {
      await this.#run(delivered);
    } catch (error) {
      this.#log.error({ err: error instanceof Error ? error.stack : String(error) }, 'an operation failed');
      if (delivered.signal.aborted) return;
      const message = 'something went wrong here; it has been logged';
      delivered.sink.refuse([new GraphQLError(message, { extensions: { code: 'INTERNAL' } })]);
    }
  }

  async #run({ request, caller, sink, signal }: Delivered): Promise<void> {
    const operation = this.#executor.prepare(request, caller);
    if ('errors' in operation) return sink.refuse(operation.errors);
    if (operation.kind === OperationTypeNode.SUBSCRIPTION) {
      return this.#subscribe(operation, { caller, sink, signal });
    }
    const result = await this.#executor.execute(operation, caller, signal);
    if (signal.aborted) return;
    sink.next([new Payload(result)]);
    sink.complete();
  }

  async #subscribe(operation: Operation, { caller, sink, signal }: Omit<Delivered, 'request'>): Promise<void> {
    const source = await this.#executor.openSource(operation, caller, signal);
    if (signal.aborted) return;
    if ('errors' in source) return sink.refuse(source.errors);
    // What is shared is made for nobody in particular: each is told of here, by name.
    const untold = await this.#executor.tellOfContent(operation, caller);
    if (signal.aborted) return;
    if (untold !== null) return sink.refuse(untold.errors);
    const shared = withoutResume(operation);
    const { scope, caller: anonymous } = anonymize(caller);
    const executeEvents: ExecuteEvents = async (events) => {
      const results = await this.#executor.executeEvents(shared, anonymous, events);
      return results.map(({ seq, result }) => ({ seq, payload: new Payload(result) }));
    };
    const create = () => this.#createGroup(shared, anonymous, executeEvents);
    this.#subscriptions += 1;
    try {
      await this.#groups.with(JSON.stringify([caller.fleet, scope, identify(shared)]), create, async (group) => {
        if ('errors' in group) return sink.refuse(group.errors);
        return follow(group, { source, sink, signal, executeEvents, log: this.#log });
      });
    } finally {
      this.#subscriptions -= 1;
    }
  }

  async #createGroup(operation: Operation, caller: Caller, execute: ExecuteEvents): Promise<Group | Refused> {
    const source = await this.#executor.openSource(operation, caller, new AbortController().signal);
    return 'errors' in source ? source : new Group({ source, execute, log: this.#log });
  }
}

type ExecuteEvents = (events: readonly RecordedEvent[]) => Promise<PlacedPayload[]>;

interface Subscriber {
  source: EventSource;
  executeEvents: ExecuteEvents;
  sink: Sink;
  signal: AbortSignal;
  log: Log;
}

/** Resolves on abort. */
async function follow(group: Group, subscriber: Subscriber): Promise<void> {
  const { source, sink, signal, log } = subscriber;
  const { outlet } = sink;
  const member: Member = {
    afterSeq: source.afterSeq,
    isBehind: () => outlet.isBehind,
    next: (payloads) => sink.next(payloads),
  };
  while (!signal.aborted) {
    // Nothing is awaited between the question and the answer, so nothing falls in between.
    if (member.afterSeq >= group.reachedSeq && !outlet.isBehind) {
      await group.attend(member, signal);
      continue;
    }
    await outlet.drained();
    try {
      await catchUp(member, { untilSeq: group.reachedSeq, subscriber });
    } catch (error) {
      log.warn({ err: String(error) }, 'a subscriber cannot be caught up from the record: trying again');
      await pause(RETRY_MS, signal);
    }
  }
}

/** Sends what was recorded up to `untilSeq` and the member has not got, no faster than its connection takes it. */
async function catchUp(
  member: Member,
  { untilSeq, subscriber }: { untilSeq: number; subscriber: Subscriber },
): Promise<void> {
  const { source, sink, signal, executeEvents } = subscriber;
  for await (const events of source.readPages({ afterSeq: member.afterSeq, untilSeq, signal })) {
    for (const slice of slicePayloads(await executeEvents(events))) {
      await sink.outlet.drained();
      if (signal.aborted) return;
      sink.next(slice.map(({ payload }) => payload));
      member.afterSeq = slice.at(-1)?.seq ?? member.afterSeq;
    }
  }
  member.afterSeq = Math.max(member.afterSeq, untilSeq);
}
