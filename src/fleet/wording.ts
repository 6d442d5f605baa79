import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.js';

/** A length of time as people say it: `4 ms`, `1.2 s`, `3 min`, `5 h`, `2 d`; less than nothing is 0. */
export function duration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < 999.5) return `${Math.round(length)} ms`;
  if (length < 2 * MINUTE_MS) return `${(length / 1_000).toFixed(1)} s`;
  if (length < 2 * HOUR_MS) return `${Math.round(length / MINUTE_MS)} min`;
  return length < 2 * DAY_MS ? `${Math.round(length / HOUR_MS)} h` : `${Math.round(length / DAY_MS)} d`;
}

/** A moment, given in milliseconds since the epoch, to the minute as people say it: `2026-11-28 07:00 UTC`. */
export function moment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A rate from 0 to 1 as people say it: `2.5 %`. */
export function percent(rate: number): string {
  return `${Number((rate * 100).toFixed(1))} %`;
}
