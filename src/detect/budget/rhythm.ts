import { DAY_MS, floorTo, HOUR_MS } from '../../time.js';

/** What is usually spent in each hour of the day, UTC. */
export interface Rhythm {
  /** The hour that is not over yet. */
  hourMs: number;
  /** Spent in it so far. */
  current: number;
  /** The mean of the last days, by hour of the day. */
  usual: readonly number[];
  /** Of how many days. */
  days: readonly number[];
}

const HOURS = 24;
/** Days that differ, such as a Sunday, are forgotten after a week. */
const MEMORY_DAYS = 7;
const KNOWN_DAYS = 2;

export function startRhythm(atMs: number): Rhythm {
  const nothing = new Array<number>(HOURS).fill(0);
  return { hourMs: floorTo(atMs, HOUR_MS), current: 0, usual: nothing, days: nothing };
}

/** What comes late counts as spent now. */
export function addToRhythm(rhythm: Rhythm, atMs: number, amount: number): Rhythm {
  const reached = passHours(rhythm, floorTo(atMs, HOUR_MS));
  return { ...reached, current: reached.current + amount };
}

/** Closes the hours before this one, those without any spend too; after a silence of a week nothing older counts. */
function passHours(rhythm: Rhythm, hourMs: number): Rhythm {
  if (hourMs <= rhythm.hourMs) return rhythm;
  const [usual, days] = [[...rhythm.usual], [...rhythm.days]];
  const firstMs = Math.max(rhythm.hourMs, hourMs - MEMORY_DAYS * DAY_MS);
  for (let closedMs = firstMs; closedMs < hourMs; closedMs += HOUR_MS) {
    const hour = hourOf(closedMs);
    const seen = Math.min((days[hour] ?? 0) + 1, MEMORY_DAYS);
    const amount = closedMs === rhythm.hourMs ? rhythm.current : 0;
    usual[hour] = (usual[hour] ?? 0) + (amount - (usual[hour] ?? 0)) / seen;
    days[hour] = seen;
  }
  return { hourMs, current: 0, usual, days };
}

/** Every hour of the day has been seen often enough. */
export function isRhythmKnown({ days }: Rhythm): boolean {
  return days.every((count) => count >= KNOWN_DAYS);
}

export function usualOfDay({ usual }: Rhythm): number {
  return usual.reduce((sum, amount) => sum + amount, 0);
}

export function usualAt({ usual }: Rhythm, atMs: number): number {
  return usual[hourOf(atMs)] ?? 0;
}

function hourOf(atMs: number): number {
  return new Date(atMs).getUTCHours();
}
