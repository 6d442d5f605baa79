import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '../log.js';
import type { EventSource, RecordedEvent } from './event-source.js';
import { pause } from './pause.js';
import { type Payload, type PlacedPayload, slicePayloads } from './payload.js';

/** One who gets what the group gets. */
export interface Member {
  /** The place of the last event it got: earlier ones are not for it. */
  afterSeq: number;
  isBehind(): boolean;
  next(payloads: readonly Payload[]): void;
}

export interface GroupOptions {
  source: EventSource;
  execute: (events: readonly RecordedEvent[]) => Promise<PlacedPayload[]>;
  log: Log;
}

const RETRY_MS = 1_000;
/** Sending goes on this long before other work has its turn. */
const TURN_MS = 10;

/** Subscribers to the same thing: each event is looked up, executed and serialized once for all of them. */
export class Group {
  readonly #options: GroupOptions;
  readonly #leaves = new Map<Member, () => void>();
  readonly #stopped = new AbortController();
  #reachedSeq: number;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#reachedSeq = options.source.afterSeq;
    void this.#run();
  }

  /** The place up to which its members have got everything; everything beyond is still to come. */
  get reachedSeq(): number {
    return this.#reachedSeq;
  }

  /**
   * Gives the member everything beyond `reachedSeq` from this very moment on. Resolves when it has fallen behind, or on
   * abort; the member's `afterSeq` says how far it has come.
   */
  attend(member: Member, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const leave = () => {
        this.#leaves.delete(member);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      this.#leaves.set(member, leave);
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
    });
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        this.#options.log.warn({ err: String(error) }, 'a subscription cannot read the record: trying again');
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { source, execute } = this.#options;
    for await (const events of source.readPages({ afterSeq: this.#reachedSeq, signal })) {
      const placed = await execute(events);
      let turnStartMs = performance.now();
      for (const slice of slicePayloads(placed)) {
        this.#send(slice);
        if (performance.now() - turnStartMs < TURN_MS) continue;
        await nextTurn();
        turnStartMs = performance.now();
      }
      if (signal.aborted) return;
    }
  }

  #send(slice: readonly PlacedPayload[]): void {
    const [first, last] = [slice.at(0)?.seq ?? this.#reachedSeq, slice.at(-1)?.seq ?? this.#reachedSeq];
    const payloads = slice.map(({ payload }) => payload);
    for (const [member, leave] of this.#leaves) {
      if (last <= member.afterSeq) continue;
      if (member.isBehind()) {
        leave();
        continue;
      }
      const { afterSeq } = member;
      const isWhole = first > afterSeq;
      member.next(isWhole ? payloads : slice.filter(({ seq }) => seq > afterSeq).map(({ payload }) => payload));
      member.afterSeq = last;
    }
    this.#reachedSeq = last;
  }
}
