import type { Clock } from '../../clock.js';
import { isOutage } from '../../db/outage.js';
import { type Client, inTransaction, type Pool } from '../../db/pool.js';
import { DONE } from '../../decision/record/finish-requests.js';
import type { Log } from '../../log.js';
import type { FigureWriter } from '../../metric/write.js';
import { HOUR_MS } from '../../time.js';
import { bookPoints } from './book-points.js';
import type { MetricPoint } from './point.js';

export interface MetricRecorderOptions {
  pool: Pool;
  writer: FigureWriter;
  clock: Clock;
  log: Log;
}

interface JournaledPoints {
  journalId: number;
  points: readonly MetricPoint[];
}

interface Waiting extends JournaledPoints {
  ended: () => void;
}

/** Points that may wait for the database before further requests are refused. */
const POINTS_MAX = 200_000;
const RETRY_MS = 1_000;
/** Clocks differ; a point from further ahead than this has a wrong time. */
const AHEAD_MAX_MS = HOUR_MS;

/**
 * Brings journaled metrics into the figures: one fleet's requests one after another, in the order they were journaled, each
 * in one transaction with what is remembered of its series and with the journal's mark that it is done. A request that the
 * database refuses is logged and stays in the journal; the next one goes on.
 */
export class MetricRecorder {
  readonly #options: MetricRecorderOptions;
  readonly #queues = new Map<string, Waiting[]>();
  readonly #loops = new Map<string, Promise<void>>();
  #points = 0;
  #isStopping = false;

  constructor(options: MetricRecorderOptions) {
    this.#options = options;
  }

  get isBehind(): boolean {
    return this.#points >= POINTS_MAX;
  }

  /** Resolves when the request is recorded, or refused by the database, or left to the next start. */
  add(fleet: string, points: readonly MetricPoint[], journalId: number): Promise<void> {
    return new Promise((ended) => {
      this.#points += points.length;
      const queue = this.#queues.get(fleet) ?? [];
      queue.push({ journalId, points, ended });
      this.#queues.set(fleet, queue);
      if (!this.#loops.has(fleet)) this.#loops.set(fleet, this.#drain(fleet, queue));
    });
  }

  /** Waits for what is being written; what is not written then comes back from the journal at the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    while (this.#loops.size > 0) await Promise.all(this.#loops.values());
  }

  async #drain(fleet: string, queue: Waiting[]): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await this.#record(fleet, next);
      this.#points -= next.points.length;
      next.ended();
    }
    this.#queues.delete(fleet);
    this.#loops.delete(fleet);
  }

  async #record(fleet: string, { journalId, points }: JournaledPoints): Promise<void> {
    const { pool, writer, log } = this.#options;
    while (!this.#isStopping) {
      try {
        await inTransaction(pool, (client) => this.#write(client, fleet, { journalId, points }));
        return;
      } catch (error) {
        writer.forget(fleet);
        if (!isOutage(error)) {
          log.error(
            { journalId, err: String(error) },
            'metrics cannot be recorded: their request stays in the journal',
          );
          return;
        }
        log.warn({ err: String(error) }, 'metrics cannot be recorded yet: trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #write(client: Client, fleet: string, { journalId, points }: JournaledPoints): Promise<void> {
    // Whoever marks the request records it: a replay that meets what has just come in counts nothing twice.
    const { rowCount } = await client.query(
      `UPDATE journal SET ${DONE} WHERE fleet_id = $1 AND id = $2 AND done_at IS NULL`,
      [fleet, journalId],
    );
    if (rowCount === 0) return;
    const nowMs = this.#options.clock.now();
    const timely = points.filter(({ timeMs }) => timeMs <= nowMs + AHEAD_MAX_MS);
    if (timely.length < points.length) {
      const detail = { journalId, points: points.length - timely.length };
      this.#options.log.warn(detail, 'data points from the future were left out: is the clock of their sender right?');
    }
    const contributions = await bookPoints(client, { fleet, nowMs }, timely);
    await this.#options.writer.write(client, fleet, contributions);
  }
}
