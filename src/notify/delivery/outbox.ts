import type { Clock } from '../../clock.js';
import type { Pool } from '../../db/pool.js';
import type { Log } from '../../log.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.js';
import type { Verdict } from '../channel/channel.js';
import type { ChannelTraits } from '../plan/plan.js';
import type { Receiver } from '../receivers.js';
import { type DueNotice, findDue, findNextAttempts, markDead, markFailed, markSent } from './store.js';

export interface OutboxOptions {
  pool: Pool;
  receivers: readonly Receiver[];
  /** Called when a receiver has been told all that was due, or could not be. */
  onPause: () => void;
  clock: Clock;
  log: Log;
}

const FIRST_WAIT_MS = 2_000;
const WAIT_MAX_MS = 5 * MINUTE_MS;
/** However long a receiver asks to be left alone: alerts are not for the day after. */
const ASKED_WAIT_MAX_MS = HOUR_MS;
const GIVE_UP_AFTER_MS = DAY_MS;
/** After the database could not be asked. */
const RETRY_MS = 5_000;

/** How a receiver stands. Nothing but its own worker changes it. */
interface Worker {
  receiver: Receiver;
  running: Promise<void> | null;
  /** Before which it is left alone. */
  pausedUntilMs: number;
  /** It said that nobody listens there any more: until the next start it is told nothing. */
  isGone: boolean;
  /** What came of an attempt that could not be written down yet. */
  unwritten: { id: number; verdict: Verdict } | null;
}

/**
 * Delivers what the log says is to be told, each receiver by itself, so that none waits for another. Every notice is sent
 * at least once, under the same key at every attempt: a crash between sending and writing that down sends it again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #workers: ReadonlyMap<string, Worker>;
  readonly #stop = new AbortController();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#workers = new Map(
      options.receivers.map((receiver) => [
        receiver.name,
        { receiver, running: null, pausedUntilMs: 0, isGone: false, unwritten: null },
      ]),
    );
  }

  /** The receivers that can be told, by name. */
  get receivers(): ReadonlyMap<string, ChannelTraits> {
    const open = [...this.#workers.values()].filter(({ isGone }) => !isGone);
    return new Map(open.map(({ receiver }) => [receiver.name, receiver.channel.traits]));
  }

  /**
   * Begins to deliver what is due and returns without waiting for it: when something falls due next, milliseconds since
   * the epoch, or null. Receivers at work are left out: they call `onPause`.
   */
  async deliver(): Promise<number | null> {
    const nowMs = this.#options.clock.now();
    const nextMs: number[] = [];
    for (const [name, attemptMs] of await findNextAttempts(this.#options.pool)) {
      const worker = this.#workers.get(name);
      if (worker === undefined || worker.isGone || worker.running !== null) continue;
      const dueMs = Math.max(attemptMs, worker.pausedUntilMs);
      if (dueMs > nowMs) nextMs.push(dueMs);
      else this.#start(worker);
    }
    return nextMs.length === 0 ? null : Math.min(...nextMs);
  }

  /** Ends what is under way, to be sent again after the next start, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#workers.values()].map(({ running }) => running));
  }

  #start(worker: Worker): void {
    if (this.#stop.signal.aborted) return;
    worker.running = this.#work(worker)
      .catch((error: unknown) => {
        worker.pausedUntilMs = this.#options.clock.now() + RETRY_MS;
        const receiver = worker.receiver.name;
        this.#options.log.warn(
          { receiver, err: String(error) },
          'notifications cannot be delivered: trying again soon',
        );
      })
      .finally(() => {
        worker.running = null;
        this.#options.onPause();
      });
  }

  async #work(worker: Worker): Promise<void> {
    const { pool, clock } = this.#options;
    while (!this.#stop.signal.aborted && !worker.isGone && clock.now() >= worker.pausedUntilMs) {
      const due = await findDue(pool, worker.receiver.name, new Date(clock.now()));
      if (due === null) return;
      const verdict = await this.#attempt(worker, due);
      if (verdict === null) return;
      worker.unwritten = { id: due.id, verdict };
      await this.#write(worker, due, verdict);
      worker.unwritten = null;
    }
  }

  /** Null when it was stopped meanwhile: what came of it is not known then. */
  async #attempt({ receiver, unwritten }: Worker, { id, key, notice }: DueNotice): Promise<Verdict | null> {
    if (unwritten?.id === id) return unwritten.verdict;
    const { signal } = this.#stop;
    const verdict = await receiver.channel.send(notice, { key, nowMs: this.#options.clock.now(), signal });
    return signal.aborted && verdict.kind !== 'sent' ? null : verdict;
  }

  async #write(worker: Worker, due: DueNotice, verdict: Verdict): Promise<void> {
    const { pool, clock, log } = this.#options;
    const nowMs = clock.now();
    const place = { receiver: worker.receiver.name, fleet: due.fleet, notification: due.id };
    if (verdict.kind === 'sent') return markSent(pool, due, new Date(nowMs));
    const { reason } = verdict;
    if (verdict.kind === 'gone') {
      worker.isGone = true;
      log.error({ ...place, reason }, 'a receiver is gone: it is told nothing until the next start');
      return markDead(pool, due, reason);
    }
    if (verdict.kind === 'refused' || nowMs - due.createdAt.getTime() >= GIVE_UP_AFTER_MS) {
      log.error({ ...place, reason }, 'a notification was given up');
      return markDead(pool, due, reason);
    }
    if (due.attempts === 0) log.warn({ ...place, reason }, 'a notification failed: trying again');
    const askedMs = Math.min(verdict.waitMs ?? 0, ASKED_WAIT_MAX_MS);
    if (verdict.waitMs !== null) worker.pausedUntilMs = nowMs + askedMs;
    const waitMs = Math.max(askedMs, backOffMs(due.attempts));
    return markFailed(pool, due, { reason, nextAttemptAt: new Date(nowMs + waitMs) });
  }
}

/** Doubles with each attempt up to a bound; up to a half is left off, so that receivers are not hit by all at once. */
function backOffMs(attempts: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 20), WAIT_MAX_MS) * (1 - Math.random() / 2);
}
