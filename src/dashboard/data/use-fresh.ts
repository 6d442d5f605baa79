import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { nowMs } from '../figure/clock.js';

const MINUTE_MS = 60_000;

export interface Fresh {
  /** When the figures on the screen were last worth asking for. */
  atMs: number;
  /** Says that something happened that changes them: they are asked for again, but not more often than so many ms. */
  touch: () => void;
}

/** Paces how often figures are asked for anew while events come by the dozen; the minute that begins moves them too. */
export function useFresh(pauseMs = 5_000): Fresh {
  const [atMs, setAtMs] = useState(Date.now);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const last = useRef(atMs);
  const touch = useCallback(() => {
    if (timer.current !== null) return;
    const waitMs = Math.max(0, last.current + pauseMs - Date.now());
    timer.current = setTimeout(() => {
      timer.current = null;
      last.current = Date.now();
      setAtMs(last.current);
    }, waitMs);
  }, [pauseMs]);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  const minute = Math.floor(nowMs.value / MINUTE_MS);
  useEffect(() => {
    if (minute > Math.floor(last.current / MINUTE_MS)) touch();
  }, [minute, touch]);
  return { atMs, touch };
}
