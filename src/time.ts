/** Lengths of time in milliseconds, and days in UTC written as `2026-11-24`. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The start of the minute, hour or day (of whatever is `unitMs` long) that the moment lies in. */
export function floorTo(atMs: number, unitMs: number): number {
  return Math.floor(atMs / unitMs) * unitMs;
}

/** The day that the moment lies in. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** Milliseconds since the epoch; NaN for what is no day. */
export function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}

/** The day so many days later, or earlier with a negative number. */
export function shiftDay(day: string, days: number): string {
  return dayOf(startOfDay(day) + days * DAY_MS);
}

/** The days from the first to the last, both of them too. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = shiftDay(day, 1)) days.push(day);
  return days;
}

/** Whether the text is a day of the calendar. */
export function isDay(text: string): boolean {
  const startMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? startOfDay(text) : Number.NaN;
  // Some parsers let February have 31 days.
  return !Number.isNaN(startMs) && dayOf(startMs) === text;
}
