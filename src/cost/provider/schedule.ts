import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { ProviderSetting } from '../../settings/settings.js';
import { DAY_MS, MINUTE_MS } from '../../time.js';
import { type PullOptions, pullProvider } from './pull.js';
import { findCursor, markFailed } from './store.js';

export interface ProviderScheduleOptions extends Omit<PullOptions, 'signal'> {
  providers: readonly ProviderSetting[];
  log: Log;
}

/** A pull that failed is tried again after this long, or when it is due if that is sooner. */
const RETRY_MS = 10 * MINUTE_MS;
/** Timers cannot wait much longer than three weeks. */
const SLEEP_MAX_MS = DAY_MS;

/** Pulls the figures of every configured provider when they are due, one at a time. */
export class ProviderSchedule {
  readonly #options: ProviderScheduleOptions;
  readonly #stop = new AbortController();
  /** When each source is due, milliseconds since the epoch. */
  readonly #dueMs = new Map<ProviderSetting, number>();
  /** Size and time of the files as they were read last. */
  readonly #fileStates = new Map<ProviderSetting, string>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: ProviderScheduleOptions) {
    this.#options = options;
  }

  /** Begins; a source that was pulled before the server stopped waits for its time. */
  start(): void {
    if (this.#options.providers.length > 0) this.#running = this.#run();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const setting of this.#options.providers) {
        if (!signal.aborted && (await this.#isDue(setting))) await this.#pull(setting);
      }
      const nextMs = Math.min(...this.#dueMs.values()) - this.#options.clock.now();
      const sleepMs = Math.min(Math.max(nextMs, 1_000), SLEEP_MAX_MS);
      await wait(sleepMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #isDue(setting: ProviderSetting): Promise<boolean> {
    const { pool, clock } = this.#options;
    if (!this.#dueMs.has(setting)) this.#dueMs.set(setting, await firstDueMs(pool, setting));
    return (this.#dueMs.get(setting) ?? 0) <= clock.now();
  }

  async #pull(setting: ProviderSetting): Promise<void> {
    const { clock, log } = this.#options;
    const { name: source, fleet, everyMs } = setting;
    try {
      const state = await fileStateOf(setting);
      if (state === null || state !== this.#fileStates.get(setting)) {
        const rows = await pullProvider(setting, { ...this.#options, signal: this.#stop.signal });
        log.info({ source, fleet, rows }, "pulled a provider's figures");
      }
      if (state !== null) this.#fileStates.set(setting, state);
      this.#dueMs.set(setting, clock.now() + everyMs);
    } catch (error) {
      this.#dueMs.set(setting, clock.now() + Math.min(everyMs, RETRY_MS));
      if (!this.#stop.signal.aborted) await this.#fail(setting, error);
    }
  }

  /** Logged when it is news: a key that is refused is refused again every time. */
  async #fail({ name: source, fleet }: ProviderSetting, error: unknown): Promise<void> {
    const { pool, log } = this.#options;
    const message = error instanceof AppError ? error.message : 'something went wrong here; it has been logged';
    try {
      const known = await findCursor(pool, { fleet, source });
      if (known?.error !== message)
        log.warn({ source, fleet, reason: message }, "a provider's figures cannot be pulled");
      if (!(error instanceof AppError)) log.error({ source, fleet, err: String(error) }, 'a pull failed unexpectedly');
      await markFailed(pool, { fleet, source }, message);
    } catch (cause) {
      log.warn({ source, fleet, reason: message, err: String(cause) }, 'a pull failed, and so did keeping why');
    }
  }
}

/** Now for a file and for what has never been pulled, else when its time comes. */
async function firstDueMs(pool: PullOptions['pool'], { kind, fleet, name, everyMs }: ProviderSetting): Promise<number> {
  if (kind === 'csv') return 0;
  const cursor = await findCursor(pool, { fleet, source: name }).catch(() => null);
  return cursor?.pulledAt ? cursor.pulledAt.getTime() + everyMs : 0;
}

/** Null for what is no file, or cannot be read. */
async function fileStateOf({ file }: ProviderSetting): Promise<string | null> {
  const found = file === null ? null : await stat(file).catch(() => null);
  return found === null ? null : `${found.size} ${found.mtimeMs}`;
}
