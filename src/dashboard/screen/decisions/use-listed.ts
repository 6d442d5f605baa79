import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, toFailure } from '../../data/failure.js';
import { request } from '../../data/request.js';
import { useLive } from '../../data/use-live.js';
import { windowOf } from '../../route/range.js';
import { fleet, slice } from '../../route/slice.js';
import { Decisions, DecisionsLive, type DecisionsQueryVariables } from './decisions.graphql.js';
import { addEvents, addPage, type Listed, NOTHING, showWaiting } from './listed.js';

type Filter = NonNullable<DecisionsQueryVariables['filter']>;

export interface ListedDecisions {
  listed: Listed;
  isLoading: boolean;
  failure: Failure | null;
  readOn: () => void;
  /** Puts what came since on top. */
  show: () => void;
  retry: () => void;
}

/** Decisions that pass a filter, read page by page, with those that come while one looks. */
export function useListed(filter: Filter): ListedDecisions {
  const { range } = slice.value;
  const key = JSON.stringify([fleet.value, range, filter]);
  const [state, setState] = useState({ key: '', listed: NOTHING, isLoading: true });
  const [failure, setFailure] = useState<Failure | null>(null);
  const current = useRef(key);
  current.current = key;
  const read = useCallback(
    async (from: Listed['next']) => {
      const asked = current.current;
      setFailure(null);
      setState((before) =>
        before.key === asked ? { ...before, isLoading: true } : { key: asked, listed: NOTHING, isLoading: true },
      );
      try {
        const { data } = await request(Decisions, pageOf(filter, from));
        if (current.current !== asked) return;
        const place = data.resumeFrom.decisionRecorded;
        setState((before) => ({ ...before, listed: addPage(before.listed, data.decisions, place), isLoading: false }));
      } catch (error) {
        if (current.current !== asked) return;
        setFailure(toFailure(error));
        setState((before) => ({ ...before, isLoading: false }));
      }
    },
    [key],
  );
  useEffect(() => void read(null), [read]);
  useLive(DecisionsLive, {
    variables: { filter },
    after: 'last' in range && state.key === key ? state.listed.place : undefined,
    placeOf: ({ decisionRecorded }) => decisionRecorded.id,
    onEvents: (events) => {
      const decisions = events.map(({ decisionRecorded }) => decisionRecorded);
      setState((before) => ({ ...before, listed: addEvents(before.listed, decisions) }));
    },
    onFailure: setFailure,
  });
  const show = useCallback(() => setState((before) => ({ ...before, listed: showWaiting(before.listed) })), []);
  const { next } = state.listed;
  const readOn = () => {
    if (next !== null && !state.isLoading && failure === null) void read(next);
  };
  const listed = state.key === key ? state.listed : NOTHING;
  return { listed, isLoading: state.isLoading, failure, readOn, show, retry: () => void read(next) };
}

function pageOf(filter: Filter, from: Listed['next']): DecisionsQueryVariables {
  const window = windowOf(slice.value.range, Date.now());
  const timed = { ...filter, from: window.from, to: window.to };
  if (from === null) return { filter: timed };
  if ('cursor' in from) return { filter: timed, after: from.cursor };
  return { filter: { ...timed, to: new Date(Date.parse(from.before) + 1).toISOString() } };
}
