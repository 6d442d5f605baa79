import type { ListedFragment } from './decisions.graphql.js';

/** Decisions newest first, as far as they were read, and what came since and is not shown yet. */
export interface Listed {
  rows: readonly ListedFragment[];
  waiting: readonly ListedFragment[];
  /** Where reading goes on; null: all was read. */
  next: { cursor: string } | { before: string } | null;
  /** Where what comes is followed from; undefined: nothing was read yet. */
  place: string | undefined;
}

/** So many rows are kept while new ones come on top: the rest is read again when somebody scrolls there. */
export const KEPT_MAX = 3_000;

export const NOTHING: Listed = { rows: [], waiting: [], next: null, place: undefined };

export function addPage(
  listed: Listed,
  page: { nodes: readonly ListedFragment[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } },
  place: string,
): Listed {
  const { hasNextPage, endCursor } = page.pageInfo;
  const next = hasNextPage && endCursor !== null ? { cursor: endCursor } : null;
  const [last, first] = [listed.rows.at(-1), page.nodes[0]];
  // What follows on is added as it is: putting 200,000 in order for every page would be seen.
  const follows = last === undefined || (first !== undefined && first.startedAt < last.startedAt);
  const rows = follows ? [...listed.rows, ...page.nodes] : merge(listed.rows, page.nodes);
  return { ...listed, rows, next, place: listed.place ?? place };
}

export function addEvents(listed: Listed, events: readonly ListedFragment[]): Listed {
  return { ...listed, waiting: merge(listed.waiting, events).slice(0, KEPT_MAX) };
}

/** Puts what waits on top. */
export function showWaiting(listed: Listed): Listed {
  if (listed.waiting.length === 0) return listed;
  const rows = merge(listed.rows, listed.waiting);
  const last = rows[KEPT_MAX - 1];
  if (rows.length <= KEPT_MAX || last === undefined) return { ...listed, rows, waiting: [] };
  return { ...listed, rows: rows.slice(0, KEPT_MAX), waiting: [], next: { before: last.startedAt } };
}

/** In order of start, the newest first, each once: as it came last. */
function merge(one: readonly ListedFragment[], other: readonly ListedFragment[]): ListedFragment[] {
  const byId = new Map([...one, ...other].map((row) => [row.id, row]));
  return [...byId.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
}
