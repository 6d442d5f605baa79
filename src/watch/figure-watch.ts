import type { Sighting } from '../anomaly/anomaly.js';
import type { Clock } from '../clock.js';
import { isOutage } from '../db/outage.js';
import type { Pool } from '../db/pool.js';
import { type RecordBatch, sealingBatch } from '../decision/record/record.js';
import { AppError } from '../errors.js';
import { listFleetIds } from '../fleet/store.js';
import type { Log } from '../log.js';
import { Rounds } from '../rounds.js';
import { FailureLog } from './failure-log.js';
import type { FigureDetector } from './figure-detector.js';
import type { Memory } from './memory.js';

const TICK_MS = 5_000;

export interface FigureWatchOptions {
  pool: Pool;
  detectors: readonly FigureDetector[];
  memory: Pick<Memory, 'prepare' | 'save'>;
  submit: (batch: RecordBatch) => Promise<unknown>;
  clock: Clock;
  log: Log;
}

/** Has every detector look at the figures of every fleet, each as often as it wants, and records what they see. */
export class FigureWatch {
  readonly #options: FigureWatchOptions;
  readonly #failures: FailureLog;
  /** When each detector looked at each fleet last. */
  readonly #lookedAtMs = new Map<string, number>();
  /** What was seen and is not in the record yet. */
  readonly #unrecorded = new Map<string, Sighting[]>();
  readonly #rounds: Rounds;

  constructor(options: FigureWatchOptions) {
    this.#options = options;
    this.#rounds = new Rounds(TICK_MS, () => this.look());
    this.#failures = new FailureLog(options);
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** One look of all detectors that are due, at all fleets. Never rejects: what failed is tried again, and holds up nothing else. */
  async look(): Promise<void> {
    const { pool, clock } = this.#options;
    try {
      const fleets = await listFleetIds(pool);
      for (const fleet of fleets) {
        await this.#lookAt(fleet, clock.now()).catch((error: unknown) => this.#postpone(fleet, error));
      }
    } catch (error) {
      this.#postpone(null, error);
    }
  }

  #postpone(fleet: string | null, error: unknown): void {
    this.#options.log.warn({ fleet, err: String(error) }, 'figures were not looked at: trying again');
  }

  async #lookAt(fleet: string, nowMs: number): Promise<void> {
    const { detectors, memory } = this.#options;
    await memory.prepare(fleet);
    const sightings = this.#unrecorded.get(fleet) ?? [];
    this.#unrecorded.set(fleet, sightings);
    for (const detector of detectors) {
      if (this.#isDue(detector, fleet, nowMs)) sightings.push(...(await this.#ask(detector, fleet, nowMs)));
    }
    if (sightings.length > 0) await this.#record(fleet, sightings);
    this.#unrecorded.delete(fleet);
  }

  /** A clock that was set back holds nobody up. */
  #isDue({ name, everyMs }: FigureDetector, fleet: string, nowMs: number): boolean {
    const lookedAtMs = this.#lookedAtMs.get(keyOf(name, fleet));
    return lookedAtMs === undefined || Math.abs(nowMs - lookedAtMs) >= everyMs;
  }

  async #ask(detector: FigureDetector, fleet: string, nowMs: number): Promise<readonly Sighting[]> {
    let found: readonly Sighting[] = [];
    try {
      found = await detector.look(fleet, nowMs);
    } catch (error) {
      if (isOutage(error)) throw error;
      this.#failures.note(detector.name, fleet, error);
    }
    this.#lookedAtMs.set(keyOf(detector.name, fleet), nowMs);
    return found;
  }

  /** Rejects while the record is away. */
  async #record(fleet: string, sightings: readonly Sighting[]): Promise<void> {
    const { submit, memory, log } = this.#options;
    try {
      await submit(sealingBatch(fleet, { decisions: [], sightings }));
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
      const [only] = sightings;
      if (only === undefined || sightings.length === 1) {
        log.error({ fleet, kind: only?.kind, err: String(error) }, 'the record refused what a detector saw');
        return;
      }
      for (const sighting of sightings) await this.#record(fleet, [sighting]);
      return;
    }
    // From here on a crash would have them seen again; the record takes each incident once, if it is called the same.
    await memory.save();
  }
}

function keyOf(detector: string, fleet: string): string {
  return JSON.stringify([detector, fleet]);
}
