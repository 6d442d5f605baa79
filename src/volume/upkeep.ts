import type { Clock } from '../clock.js';
import type { Pool } from '../db/pool.js';
import { RISK_CLASSES } from '../decision/decision.js';
import type { Log } from '../log.js';
import type { RetentionSettings } from '../settings/settings.js';
import { DAY_MS, dayOf, HOUR_MS } from '../time.js';
import { makePartitions } from './partitions.js';
import { pruneDecisions } from './prune.js';
import { deleteAlerts, deleteErasureMarks, deleteRollups, deleteSeries } from './rows.js';

const EVERY_MS = HOUR_MS;
const RETRY_MS = 30_000;
/** The wall clock is looked at this often: a machine that slept through a day makes up for it within a minute. */
const TICK_MS = 30_000;
const SERIES_KEPT_MS = 7 * DAY_MS;
/** Nobody was told of them, and there can be many. */
const UNFIRED_ALERTS_KEPT_MS = 7 * DAY_MS;
/** By then everything that was journaled when something was erased is sealed. */
const ERASURE_MARKS_KEPT_MS = DAY_MS;

export interface UpkeepOptions {
  pool: Pool;
  retention: RetentionSettings;
  clock: Clock;
  log: Log;
}

/** Makes room ahead for what will be sealed, and lets go of what is past its time. Ledger entries are never touched. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #dueAtMs = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Resolves once there is a place for what is sealed now, or that failed and is tried again soon. Never rejects. */
  async prepare(): Promise<void> {
    await this.#attempt(() => this.#makeRoom(), 0);
  }

  /** Sees to everything now, unless preparing failed a moment ago, and then every hour. */
  start(): void {
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  /** Makes room and lets go, once. Rejects with the database's error; what was dropped until then stays dropped. */
  async run(): Promise<void> {
    await this.#makeRoom();
    await this.#letGo();
  }

  #tick(): void {
    if (this.#running !== null || this.#options.clock.now() < this.#dueAtMs) return;
    this.#running = this.#attempt(() => this.run(), EVERY_MS).finally(() => {
      this.#running = null;
    });
  }

  async #attempt(work: () => Promise<void>, nextMs: number): Promise<void> {
    const { clock, log } = this.#options;
    try {
      await work();
      this.#dueAtMs = clock.now() + nextMs;
    } catch (error) {
      this.#dueAtMs = clock.now() + RETRY_MS;
      log.warn({ err: String(error) }, 'partitions and retention were not seen to: trying again soon');
    }
  }

  #makeRoom(): Promise<void> {
    const { pool, clock } = this.#options;
    return makePartitions(pool, dayOf(clock.now()));
  }

  async #letGo(): Promise<void> {
    const { pool, retention, clock, log } = this.#options;
    const nowMs = clock.now();
    const gone: Record<string, number> = {};
    for (const riskClass of RISK_CLASSES) {
      const keptMs = retention.decisions[riskClass];
      if (keptMs === null) continue;
      const until = dayOf(nowMs - keptMs);
      gone[`${riskClass} decisions`] = await pruneDecisions(pool, { riskClass, until, keptMs, nowMs });
    }
    const kept = { minute: retention.minuteRollups, hour: retention.hourRollups } as const;
    for (const tier of ['minute', 'hour'] as const) {
      const keptMs = kept[tier];
      if (keptMs !== null)
        gone[`${tier} rollups`] = await deleteRollups(pool, { tier, before: new Date(nowMs - keptMs) });
    }
    gone.alerts = await deleteAlerts(pool, {
      resolvedBefore: retention.alerts === null ? null : new Date(nowMs - retention.alerts),
      unfiredBefore: new Date(nowMs - UNFIRED_ALERTS_KEPT_MS),
      nowMs,
    });
    gone.metric_series = await deleteSeries(pool, new Date(nowMs - SERIES_KEPT_MS));
    gone.erasure_marks = await deleteErasureMarks(pool, new Date(nowMs - ERASURE_MARKS_KEPT_MS));
    const dropped = Object.entries(gone).filter(([, count]) => count > 0);
    if (dropped.length > 0) log.info(Object.fromEntries(dropped), 'let go of what was past its time');
  }
}
