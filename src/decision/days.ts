import { groupRows } from '../db/group.js';
import { DAY_MS, dayOf, shiftDay } from '../time.js';

/**
 * Decisions lie in partitions by the day they were sealed on. A statement that names no days opens and locks every
 * partition there is, so every read of decisions or steps names them, and no more than these at once: with three risk
 * classes, nine relations each, ten connections stay within the locks PostgreSQL has room for by default.
 */
export const DAYS_MAX = 15;

/** An amendment within the hour the journal is kept may move a decision's rows on to the next day. */
const MOVED_DAYS = 1;
/** How far apart decisions that belong together are sealed: what waits for late spans and what amends it, and a midnight. */
const KIN_DAYS = 2;

/** How many days before and after a row's own what is looked for may lie. */
interface Reach {
  before: number;
  after: number;
}

/** What belongs to the row itself: its steps, its content. */
export const OWN_DAYS: Reach = { before: 0, after: MOVED_DAYS };
/** What belongs to the same trace. */
export const TRACE_DAYS: Reach = { before: KIN_DAYS, after: KIN_DAYS };
/** Around a ledger entry's time: rows are encoded just before it, and may be moved just after. */
export const ENTRY_DAYS: Reach = { before: 1, after: MOVED_DAYS };

/** The days that rows may still be added to, newest first: today and, for what was encoded just before midnight, yesterday. */
export function openDays(nowMs: number): string[] {
  return [dayOf(nowMs), dayOf(nowMs - DAY_MS)];
}

export function daysAround(day: string, { before, after }: Reach): string[] {
  return Array.from({ length: before + after + 1 }, (_, index) => shiftDay(day, index - before));
}

/** Some rows and every day on which what is looked for may lie, for one statement. */
interface DayGroup<Row> {
  rows: Row[];
  days: string[];
}

/** The rows in as few groups as the bound on days allows, each row in one group with all days in its reach. */
function groupByDays<Row extends { sealedOn: string }>(rows: readonly Row[], reach: Reach): DayGroup<Row>[] {
  const byDay = groupRows(rows, ({ sealedOn }) => sealedOn);
  const groups: DayGroup<Row>[] = [];
  for (const [day, sealed] of [...byDay].sort(([left], [right]) => left.localeCompare(right))) {
    const last = groups.at(-1);
    const days = [...new Set([...(last?.days ?? []), ...daysAround(day, reach)])];
    if (last === undefined || days.length > DAYS_MAX) groups.push({ rows: sealed, days: daysAround(day, reach) });
    else Object.assign(last, { rows: [...last.rows, ...sealed], days });
  }
  return groups;
}

/** The days in portions that one statement may name. */
export function portions(days: readonly string[]): string[][] {
  const count = Math.ceil(days.length / DAYS_MAX);
  return Array.from({ length: count }, (_, index) => days.slice(index * DAYS_MAX, (index + 1) * DAYS_MAX));
}

/** What `read` finds for all rows, one group after another. */
export async function readByDays<Row extends { sealedOn: string }, Found>(
  rows: readonly Row[],
  reach: Reach,
  read: (group: DayGroup<Row>) => Promise<readonly Found[]>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const group of groupByDays(rows, reach)) found.push(...(await read(group)));
  return found;
}
