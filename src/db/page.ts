/** Keyset pages: a place in an ordered list and how many rows beyond it, never an offset, so rows that arrive move nothing. */

export interface PageRequest<Key> {
  /** Rows wanted, at least 1. */
  limit: number;
  /** `forward` walks in the list's order, `backward` against it. */
  direction: 'forward' | 'backward';
  /** The row beyond which to start, itself excluded; null: from the list's beginning, or its end when walking backward. */
  beyond: Key | null;
}

export interface Page<Row> {
  /** In the list's order, whatever the direction. */
  rows: Row[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/**
 * `fetched` holds up to `limit + 1` rows in the list's order: the one too many, at the far end, says that more follow.
 * `hasRowsBehind`: rows exist on the near side of `beyond`.
 */
export function toPage<Row, Key>(
  fetched: readonly Row[],
  { limit, direction }: PageRequest<Key>,
  hasRowsBehind: boolean,
): Page<Row> {
  const hasMore = fetched.length > limit;
  if (direction === 'forward') {
    return { rows: fetched.slice(0, limit), hasNextPage: hasMore, hasPreviousPage: hasRowsBehind };
  }
  return { rows: fetched.slice(hasMore ? 1 : 0), hasNextPage: hasRowsBehind, hasPreviousPage: hasMore };
}

export interface KeysetOrder {
  ahead: '<' | '>';
  sort: 'ASC' | 'DESC';
  behind: '<=' | '>=';
  /** Outward from the cursor: sorted so, the planner probes the index beside it instead of scanning for any match. */
  sortBehind: 'ASC' | 'DESC';
}

/** Comparisons and sort directions of a list that is ordered by its whole key in one direction. */
export function keysetOrder(order: 'ascending' | 'descending', direction: 'forward' | 'backward'): KeysetOrder {
  const isRising = (order === 'ascending') === (direction === 'forward');
  return isRising
    ? { ahead: '>', sort: 'ASC', behind: '<=', sortBehind: 'DESC' }
    : { ahead: '<', sort: 'DESC', behind: '>=', sortBehind: 'ASC' };
}
