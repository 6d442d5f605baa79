import { AppError } from '../../errors.js';
import { Rounds } from '../../rounds.js';
import { type ReportRow, reportTopic } from './report.js';
import { type MakeTools, runReport } from './runner.js';
import {
  claimReport,
  endAttempt,
  expireReports,
  findLeftFiles,
  findReport,
  forgetFiles,
  noteProgress,
  requeueAbandoned,
} from './store.js';

export interface QueueOptions extends MakeTools {
  /** How long files are kept, in milliseconds; null: for ever. */
  keptMs: number | null;
  /** Hears of every change of a report, under its topic. */
  announce: (topic: string, version: number) => void;
}

const LOOK_EVERY_MS = 500;
const LEASE_MS = 60_000;
const NOTE_EVERY_MS = 250;
const ATTEMPTS_MAX = 3;
const LET_GO_EVERY_MS = 600_000;

/** Makes what waits, one report after another; what is under way when the process ends is begun again by the next. */
export class ReportQueue {
  readonly #options: QueueOptions;
  readonly #rounds: Rounds;
  readonly #stop = new AbortController();
  #hasBegun = false;
  #letGoDueMs = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#rounds = new Rounds(LOOK_EVERY_MS, () => this.look());
  }

  start(): void {
    this.#rounds.start();
  }

  /** Gives up what is being made: it waits for the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#rounds.stop();
  }

  /** Makes everything that waits, and lets go of what is past its time. Never rejects. */
  async look(): Promise<void> {
    const { pool, clock, log } = this.#options;
    try {
      if (!this.#hasBegun) await requeueAbandoned(pool, new Date(clock.now() + LEASE_MS));
      this.#hasBegun = true;
      await this.#letGo();
      while (!this.#stop.signal.aborted) {
        const report = await claimReport(pool, new Date(clock.now() + LEASE_MS));
        if (report === null) return;
        await this.#make(report);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) log.warn({ err: String(error) }, 'reports were not made: trying again');
    }
  }

  async #make(report: ReportRow): Promise<void> {
    const { pool, clock, log } = this.#options;
    const { signal } = this.#stop;
    const progress = new Progress(this.#options, report);
    try {
      await runReport(this.#options, report, { onProgress: (share) => progress.note(share), signal });
    } catch (error) {
      const isStopped = signal.aborted;
      const isFinal = !isStopped && (isSaid(error) || report.attempts >= ATTEMPTS_MAX);
      log.warn({ report: report.id, err: String(error), isFinal }, 'a report was not finished');
      await progress.end();
      await endAttempt(pool, report, { error: reasonOf(error), isFinal, now: new Date(clock.now()) });
      await this.#options.files.abandon(report.id);
    }
    await progress.end();
    await this.#announce(report);
  }

  async #letGo(): Promise<void> {
    const { pool, clock, keptMs, files } = this.#options;
    if (keptMs !== null && clock.now() >= this.#letGoDueMs) {
      this.#letGoDueMs = clock.now() + LET_GO_EVERY_MS;
      await expireReports(pool, new Date(clock.now() - keptMs));
    }
    for (const report of await findLeftFiles(pool)) {
      await files.remove(report.id);
      await forgetFiles(pool, report);
      await this.#announce(report);
    }
  }

  async #announce(key: Pick<ReportRow, 'fleet' | 'id'>): Promise<void> {
    const { pool, announce } = this.#options;
    const report = await findReport(pool, key.fleet, key.id);
    if (report !== null) announce(reportTopic(report), report.version);
  }
}

/** What no other attempt would change. */
function isSaid(error: unknown): boolean {
  return error instanceof AppError && error.code !== 'UNAVAILABLE' && error.code !== 'INTERNAL';
}

function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return 'something went wrong on our side while it was made; the log has the details';
}

/** Writes down how far a report is, a few times a second at most. */
class Progress {
  readonly #options: QueueOptions;
  readonly #report: ReportRow;
  readonly #timer: NodeJS.Timeout;
  #share = 0;
  #noted = -1;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: QueueOptions, report: ReportRow) {
    this.#options = options;
    this.#report = report;
    let quiet = 0;
    this.#timer = setInterval(() => {
      quiet += NOTE_EVERY_MS;
      // The lease is renewed also while nothing moves.
      if (this.#share === this.#noted && quiet < LEASE_MS / 4) return;
      quiet = 0;
      this.#writing = this.#writing.then(() => this.#write());
    }, NOTE_EVERY_MS);
  }

  note(share: number): void {
    this.#share = Math.max(this.#share, Math.min(share, 1));
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { pool, clock, announce, log } = this.#options;
    const progress = this.#share;
    try {
      const leaseUntil = new Date(clock.now() + LEASE_MS);
      const version = await noteProgress(pool, this.#report, { progress, leaseUntil });
      this.#noted = progress;
      if (version !== null) announce(reportTopic(this.#report), version);
    } catch (error) {
      log.warn({ report: this.#report.id, err: String(error) }, 'how far a report is could not be noted');
    }
  }
}
