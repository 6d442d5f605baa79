import { groupRows } from '../db/group.js';
import { keysetOrder, type Page, type PageRequest, toPage } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import type { DecisionCalendar, SealedDay } from './calendar.js';
import { DAYS_MAX } from './days.js';
import { type DecisionFilter, filterSql } from './filter.js';
import { DECISION_SELECTION, type DecisionRow } from './row.js';

/** A decision's place in the lists of decisions: newest start first, then by id, descending. */
export interface DecisionKey {
  startedAtMs: number;
  id: string;
}

export interface DecisionListOptions {
  pool: Pool;
  calendar: DecisionCalendar;
  fleet: string;
  filter: DecisionFilter;
  page: PageRequest<DecisionKey>;
}

/** One page of the fleet's decisions: one statement where the newest days fill it, then few for many days. */
export async function listDecisions(options: DecisionListOptions): Promise<Page<DecisionRow>> {
  const pages = await readPages(options, null);
  return pages.get(null) ?? { rows: [], hasNextPage: false, hasPreviousPage: false };
}

/** The same page of each agent's decisions, by agent, in the same statements for all of them. */
export async function listDecisionsOfAgents(
  options: DecisionListOptions,
  agents: readonly string[],
): Promise<Map<string | null, Page<DecisionRow>>> {
  return readPages(options, agents);
}

type DecisionPage = PageRequest<DecisionKey>;

/** What has been read of one list so far: its rows in the list's order, at most one more than the page holds. */
interface Reading {
  rows: DecisionRow[];
  hasRowsBehind: boolean;
}

type Readings = Map<string | null, Reading>;

/** Days in the first statement beyond the newest ones; later ones name as many as a statement may. */
const FIRST_PORTION_DAYS = 4;

async function readPages(
  options: DecisionListOptions,
  agents: readonly string[] | null,
): Promise<Map<string | null, Page<DecisionRow>>> {
  const { calendar, fleet, filter, page } = options;
  const readings: Readings = new Map((agents ?? [null]).map((list) => [list, { rows: [], hasRowsBehind: false }]));
  const open = calendar.openDays();
  await readDays(options, readings, open);
  const closed = await calendar.closedDays(fleet, open.at(-1) as string);
  let unread = closed.filter((day) => overlaps(day, filter)).sort(nearestFirst(page));
  for (let size = FIRST_PORTION_DAYS; ; size = DAYS_MAX) {
    const unfinished: Readings = new Map(
      [...readings].filter(([, reading]) => wantedDays(reading, page, unread).length),
    );
    const wanted = new Set([...unfinished.values()].flatMap((reading) => wantedDays(reading, page, unread)));
    if (wanted.size === 0) break;
    unread = unread.filter((day) => wanted.has(day));
    const days = unread.splice(0, size).map(({ day }) => day);
    await readDays(options, unfinished, days);
  }
  return new Map([...readings].map(([list, { rows, hasRowsBehind }]) => [list, toPage(rows, page, hasRowsBehind)]));
}

function overlaps({ firstStartMs, lastStartMs }: SealedDay, { from, to }: DecisionFilter): boolean {
  return (!from || lastStartMs >= from.getTime()) && (!to || firstStartMs < to.getTime());
}

/** Whether decisions of the day may lie beyond the page's cursor. */
function liesAhead({ firstStartMs, lastStartMs }: SealedDay, { direction, beyond }: DecisionPage): boolean {
  if (beyond === null) return true;
  return direction === 'forward' ? firstStartMs <= beyond.startedAtMs : lastStartMs >= beyond.startedAtMs;
}

/** Whether decisions of the day may lie on the near side of the page's cursor. */
function liesBehind({ firstStartMs, lastStartMs }: SealedDay, { direction, beyond }: DecisionPage): boolean {
  if (beyond === null) return false;
  return direction === 'forward' ? lastStartMs >= beyond.startedAtMs : firstStartMs <= beyond.startedAtMs;
}

/** Days ahead by the row that may come first of theirs, then the others outward from the cursor. */
function nearestFirst(page: DecisionPage): (left: SealedDay, right: SealedDay) => number {
  const isForward = page.direction === 'forward';
  return (left, right) => {
    const isAhead = liesAhead(left, page);
    if (isAhead !== liesAhead(right, page)) return isAhead ? -1 : 1;
    return isAhead === isForward ? right.lastStartMs - left.lastStartMs : left.firstStartMs - right.firstStartMs;
  };
}

/** Those of the unread days, nearest first, that may change what is read of the list. */
function wantedDays(reading: Reading, page: DecisionPage, unread: readonly SealedDay[]): SealedDay[] {
  const [nearest] = unread;
  const wantsAhead = nearest !== undefined && liesAhead(nearest, page) && mayHoldNearer(nearest, reading, page);
  const wantsBehind = page.beyond !== null && !reading.hasRowsBehind;
  return unread.filter((day) => (wantsAhead && liesAhead(day, page)) || (wantsBehind && liesBehind(day, page)));
}

