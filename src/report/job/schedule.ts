import type { Clock } from '../../clock.js';
import { AppError } from '../../errors.js';
import { listFleetIds } from '../../fleet/store.js';
import type { Log } from '../../log.js';
import { Rounds } from '../../rounds.js';
import type { ReportSchedule } from '../../settings/settings.js';
import { MINUTE_MS } from '../../time.js';
import { type AskTools, askForReport } from './ask.js';
import { lastPeriod } from './period.js';
import { hasScheduled } from './store.js';

export interface ScheduleOptions extends Omit<AskTools, 'nowMs'> {
  schedules: readonly ReportSchedule[];
  clock: Clock;
  log: Log;
}

const LOOK_EVERY_MS = 30_000;
/** What belongs to a period is sealed within this. */
const SETTLED_AFTER_MS = 10 * MINUTE_MS;

/** Asks for reports of periods that are over, each once, also if nothing ran when they ended. */
export class ReportSchedules {
  readonly #options: ScheduleOptions;
  readonly #rounds: Rounds;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#rounds = new Rounds(LOOK_EVERY_MS, () => this.look());
  }

  start(): void {
    if (this.#options.schedules.length > 0) this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Asks for what is due. Never rejects: what failed is asked for again. */
  async look(): Promise<void> {
    const { schedules, log } = this.#options;
    for (const schedule of schedules) {
      try {
        await this.#ask(schedule);
      } catch (error) {
        log.warn({ schedule: schedule.name, err: String(error) }, 'a scheduled report could not be asked for');
      }
    }
  }

  async #ask(schedule: ReportSchedule): Promise<void> {
    const { pool, calendar, clock } = this.#options;
    const { name, preset, per, timeZone, agents, riskClasses } = schedule;
    const nowMs = clock.now();
    const { fromMs, toMs } = lastPeriod(per, timeZone, nowMs - SETTLED_AFTER_MS);
    const fleets = schedule.fleet === null ? await listFleetIds(pool) : [schedule.fleet];
    for (const fleet of fleets) {
      if (await hasScheduled(pool, fleet, name, fromMs)) continue;
      const wish = {
        preset,
        fleets: [fleet],
        from: new Date(fromMs),
        to: new Date(toMs),
        agents,
        riskClasses,
        decisionId: null,
        conversationId: null,
        subject: null,
        timeZone,
      };
      try {
        await askForReport({ pool, calendar, nowMs }, { fleet, wish, actor: `schedule:${name}`, schedule: name });
      } catch (error) {
        // The queue of a fleet is full: its turn comes at the next look.
        if (!(error instanceof AppError && error.code === 'RATE_LIMITED')) throw error;
      }
    }
  }
}
