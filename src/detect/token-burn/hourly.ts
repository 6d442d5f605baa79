import type { Finding } from '../../anomaly/finding.js';
import { moment } from '../../fleet/wording.js';
import { DAY_MS, floorTo, HOUR_MS } from '../../time.js';

/** The tokens of an agent by the hour, for a week. */
export interface HourlyTokens {
  /** The hour that is not over; null before the first decision. */
  hourMs: number | null;
  current: number;
  /** Hours that are over, the newest last, those without tokens too; what was burned counts as the most that is usual. */
  past: readonly number[];
  /** Since when it burns, hour after hour; null when it does not. */
  burningSinceMs: number | null;
}

export const NO_HOURS: HourlyTokens = { hourMs: null, current: 0, past: [], burningSinceMs: null };

const DAY_HOURS = 24;
const PAST_MAX = 7 * DAY_HOURS;
/** Before a day is over, nothing is known of its hours. */
const PAST_MIN = DAY_HOURS;
/** So many times what is usual at the hour, and more than in any hour of the week. */
const TIMES_USUAL = 3;
const TIMES_HIGHEST = 1.25;
const TOKENS_MIN = 50_000;
const CRITICAL_TIMES = 3;

/**
 * Counts what a decision used; the finding when the hour has passed what is far above usual, once until an hour is ordinary
 * again. What comes late counts as used now.
 */
export function countHour(
  hours: HourlyTokens,
  atMs: number,
  tokens: number,
): { hours: HourlyTokens; finding: Finding | null } {
  const reached = passHours(hours, floorTo(atMs, HOUR_MS));
  const current = reached.current + tokens;
  const counted = { ...reached, current };
  const bound = boundOf(counted);
  if (bound === null || current <= bound || counted.burningSinceMs !== null) return { hours: counted, finding: null };
  const burningSinceMs = counted.hourMs ?? atMs;
  return { hours: { ...counted, burningSinceMs }, finding: findingOf(counted, bound, burningSinceMs) };
}

function passHours(hours: HourlyTokens, hourMs: number): HourlyTokens {
  if (hours.hourMs === null) return { ...hours, hourMs };
  if (hourMs <= hours.hourMs) return hours;
  const bound = boundOf(hours);
  const isBurning = bound !== null && hours.current > bound;
  const idle = Math.min((hourMs - hours.hourMs) / HOUR_MS - 1, PAST_MAX);
  const closed = isBurning ? bound : hours.current;
  return {
    hourMs,
    current: 0,
    past: [...hours.past, closed, ...new Array<number>(idle).fill(0)].slice(-PAST_MAX),
    burningSinceMs: isBurning && idle === 0 ? hours.burningSinceMs : null,
  };
}

/** Null while too little is known. */
function boundOf({ past }: HourlyTokens): number | null {
  if (past.length < PAST_MIN) return null;
  return Math.max(TOKENS_MIN, TIMES_USUAL * usualOf(past), TIMES_HIGHEST * Math.max(...past));
}

/** The median over the days of the most in the hour and its neighbours. */
function usualOf(past: readonly number[]): number {
  const days = Math.floor(past.length / DAY_HOURS);
  const atHour = Array.from({ length: days }, (_, day) => {
    const place = past.length - (day + 1) * DAY_HOURS;
    return Math.max(...past.slice(Math.max(0, place - 1), place + 2));
  });
  const sorted = atHour.sort((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Whether the hour that `atMs` lies in burns. */
export function isBurningAt({ hourMs, burningSinceMs }: HourlyTokens, atMs: number): boolean {
  return burningSinceMs !== null && hourMs === floorTo(atMs, HOUR_MS);
}

/** What many agents burn in the same hour: there is more to do for all of them, so it is said once, of the fleet. */
export function findingOfManyBurning(agents: readonly string[], atMs: number): Finding {
  const hour = floorTo(atMs, HOUR_MS);
  return {
    kind: 'TOKEN_BURN',
    severity: 'WARNING',
    score: 1 - 1 / (1 + agents.length),
    observed: agents.length,
    expected: 0,
    summary: `${agents.length} agents or more have each used more tokens since ${moment(hour)} than in any hour of the week, first of all ${agents.join(', ')}`,
    evidence: { burn: 'HOUR', hour: new Date(hour).toISOString(), agents },
    incident: `hours of many agents from ${new Date(hour).toISOString()}`,
  };
}

function findingOf(hours: HourlyTokens, bound: number, sinceMs: number): Finding {
  const usual = usualOf(hours.past);
  const since = new Date(sinceMs).toISOString();
  return {
    kind: 'TOKEN_BURN',
    severity: hours.current > CRITICAL_TIMES * bound ? 'CRITICAL' : 'WARNING',
    score: 1 - bound / (2 * hours.current),
    observed: hours.current,
    expected: usual,
    summary: `the agent has used ${hours.current.toLocaleString('en')} tokens since ${moment(sinceMs)}, more than in any hour of the week; usual at this hour are up to ${usual.toLocaleString('en')}`,
    evidence: {
      burn: 'HOUR',
      hour: since,
      tokens: hours.current,
      usual,
      highest: Math.max(...hours.past),
      daysKnown: Math.floor((hours.past.length * HOUR_MS) / DAY_MS),
    },
    incident: `hours from ${since}`,
  };
}
