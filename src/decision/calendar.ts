import type { Clock } from '../clock.js';
import type { Pool } from '../db/pool.js';
import { dayOf, shiftDay } from '../time.js';
import { openDays, portions } from './days.js';

/** A day on which decisions were sealed, and between which starts they lie. */
export interface SealedDay {
  day: string;
  firstStartMs: number;
  lastStartMs: number;
}

interface KnownDays {
  /** The day before which everything is known. */
  until: string;
  days: readonly SealedDay[];
}

/**
 * Which days hold what of a fleet. Lists are in the order decisions started, partitions in the order they were sealed:
 * mostly the same, but decisions may be recorded years late, and clocks run ahead. Nothing is added to a day once it is
 * over, so what is known of it stays: it is asked once, and only rows that retention took are missing from it later.
 */
export class DecisionCalendar {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownDays>();

  constructor({ pool, clock }: { pool: Pool; clock: Clock }) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /** The days decisions may still be sealed on, newest first. */
  openDays(): string[] {
    return openDays(this.#clock.now());
  }

  /** The days that may hold decisions of the fleet that started in one of the spans, newest first. */
  async daysOf(fleet: string, spans: readonly { fromMs: number; toMs: number }[]): Promise<string[]> {
    const open = this.openDays();
    const closed = await this.closedDays(fleet, open.at(-1) as string);
    const holds = ({ firstStartMs, lastStartMs }: SealedDay) =>
      spans.some(({ fromMs, toMs }) => firstStartMs < toMs && lastStartMs >= fromMs);
    return [...open, ...closed.filter(holds).map(({ day }) => day)];
  }

  /** The days before `until`, which must be over, that hold decisions of the fleet, newest first. */
  async closedDays(fleet: string, until: string): Promise<readonly SealedDay[]> {
    const known = this.#known.get(fleet);
    if (known?.until === until) return known.days;
    // A clock that was put back makes days that were over go on.
    const kept = known?.days.filter(({ day }) => day < until) ?? [];
    const since = known === undefined ? await this.#findFirstDay(fleet) : known.until;
    const added = since === null ? [] : await this.#read(fleet, since, until);
    const days = [...added, ...kept];
    this.#known.set(fleet, { until, days });
    return days;
  }

  async #findFirstDay(fleet: string): Promise<string | null> {
    const { rows } = await this.#pool.query<{ recordedAt: Date }>(
      'SELECT recorded_at AS "recordedAt" FROM ledger_entry WHERE fleet_id = $1 AND seq = 0',
      [fleet],
    );
    return rows[0] === undefined ? null : shiftDay(dayOf(rows[0].recordedAt.getTime()), -1);
  }

  async #read(fleet: string, since: string, until: string): Promise<SealedDay[]> {
    const found: SealedDay[] = [];
    for (const days of portions(daysFrom(since, until))) {
      const { rows } = await this.#pool.query<{ day: string; first: Date; last: Date }>(extentSql(days.length), [
        fleet,
        ...days,
      ]);
      for (const { day, first, last } of rows) {
        found.push({ day, firstStartMs: first.getTime(), lastStartMs: last.getTime() });
      }
    }
    return found.reverse();
  }
}

function daysFrom(since: string, until: string): string[] {
  const days: string[] = [];
  for (let day = since; day < until; day = shiftDay(day, 1)) days.push(day);
  return days;
}

/** Probes each day's two ends in the index by start: grouping by day would read every row. */
function extentSql(days: number): string {
  const end = (day: string, order: 'ASC' | 'DESC') =>
    `(SELECT d.started_at FROM decision d WHERE d.fleet_id = $1 AND d.sealed_on = ${day}
      ORDER BY d.started_at ${order}, d.id ${order} LIMIT 1)`;
  const probes = Array.from({ length: days }, (_, index) => `$${index + 2}::date`).map(
    (day) => `SELECT ${day} AS day, ${end(day, 'ASC')} AS first, ${end(day, 'DESC')} AS last`,
  );
  return `SELECT day::text, first, last FROM (${probes.join(' UNION ALL ')}) AS extent
    WHERE first IS NOT NULL ORDER BY day`;
}