/** Whether the day may hold a row of the page, or the one that says that more follow. */
function mayHoldNearer(day: SealedDay, { rows }: Reading, { direction, limit }: DecisionPage): boolean {
  const outermost = direction === 'forward' ? rows.at(-1) : rows[0];
  if (outermost === undefined || rows.length <= limit) return true;
  const outermostMs = outermost.startedAt.getTime();
  return direction === 'forward' ? day.lastStartMs >= outermostMs : day.firstStartMs <= outermostMs;
}

interface ListedRow extends DecisionRow {
  list: string | null;
  hasRowsBehind: boolean;
}

/** Adds to each list what it has on these days, in one statement. */
async function readDays(options: DecisionListOptions, readings: Readings, days: readonly string[]): Promise<void> {
  const { pool, page } = options;
  const { text, parameters } = pageSql(options, { lists: [...readings.keys()], days });
  const { rows } = await pool.query<ListedRow>(text, parameters);
  // An empty page still has a row of its list, which says what lies behind the cursor.
  const fetched = groupRows(rows, ({ list }) => list);
  const ranks = await rankTies(pool, readings, fetched);
  for (const [list, reading] of readings) {
    const found = fetched.get(list) ?? [];
    reading.hasRowsBehind ||= found.some(({ hasRowsBehind }) => hasRowsBehind);
    const merged = [...reading.rows, ...found.filter(({ id }) => id !== null)].sort(newestFirst(ranks));
    reading.rows = page.direction === 'forward' ? merged.slice(0, page.limit + 1) : merged.slice(-page.limit - 1);
  }
}

function newestFirst(ranks: ReadonlyMap<string, number>): (left: DecisionRow, right: DecisionRow) => number {
  const rank = ({ id }: DecisionRow) => ranks.get(id) ?? 0;
  return (left, right) => right.startedAt.getTime() - left.startedAt.getTime() || rank(right) - rank(left);
}

/** The order of ids as the database has it, for rows of two statements that started in the same millisecond. */
async function rankTies(
  pool: Pool,
  readings: Readings,
  fetched: ReadonlyMap<string | null, ListedRow[]>,
): Promise<Map<string, number>> {
  const tied = [...readings].flatMap(([list, { rows }]) => {
    const found = fetched.get(list) ?? [];
    const starts = new Set(rows.map(({ startedAt }) => startedAt.getTime()));
    const shared = new Set(found.flatMap(({ id, startedAt }) => (id === null ? [] : startedAt.getTime())));
    return [...rows, ...found.filter(({ id }) => id !== null)].filter(
      ({ startedAt }) => starts.has(startedAt.getTime()) && shared.has(startedAt.getTime()),
    );
  });
  if (tied.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM unnest($1::text[]) AS id ORDER BY id', [
    tied.map(({ id }) => id),
  ]);
  return new Map(rows.map(({ id }, index) => [id, index]));
}

/**
 * One page of each list on these days. A lateral join reads at most `limit + 1` rows of each list from the index, however
 * long the lists are.
 */
export function pageSql(
  { fleet, filter, page }: Pick<DecisionListOptions, 'fleet' | 'filter' | 'page'>,
  { lists, days }: { lists: readonly (string | null)[]; days: readonly string[] },
): { text: string; parameters: unknown[] } {
  const parameters: unknown[] = [fleet, lists, page.limit + 1, days];
  const conditions = filterSql(filter, parameters.length + 1);
  parameters.push(...conditions.parameters);
  const { ahead, sort, behind, sortBehind } = keysetOrder('descending', page.direction);
  const ofList = lists.includes(null) ? 'TRUE' : 'd.agent = list.agent';
  const listed = `d.fleet_id = $1 AND d.sealed_on = ANY($4::date[]) AND ${ofList} AND ${conditions.text}`;
  let beyond = 'TRUE';
  let hasRowsBehind = 'FALSE';
  if (page.beyond !== null) {
    parameters.push(new Date(page.beyond.startedAtMs).toISOString(), page.beyond.id);
    const key = `($${parameters.length - 1}::timestamptz, $${parameters.length}::text)`;
    beyond = `(d.started_at, d.id) ${ahead} ${key}`;
    hasRowsBehind = `(SELECT TRUE FROM decision d WHERE ${listed} AND (d.started_at, d.id) ${behind} ${key}
      ORDER BY d.started_at ${sortBehind}, d.id ${sortBehind} LIMIT 1) IS NOT NULL`;
  }
  const text = `
    SELECT list.agent AS "list", ${hasRowsBehind} AS "hasRowsBehind", page.*
    FROM unnest($2::text[]) AS list (agent)
    LEFT JOIN LATERAL (
      SELECT ${DECISION_SELECTION} FROM decision d
      WHERE ${listed} AND ${beyond}
      ORDER BY d.started_at ${sort}, d.id ${sort} LIMIT $3
    ) page ON TRUE
    ORDER BY list.agent, page."startedAt" DESC, page.id DESC`;
  return { text, parameters };
}
