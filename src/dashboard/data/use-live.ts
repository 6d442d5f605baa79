import { useEffect, useRef } from 'preact/hooks';
import { fleet } from '../route/slice.js';
import type { Failure } from './failure.js';
import { type Following, follow } from './live.js';
import type { Operation } from './operation.js';

export interface Live<Data, Variables> {
  variables: Omit<Variables, 'after'>;
  /**
   * Where to begin: the place in `resumeFrom` of the read that what follows goes on from. Undefined: not yet, that is still
   * to come. Null: the stream itself begins with how things are.
   */
  after: string | null | undefined;
  placeOf: (data: Data) => string;
  /** What came since the last frame, in order: many events a second are drawn once. */
  onEvents: (events: Data[]) => void;
  onFailure?: (failure: Failure) => void;
}

/** Follows a subscription for as long as the component is there and its variables stay. */
export function useLive<Data, Variables>(
  operation: Operation<Data, Variables>,
  { variables, after, placeOf, onEvents, onFailure }: Live<Data, Variables>,
): void {
  const latest = useRef({ placeOf, onEvents, onFailure });
  latest.current = { placeOf, onEvents, onFailure };
  const fleetId = fleet.value;
  const isReady = after !== undefined;
  // Where it began is no reason to begin again
  useEffect(() => {
    if (!isReady || fleetId === null) return undefined;
    let waiting: Data[] = [];
    let frame = 0;
    const flush = () => {
      const events = waiting;
      [waiting, frame] = [[], 0];
      latest.current.onEvents(events);
    };
    const following: Following<Data, Variables> = {
      fleet: fleetId,
      operation,
      variables,
      after: after ?? null,
      placeOf: (data) => latest.current.placeOf(data),
      onEvent: (data) => {
        waiting.push(data);
        // A page in the background gets no frames: what comes would pile up.
        if (document.hidden) flush();
        else if (frame === 0) frame = requestAnimationFrame(flush);
      },
      onFailure: (failure) => latest.current.onFailure?.(failure),
    };
    const stop = follow(following);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [operation, fleetId, isReady, JSON.stringify(variables)]);
}
