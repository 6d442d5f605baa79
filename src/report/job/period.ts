import { DAY_MS, shiftDay, startOfDay } from '../../time.js';
import { Calendar } from '../document/wording.js';

export type PeriodLength = 'day' | 'week' | 'month';

/** The last day, week from Monday on, or month that was over in a time zone at `nowMs`, in milliseconds since the epoch. */
export function lastPeriod(per: PeriodLength, zone: string, nowMs: number): { fromMs: number; toMs: number } {
  const calendar = new Calendar(zone);
  const today = calendar.day(nowMs);
  const end = startOfPeriod(per, today);
  const start = startOfPeriod(per, shiftDay(end, -1));
  return { fromMs: midnightOf(calendar, start), toMs: midnightOf(calendar, end) };
}

function startOfPeriod(per: PeriodLength, day: string): string {
  if (per === 'day') return day;
  if (per === 'month') return `${day.slice(0, 7)}-01`;
  const weekday = (new Date(startOfDay(day)).getUTCDay() + 6) % 7;
  return shiftDay(day, -weekday);
}

/** When a day begins in a time zone: at midnight, or where clocks are put forward then, at the first moment after it. */
function midnightOf(calendar: Calendar, day: string): number {
  let [low, high] = [startOfDay(day) - DAY_MS, startOfDay(day) + DAY_MS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (calendar.moment(middle).slice(0, 10) >= day) high = middle;
    else low = middle;
  }
  return high;
}
