import type { Clock } from '../clock.js';
import type { Pool } from '../db/pool.js';
import type { Log } from '../log.js';
import type { NotificationSettings } from '../settings/notification/settings.js';
import { DAY_MS, HOUR_MS } from '../time.js';
import type { AlertSource } from './alert.js';
import { Outbox } from './delivery/outbox.js';
import { loadTold, recordNotices, removeOld } from './delivery/store.js';
import { planNotices } from './plan/plan.js';
import type { Receiver } from './receivers.js';
import { loadSilences } from './silence.js';
import { createWatchdog } from './watchdog.js';

export interface NotifierOptions {
  pool: Pool;
  settings: NotificationSettings;
  receivers: readonly Receiver[];
  source: AlertSource;
  /** Whether alerts are evaluated: the watchdog fires while they are. */
  isAlive: () => boolean;
  clock: Clock;
  log: Log;
}

/** The longest between two looks: a change of which nobody told is told of this much later. */
const LOOK_EVERY_MS = 15_000;
/** Without a look for this long, something holds it up. */
const STALE_AFTER_MS = 4 * LOOK_EVERY_MS;
const RETRY_MS = 5_000;
const KEPT_MS = 30 * DAY_MS;

/** Tells receivers of alerts: looks at them when something changed or falls due, writes down what is to be told, and sends it. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #outbox: Outbox;
  readonly #startedAtMs: number;
  #isStopped = false;
  #isWoken = false;
  #ring: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #lookedAtMs: number;
  #sweepAtMs = 0;

  constructor(options: NotifierOptions) {
    const { pool, receivers, clock, log } = options;
    this.#options = options;
    this.#startedAtMs = clock.now();
    this.#lookedAtMs = this.#startedAtMs;
    this.#outbox = new Outbox({ pool, receivers, onPause: () => this.wake(), clock, log });
  }

  /** Begins with what was still to be delivered when it stopped. */
  start(): void {
    this.#running = this.#run();
  }

  /** Looks at the alerts now. Whoever changed them, or a silence, calls it after the commit; it never waits for anything. */
  wake(): void {
    this.#isWoken = true;
    this.#ring();
  }

  /** Whether it has lately seen what fires and written down what is to be told. */
  get isLooking(): boolean {
    return this.#options.clock.now() - this.#lookedAtMs < STALE_AFTER_MS;
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await this.#running;
    await this.#outbox.stop();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false;
      const nextAtMs = await this.#look().catch((error: unknown) => this.#retryAfter(error));
      await this.#sleep(nextAtMs - this.#options.clock.now());
    }
  }

  #retryAfter(error: unknown): number {
    this.#options.log.warn({ err: String(error) }, 'alerts cannot be told: trying again soon');
    return this.#options.clock.now() + RETRY_MS;
  }

  /** Does what is due and returns when to look again. */
  async #look(): Promise<number> {
    const { pool, settings, source, isAlive, clock } = this.#options;
    const nowMs = clock.now();
    const now = new Date(nowMs);
    const [current, silences, told] = await Promise.all([source.current(), loadSilences(pool, now), loadTold(pool)]);
    const { maintenance, inhibit, routes } = settings;
    const plan = planNotices({
      alerts: isAlive() ? [...current, createWatchdog(this.#startedAtMs)] : current,
      routes,
      receivers: this.#outbox.receivers,
      mutes: { silences, maintenance, inhibit },
      told,
      nowMs,
    });
    await recordNotices(pool, plan.notices, now);
    this.#lookedAtMs = nowMs;
    const attemptAtMs = await this.#outbox.deliver();
    await this.#sweep(nowMs);
    const dues = [plan.nextAtMs, attemptAtMs].filter((atMs) => atMs !== null);
    return Math.min(nowMs + LOOK_EVERY_MS, ...dues);
  }

  async #sweep(nowMs: number): Promise<void> {
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + HOUR_MS;
    await removeOld(this.#options.pool, new Date(nowMs - KEPT_MS));
  }

  #sleep(durationMs: number): Promise<void> {
    if (this.#isWoken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, durationMs));
      this.#ring = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
