import { readSecret } from '../config.js';
import { type Conversation, memorySubjectOf } from '../decision/conversation.js';
import type { RecordBatch } from '../decision/record/record.js';
import type { RecorderThread } from '../decision/record/recorder-thread.js';
import type { BudgetStatus } from '../detect/budget/status.js';
import type { FigureRecords } from '../fleet/figures/read.js';
import type { StatusBoard } from '../fleet/status/board.js';
import { Judge } from '../judge/judge.js';
import { DecisionWatch } from '../watch/decision-watch.js';
import { FigureWatch } from '../watch/figure-watch.js';
import { LoadWatch } from '../watch/load-watch.js';
import { Memory } from '../watch/memory.js';
import { MetricWatch } from '../watch/metric-watch.js';
import { SilenceWatch } from '../watch/silence-watch.js';
import { VersionWatch } from '../watch/version-watch.js';
import type { Ground } from './ground.js';

/** Every detector, with what it remembers, and the model that is asked for a second opinion. */
export class Watching {
  readonly watcher: DecisionWatch;
  readonly #memory: Memory;
  readonly #figures: FigureWatch;
  readonly #judge: Judge;

  constructor(
    { settings, live, database: { pool }, clock, log }: Ground,
    { recorder, records, statuses }: { recorder: RecorderThread; records: FigureRecords; statuses: StatusBoard },
  ) {
    const memory = new Memory({ pool, log });
    const submit = (batch: RecordBatch) => recorder.submit(batch);
    this.#memory = memory;
    this.watcher = new DecisionWatch({ memory, settings: () => live.current, clock, log });
    this.#figures = new FigureWatch({
      pool,
      detectors: [
        new SilenceWatch({ pool, statuses, memory, settings: settings.status }),
        new VersionWatch(records, memory),
        new LoadWatch(records, memory),
        new MetricWatch(records, memory),
      ],
      memory,
      submit,
      clock,
      log,
    });
    this.#judge = new Judge({ pool, settings: settings.judge, submit, secretOf: readSecret, clock, log });
  }

  start(): void {
    this.#memory.start();
    this.#figures.start();
    this.#judge.start();
  }

  /** How the fleet's budgets stand, with all that was booked before a restart. */
  async readBudgets(fleet: string): Promise<BudgetStatus[]> {
    await this.watcher.prepare(fleet);
    return this.watcher.budgets(fleet);
  }

  /** What detectors remember of these conversations is gone, as what they have saved of them is. */
  forget(fleet: string, conversations: readonly Conversation[]): void {
    for (const conversation of conversations) this.#memory.forget(fleet, memorySubjectOf(conversation));
  }

  /** Ends what looks by itself. */
  async stop(): Promise<void> {
    await Promise.all([this.#figures.stop(), this.#judge.stop()]);
  }

  /** Saves what was learned, once nothing is judged any more. */
  save(): Promise<void> {
    return this.#memory.stop();
  }
}
