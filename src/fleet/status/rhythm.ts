/** How often an agent decides, learned from what it did: no heartbeat is sent, and none is needed. */

import { DAY_MS, floorTo, HOUR_MS } from '../../time.js';

/** What is known of an agent's past. Times are milliseconds since the epoch. */
export interface Rhythm {
  firstSeenMs: number;
  lastSeenMs: number;
  /** Decisions of each hour of the last week, by the hour's start; hours without any are absent. */
  hours: ReadonlyMap<number, number>;
  /** When its last decisions started, newest first, at most `RECENT_MAX`; empty where nobody asked for them. */
  recentMs: readonly number[];
}

export const RECENT_MAX = 20;
/** So many decisions were to be expected in a silence before it means something: by chance that is one in 20,000. */
const EXPECTED_MIN = 10;
/** The same for gaps between decisions, as multiples of their median. */
const MEDIAN_GAPS_MIN = 15;
const GAPS_MIN = 7;
/** An agent of which too little is known may be still for a day, and for ten times its usual gap. */
const UNKNOWN_GAPS_MIN = 10;

export interface Silence {
  isSilent: boolean;
  /** Decisions that its own rhythm let expect in the time since the last. */
  expected: number;
  /** Whether it was judged by its last gaps, not by what it usually does at these hours. */
  isByGaps: boolean;
}

/** Where it works so many times faster than it used to at this hour, its past says nothing of its present. */
const OUTGROWN_FACTOR = 5;

/**
 * Whether the time since the agent's last decision is longer than its rhythm explains: what it usually does at these
 * hours of the day (the median of the last week, so that a night without work is no alarm and one odd day does not count),
 * or, before a day of it is known, its last gaps.
 */
export function judgeSilence(rhythm: Rhythm, nowMs: number): Silence {
  const { firstSeenMs, lastSeenMs } = rhythm;
  const silenceMs = Math.max(0, nowMs - lastSeenMs);
  const gaps = gapsOf(rhythm.recentMs);
  if (lastSeenMs - firstSeenMs >= DAY_MS && !hasOutgrown(rhythm, gaps)) {
    const expected = expectedSince(rhythm, nowMs);
    return { isSilent: expected >= EXPECTED_MIN, expected, isByGaps: false };
  }
  if (gaps.length >= GAPS_MIN) {
    const expected = silenceMs / Math.max(median(gaps), 1);
    return { isSilent: expected >= MEDIAN_GAPS_MIN, expected, isByGaps: true };
  }
  const meanGapMs = gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(gaps.length, 1);
  const expected = meanGapMs === 0 ? 0 : silenceMs / meanGapMs;
  return { isSilent: silenceMs >= Math.max(DAY_MS, UNKNOWN_GAPS_MIN * meanGapMs), expected, isByGaps: true };
}

function hasOutgrown(rhythm: Rhythm, gaps: readonly number[]): boolean {
  if (gaps.length < GAPS_MIN) return false;
  const perHour = HOUR_MS / Math.max(median(gaps), 1);
  return perHour >= OUTGROWN_FACTOR * Math.max(usualAt(rhythm, floorTo(rhythm.lastSeenMs, HOUR_MS)), 1);
}

/** Decisions usually made between the last one and now. */
function expectedSince(rhythm: Rhythm, nowMs: number): number {
  let expected = 0;
  // Beyond a day every hour of the day has been counted once, which is enough to know.
  const endMs = Math.min(nowMs, rhythm.lastSeenMs + DAY_MS);
  for (let atMs = rhythm.lastSeenMs; atMs < endMs; ) {
    const hourMs = floorTo(atMs, HOUR_MS);
    const untilMs = Math.min(hourMs + HOUR_MS, endMs);
    expected += (usualAt(rhythm, hourMs) * (untilMs - atMs)) / HOUR_MS;
    atMs = untilMs;
  }
  return expected;
}

const DAYS_LOOKED_AT = 7;

/** The median number of decisions in this hour of the day over the days before. */
function usualAt({ hours, firstSeenMs }: Rhythm, hourMs: number): number {
  const counts: number[] = [];
  for (let day = 1; day <= DAYS_LOOKED_AT; day += 1) {
    const before = hourMs - day * DAY_MS;
    if (before + HOUR_MS > firstSeenMs) counts.push(hours.get(before) ?? 0);
  }
  return counts.length === 0 ? 0 : median(counts);
}

function gapsOf(newestFirst: readonly number[]): number[] {
  return newestFirst.slice(1).map((atMs, index) => (newestFirst[index] as number) - atMs);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}
