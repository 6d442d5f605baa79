import fc from 'fast-check';
import { OperationTypeNode, parse } from 'graphql';
import { expect, test } from 'vitest';
import { Bus } from '../../src/live/bus.js';
import { Delivery, type Sink } from '../../src/live/delivery.js';
import type { EventRange, EventSource } from '../../src/live/event-source.js';
import type { Caller, Executor } from '../../src/live/operation.js';
import { createLog } from '../../src/log.js';
import { until } from '../support/wait.js';

const FLEET = 'default';
const caller: Caller = {
  viewer: { subject: 'a', roles: new Set(['VIEWER']), fleets: '*', expiresAtMs: null },
  fleet: FLEET,
};

/** A record in memory whose events are their own places; reading it takes a turn, as a database does. */
class Journal {
  readonly bus = new Bus();
  executions = 0;
  height = -1;

  publish(count: number): void {
    this.height += count;
    this.bus.announce(FLEET, this.height);
  }

  sourceAfter(afterSeq: number): EventSource {
    return {
      afterSeq,
      readPages: (range) => this.#read(range),
      [Symbol.asyncIterator]: async function* () {},
    };
  }

  async *#read({ afterSeq: from, untilSeq = Number.POSITIVE_INFINITY, signal }: EventRange) {
    let afterSeq = from;
    while (!signal.aborted && afterSeq < untilSeq) {
      await turn();
      const last = Math.min(this.height, untilSeq, afterSeq + 7);
      const page = Array.from({ length: Math.max(0, last - afterSeq) }, (_, index) => ({ seq: afterSeq + 1 + index }));
      if (page.length > 0) yield page;
      afterSeq += page.length;
    }
  }

  executor(): Executor {
    return {
      prepare: ({ variables }) => ({
        kind: OperationTypeNode.SUBSCRIPTION,
        document: parse('subscription ($after: ID) { events(after: $after) }'),
        operationName: null,
        variables: variables ?? {},
      }),
      execute: async () => ({}),
      openSource: async ({ variables }) => this.sourceAfter((variables.after as number | undefined) ?? this.height),
      tellOfContent: async () => null,
      executeEvents: async (_operation, _caller, events) => {
        await turn();
        this.executions += events.length;
        return events.map(({ seq }) => ({ seq, result: { data: { seq } } }));
      },
    };
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A subscriber whose connection can be made to fall behind. */
class Subscriber implements Sink {
  readonly seqs: number[] = [];
  readonly stop = new AbortController();
  readonly after: number;
  isBehind = false;
  readonly outlet: Sink['outlet'];

  constructor(after: number) {
    this.after = after;
    const isBehind = () => this.isBehind;
    this.outlet = {
      get isBehind() {
        return isBehind();
      },
      drained: async () => {
        do await turn();
        while (isBehind());
      },
    };
  }

  next(payloads: Parameters<Sink['next']>[0]): void {
    for (const { json } of payloads) this.seqs.push(JSON.parse(json).data.seq);
  }

  refuse(): void {}
  complete(): void {}
}

const action = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('join' as const), back: fc.integer({ min: 0, max: 30 }) }),
  fc.record({
    kind: fc.constantFrom('stall' as const, 'recover' as const, 'leave' as const),
    which: fc.nat({ max: 5 }),
  }),
);
/** What happens, and how many turns of the event loop pass before the next thing does. */
const step = fc.tuple(action, fc.nat({ max: 6 }));

test('every subscriber gets what lies beyond its start, once and in order, whoever joins, stalls and leaves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const journal = new Journal();
      const delivery = new Delivery({ executor: journal.executor(), log: createLog('silent') });
      const subscribers: Subscriber[] = [];
      const join = (after: number) => {
        const sink = new Subscriber(after);
        subscribers.push(sink);
        const request = { query: '', variables: { after } };
        void delivery.deliver({ request, caller, sink, signal: sink.stop.signal });
      };
      for (const [next, turns] of steps) {
        if (next.kind === 'publish') journal.publish(next.count);
        else if (next.kind === 'join') join(Math.max(-1, journal.height - next.back));
        else {
          const subscriber = subscribers[next.which];
          if (next.kind === 'leave') subscriber?.stop.abort();
          else if (subscriber) subscriber.isBehind = next.kind === 'stall';
        }
        for (let left = turns; left > 0; left -= 1) await turn();
      }
      for (const subscriber of subscribers) subscriber.isBehind = false;
      journal.publish(3);
      const staying = subscribers.filter(({ stop }) => !stop.signal.aborted);
      await until(() => staying.every(({ seqs, after }) => (seqs.at(-1) ?? after) >= journal.height));
      for (const { seqs, after, stop } of subscribers) {
        const expected = Array.from({ length: journal.height - after }, (_, index) => after + 1 + index);
        expect(seqs).toEqual(stop.signal.aborted ? expected.slice(0, seqs.length) : expected);
        stop.abort();
      }
      await until(() => delivery.subscriptions === 0 && delivery.groups === 0);
    }),
    { numRuns: 100 },
  );
});

test('an event is executed once for all who stand at the same place', async () => {
  const journal = new Journal();
  const delivery = new Delivery({ executor: journal.executor(), log: createLog('silent') });
  const subscribers = Array.from({ length: 20 }, () => new Subscriber(-1));
  for (const sink of subscribers) {
    void delivery.deliver({ request: { query: '' }, caller, sink, signal: sink.stop.signal });
  }
  await until(() => delivery.subscriptions === 20);
  journal.publish(50);
  await until(() => subscribers.every(({ seqs }) => seqs.length === 50));
  expect(journal.executions).toBe(50);
  for (const { stop } of subscribers) stop.abort();
});
