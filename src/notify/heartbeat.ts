import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { HeartbeatSetting } from '../settings/notification/settings.js';
import { post } from './channel/post.js';

export interface HeartbeatOptions {
  setting: HeartbeatSetting;
  /** Whether alerts are evaluated and told. */
  isAlive: () => boolean;
  clock: Clock;
  log: Log;
}

const DEADLINE_MS = 5_000;

/**
 * A dead man's switch: POSTs at an interval while alerts are evaluated and told, so that somebody outside notices when they are not,
 * or when nothing of this gets out.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Why the last one did not go out; null when it did. */
  #trouble: string | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const trouble = await this.#beat();
      if (!signal.aborted) this.#report(trouble);
      await wait(this.#options.setting.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #beat(): Promise<string | null> {
    const { setting, isAlive, clock } = this.#options;
    if (!isAlive()) return 'alerts are not evaluated or not told';
    const verdict = await post(
      { url: setting.url, headers: {}, body: '' },
      {
        reach: 'private',
        deadlineMs: DEADLINE_MS,
        signal: this.#stop.signal,
        nowMs: clock.now(),
        secrets: [setting.url, new URL(setting.url).pathname],
      },
    );
    return verdict.kind === 'sent' ? null : verdict.reason;
  }

  /** Logged when it is news. */
  #report(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    if (trouble === null) this.#options.log.info('the heartbeat goes out again');
    else this.#options.log.warn({ reason: trouble }, 'the heartbeat does not go out');
  }
}
