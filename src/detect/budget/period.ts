import type { BudgetSetting } from '../../settings/settings.js';
import { DAY_MS, floorTo } from '../../time.js';

/** From `startMs` on, before `endMs`; milliseconds since the epoch. */
export interface Period {
  startMs: number;
  endMs: number;
}

/** 1970-01-05, the first Monday since the epoch. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;

/** The day, the week from Monday on (ISO 8601) or the month in UTC that the moment lies in. */
export function periodAt(per: BudgetSetting['per'], atMs: number): Period {
  if (per === 'month') {
    const at = new Date(atMs);
    const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
    return { startMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
  }
  if (per === 'day') return { startMs: floorTo(atMs, DAY_MS), endMs: floorTo(atMs, DAY_MS) + DAY_MS };
  const startMs = floorTo(atMs - FIRST_MONDAY_MS, WEEK_MS) + FIRST_MONDAY_MS;
  return { startMs, endMs: startMs + WEEK_MS };
}
