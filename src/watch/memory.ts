import { isRefused } from '../db/outage.js';
import type { Pool } from '../db/pool.js';
import type { Log } from '../log.js';
import { loadMemory, type RememberedRow, saveMemory } from './memory-store.js';
import { Shelf, type ShelfOptions } from './shelf.js';

const SAVE_EVERY_MS = 10_000;
/** Rows of one statement: some states are tens of kilobytes, and what writes them down does nothing else meanwhile. */
const ROWS_MAX = 100;

/**
 * What detectors remember, in memory and every few seconds in the database: what a crash loses is the observations of those
 * seconds, never an incident, which is in the record.
 */
export class Memory {
  readonly #pool: Pool;
  readonly #log: Log;
  readonly #shelves = new Map<string, Shelf<unknown>>();
  readonly #loaded = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor({ pool, log }: { pool: Pool; log: Log }) {
    this.#pool = pool;
    this.#log = log;
  }

  /** The place for one detector's states; to be asked for before anything is prepared. */
  shelf<State>(detector: string, options: ShelfOptions<State>): Shelf<State> {
    const shelf = new Shelf<State>(detector, options);
    this.#shelves.set(detector, shelf as Shelf<unknown>);
    return shelf;
  }

  /** Reads what was saved of the fleet, once. Rejects when the database is away, and can be called again then. */
  async prepare(fleet: string): Promise<void> {
    const known = this.#loaded.get(fleet);
    if (known !== undefined) return known;
    const loading = this.#load(fleet);
    this.#loaded.set(fleet, loading);
    try {
      await loading;
    } catch (error) {
      this.#loaded.delete(fleet);
      throw error;
    }
  }

  /** Has every detector forget what it remembers of the subject. */
  forget(fleet: string, subject: string): void {
    for (const shelf of this.#shelves.values()) shelf.set(fleet, subject, null);
  }

  start(): void {
    this.#timer = setInterval(() => void this.save(), SAVE_EVERY_MS);
  }

  /** Saves what is left. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.save();
  }

  /** One after another: what is newer is written last. Never rejects: what could not be saved is tried again. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveChanges());
    return this.#saving;
  }

  async #saveChanges(): Promise<void> {
    for (const shelf of this.#shelves.values()) {
      for (let left = shelf.changes; left > 0; left -= ROWS_MAX) {
        const rows = shelf.takeChanges(ROWS_MAX);
        try {
          await this.#write(rows);
        } catch (error) {
          for (const row of rows) shelf.putBack(row);
          this.#log.warn({ err: String(error) }, 'what detectors learned was not saved: trying again later');
          return;
        }
      }
    }
  }

  /** One row that the database refuses must not keep the others from being saved. */
  async #write(rows: readonly RememberedRow[]): Promise<void> {
    try {
      await saveMemory(this.#pool, rows);
    } catch (error) {
      if (!isRefused(error)) throw error;
      const half = Math.ceil(rows.length / 2);
      if (half < rows.length) {
        await this.#write(rows.slice(0, half));
        return this.#write(rows.slice(half));
      }
      const { detector, fleet } = rows[0] ?? {};
      this.#log.error(
        { detector, fleet, err: String(error) },
        'what a detector learned of one subject cannot be saved',
      );
    }
  }

  async #load(fleet: string): Promise<void> {
    for (const row of await loadMemory(this.#pool, fleet)) this.#restore(row);
  }

  /** What an earlier version saved in another form is learned anew. */
  #restore(row: RememberedRow & { state: string }): void {
    try {
      this.#shelves.get(row.detector)?.restore(row);
    } catch (error) {
      this.#log.warn({ detector: row.detector, err: String(error) }, 'what a detector had learned cannot be read');
    }
  }
}
