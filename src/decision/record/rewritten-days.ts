import { dayOf, shiftDay } from '../../time.js';

/**
 * How far back a decision can be amended, superseded or linked: the journal keeps the spans it is assembled from for an
 * hour, and a day may begin meanwhile.
 */
const REWRITTEN_DAYS = 2;

/** The days whose rows are still written: statements name both ends, so that they touch few partitions. */
export interface RewrittenDays {
  first: string;
  last: string;
}

/** Tomorrow is among them: clocks are put back. */
export function rewrittenDays(nowMs: number): RewrittenDays {
  const today = dayOf(nowMs);
  return { first: shiftDay(today, -REWRITTEN_DAYS), last: shiftDay(today, 1) };
}
