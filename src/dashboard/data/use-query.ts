import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { fleet } from '../route/slice.js';
import { type Failure, toFailure } from './failure.js';
import { noteAnswer } from './live.js';
import type { Operation } from './operation.js';
import { type Partial, request } from './request.js';

export interface Query<Data> {
  /** Null until something came; what came before stays while something newer is asked for. */
  data: Data | null;
  /** Why nothing came, or why a part of it is missing. */
  failure: Failure | null;
  isLoading: boolean;
  /** Whether the answer came while one looks; if not, it is what was known of it earlier. */
  isAnswered: boolean;
  /** Asks again with the same variables. */
  refresh: () => void;
}

export interface QueryOptions {
  key?: string;
  isPaused?: boolean;
  /** When it changes, the same is asked again. */
  atMs?: number;
}

interface State<Data> {
  data: Data | null;
  failure: Failure | null;
  isLoading: boolean;
  isAnswered: boolean;
}

/** Screens left shortly before are there again at once: the newest answers, by operation and variables. */
const REMEMBERED_MAX = 24;
const remembered = new Map<string, unknown>();

/**
 * The answer to an operation, asked anew when its variables change. `key` names what the answer is of where variables
 * also say when it was asked: coming back to the same thing then shows what was known of it until the new answer is there.
 */
export function useQuery<Data, Variables>(
  operation: Operation<Data, Variables>,
  variables: Variables,
  { key = JSON.stringify(variables), isPaused = false, atMs = 0 }: QueryOptions = {},
): Query<Data> {
  const place = `${fleet.value}\n${operation}\n${key}`;
  const [state, setState] = useState<State<Data> & { place: string }>(() => recall(place));
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((number) => number + 1), []);
  const sent = JSON.stringify(variables);
  const latest = useRef(variables);
  latest.current = variables;
  // `sent` stands for the variables, and `round` asks again
  useEffect(() => {
    if (isPaused) return undefined;
    const abort = new AbortController();
    setState((before) => ({ ...(before.place === place ? before : recall<Data>(place)), isLoading: true }));
    request(operation, latest.current, abort.signal).then(
      (answer) => {
        remember(place, answer.data);
        noteAnswer();
        setState({ place, ...settle(answer), isLoading: false, isAnswered: true });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...before, failure: toFailure(error), isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [operation, sent, place, isPaused, round, atMs]);
  const shown = state.place === place ? state : recall<Data>(place);
  const { data, failure, isLoading, isAnswered } = shown;
  return { data, failure, isLoading, isAnswered, refresh };
}

function settle<Data>({ data, failures }: Partial<Data>): { data: Data; failure: Failure | null } {
  return { data, failure: failures[0] ?? null };
}

function recall<Data>(place: string): State<Data> & { place: string } {
  const data = (remembered.get(place) as Data | undefined) ?? null;
  return { place, data, failure: null, isLoading: true, isAnswered: false };
}

function remember(place: string, data: unknown): void {
  remembered.delete(place);
  remembered.set(place, data);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
}
