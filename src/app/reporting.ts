import type { DecisionCalendar } from '../decision/calendar.js';
import type { Bus } from '../live/bus.js';
import { installationFacts } from '../report/installation.js';
import { ReportFiles } from '../report/job/files.js';
import { ReportQueue } from '../report/job/queue.js';
import { ReportSchedules } from '../report/job/schedule.js';
import type { ReportSigner } from '../report/signature/sign-report.js';
import type { Ground } from './ground.js';

/** Whoever makes reports, and whoever asks for them on a schedule. */
export class Reporting {
  readonly files: ReportFiles;
  readonly #queue: ReportQueue;
  readonly #schedules: ReportSchedules;

  constructor(
    { config, settings, policy, database: { pool }, clock, log }: Ground,
    {
      calendar,
      publish,
      reportBus,
      signer,
    }: {
      calendar: DecisionCalendar;
      publish: (fleet: string) => Promise<void>;
      reportBus: Bus;
      signer: ReportSigner | null;
    },
  ) {
    this.files = new ReportFiles(config.dataDir);
    this.#queue = new ReportQueue({
      pool,
      calendar,
      files: this.files,
      publish,
      settings: installationFacts(settings),
      policyText: policy?.text ?? null,
      signer,
      keptMs: settings.reports.keptMs,
      announce: (topic, version) => reportBus.announce(topic, version),
      clock,
      log,
    });
    this.#schedules = new ReportSchedules({ pool, calendar, schedules: settings.reports.schedules, clock, log });
  }

  start(): void {
    this.#queue.start();
    this.#schedules.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#queue.stop(), this.#schedules.stop()]);
  }
}
