import { DAY_MS, floorTo, MINUTE_MS } from '../../time.js';

/** What was spent in the last day: five minutes each, ascending by their start, none of nothing; at most 288. */
export type Pace = readonly (readonly [startMs: number, amount: number])[];

const SLOT_MS = 5 * MINUTE_MS;
const KEPT_MS = DAY_MS;

export function addToPace(pace: Pace, atMs: number, amount: number): Pace {
  const startMs = floorTo(atMs, SLOT_MS);
  const newestMs = Math.max(startMs, pace.at(-1)?.[0] ?? startMs);
  const kept = pace.filter(([each]) => each > newestMs - KEPT_MS);
  if (startMs <= newestMs - KEPT_MS) return kept;
  const place = kept.findIndex(([each]) => each >= startMs);
  const known = kept[place];
  if (known?.[0] === startMs) return kept.with(place, [startMs, known[1] + amount]);
  return kept.toSpliced(known === undefined ? kept.length : place, 0, [startMs, amount]);
}

/** What was spent within `lengthMs`, at most a day, before the moment; exact to five minutes. */
export function spentWithin(pace: Pace, nowMs: number, lengthMs: number): number {
  return pace.reduce(
    (sum, [startMs, amount]) => (startMs > nowMs - lengthMs && startMs <= nowMs ? sum + amount : sum),
    0,
  );
}
