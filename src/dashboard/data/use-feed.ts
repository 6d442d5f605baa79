import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { fleet } from '../route/slice.js';
import { type Failure, toFailure } from './failure.js';

export interface FeedPage<Row> {
  nodes: readonly Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  /** Where what comes later is followed from; left out by what is not followed. */
  place?: string;
}

export interface Feed<Row> {
  /** The newest first. */
  rows: readonly Row[];
  isLoading: boolean;
  failure: Failure | null;
  hasMore: boolean;
  /** Of the first page that was read. */
  place: string | undefined;
  /** Reads the next page of older ones. */
  readOn: () => void;
  retry: () => void;
  /** Reads the newest page again. */
  refresh: () => void;
  /** Takes what came since: what is known is replaced where it stands, what is new comes on top. */
  take: (rows: readonly Row[]) => void;
}

interface State<Row> {
  key: string;
  rows: readonly Row[];
  next: string | null;
  begin: string | undefined;
  isLoading: boolean;
  failure: Failure | null;
}

/** So many are kept while new ones come on top: a page that is open for days does not grow. */
const KEPT_MAX = 1_000;

/**
 * What is numbered in the order it happened (`Anomaly:12`), read page by page, with what comes while one looks. `key` names
 * what is read: with another, reading begins anew. What does not belong any more is dropped.
 */
export function useFeed<Row extends { id: string }>(
  key: string,
  read: (after: string | null) => Promise<FeedPage<Row>>,
  belongs: (row: Row) => boolean = () => true,
): Feed<Row> {
  const place = `${fleet.value} ${key}`;
  const [state, setState] = useState<State<Row>>(() => empty(place));
  const latest = useRef({ read, belongs, place });
  latest.current = { read, belongs, place };
  const readFrom = useCallback(async (after: string | null) => {
    const asked = latest.current.place;
    setState((before) => ({ ...(before.key === asked ? before : empty<Row>(asked)), isLoading: true, failure: null }));
    try {
      const { nodes, pageInfo, place: begin } = await latest.current.read(after);
      if (latest.current.place !== asked) return;
      const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      setState((before) => ({
        ...before,
        rows: merge(before.rows, nodes),
        next,
        begin: before.begin ?? begin,
        isLoading: false,
      }));
    } catch (error) {
      if (latest.current.place !== asked) return;
      setState((before) => ({ ...before, failure: toFailure(error), isLoading: false }));
    }
  }, []);
  // Another place is read from its beginning
  useEffect(() => void readFrom(null), [place, readFrom]);
  const take = useCallback((came: readonly Row[]) => {
    setState((before) => {
      const rows = merge(before.rows, came).filter(latest.current.belongs);
      return rows.length > KEPT_MAX ? { ...before, rows: rows.slice(0, KEPT_MAX), next: null } : { ...before, rows };
    });
  }, []);
  const { rows, next, begin, isLoading, failure } = state.key === place ? state : empty<Row>(place);
  return {
    rows,
    isLoading,
    failure,
    hasMore: next !== null,
    place: begin,
    readOn: () => void readFrom(next),
    refresh: () => void readFrom(null),
    retry: () => void readFrom(rows.length === 0 ? null : next),
    take,
  };
}

function empty<Row>(key: string): State<Row> {
  return { key, rows: [], next: null, begin: undefined, isLoading: true, failure: null };
}

/** Each once, as it came last. */
function merge<Row extends { id: string }>(one: readonly Row[], other: readonly Row[]): Row[] {
  const byId = new Map([...one, ...other].map((row) => [row.id, row]));
  return [...byId.values()].sort((a, b) => numberOf(b.id) - numberOf(a.id));
}

/** Of `Anomaly:12`, 12. */
export function numberOf(id: string): number {
  return Number(id.slice(id.indexOf(':') + 1));
}
