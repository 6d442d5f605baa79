import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../time.js';

/** Where the figures of a span of time lie: in the rollups of whole days, hours and minutes, and for what is left in raw rows. */
export type Tier = 'day' | 'hour' | 'minute' | 'raw';

/** Milliseconds since the epoch, `toMs` excluded. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

export interface TierSpan extends TimeSpan {
  tier: Tier;
  /** Which step of the query it belongs to, from 0. */
  step: number;
}

const UNITS_MS = { day: DAY_MS, hour: HOUR_MS, minute: MINUTE_MS } as const;
type RollupTier = keyof typeof UNITS_MS;

/** From when on the rollups of a tier are whole; −∞ where nothing was dropped. */
export type RollupsSince = Readonly<Record<RollupTier, number>>;

/**
 * The range cut into steps, and each step into the coarsest tiers that cover it exactly. Steps are `stepMs` long from
 * `fromMs` on, the last one as long as is left; null: one step.
 */
export function coverRange(range: TimeSpan, stepMs: number | null, since: RollupsSince): TierSpan[] {
  const spans: TierSpan[] = [];
  const lengthMs = stepMs ?? range.toMs - range.fromMs;
  for (let fromMs = range.fromMs, step = 0; fromMs < range.toMs; fromMs += lengthMs, step += 1) {
    const covered = cover({ fromMs, toMs: Math.min(fromMs + lengthMs, range.toMs) }, ['day', 'hour', 'minute'], since);
    for (const span of covered) spans.push({ ...span, step });
  }
  return spans;
}

/** The same time in as few spans as can be. They are in order. */
export function joinSpans(spans: readonly TimeSpan[]): TimeSpan[] {
  const joined: TimeSpan[] = [];
  for (const { fromMs, toMs } of spans) {
    const last = joined.at(-1);
    if (last?.toMs === fromMs) last.toMs = toMs;
    else joined.push({ fromMs, toMs });
  }
  return joined;
}

function cover(
  { fromMs, toMs }: TimeSpan,
  [tier, ...finer]: readonly RollupTier[],
  since: RollupsSince,
): Omit<TierSpan, 'step'>[] {
  if (fromMs >= toMs) return [];
  if (tier === undefined) return [{ tier: 'raw', fromMs, toMs }];
  const unitMs = UNITS_MS[tier];
  const startMs = Math.max(Math.ceil(fromMs / unitMs) * unitMs, since[tier]);
  const endMs = floorTo(toMs, unitMs);
  if (startMs >= endMs) return cover({ fromMs, toMs }, finer, since);
  return [
    ...cover({ fromMs, toMs: startMs }, finer, since),
    { tier, fromMs: startMs, toMs: endMs },
    ...cover({ fromMs: endMs, toMs }, finer, since),
  ];
}

/**
 * The same for figures that exist in rollups only: each step is moved to the buckets that are still there, minutes or, further
 * back, hours and days, so that every bucket is in one step.
 */
export function coverBuckets(range: TimeSpan, stepMs: number | null, since: RollupsSince): TierSpan[] {
  const lengthMs = stepMs ?? range.toMs - range.fromMs;
  const spans: TierSpan[] = [];
  let fromMs = floorTo(range.fromMs, bucketLengthAt(range.fromMs, since));
  for (let nextMs = range.fromMs + lengthMs, step = 0; fromMs < range.toMs; nextMs += lengthMs, step += 1) {
    const isLast = nextMs >= range.toMs;
    const unitMs = bucketLengthAt(isLast ? range.toMs : nextMs, since);
    const toMs = isLast ? Math.ceil(range.toMs / unitMs) * unitMs : floorTo(nextMs, unitMs);
    for (const span of cover({ fromMs, toMs }, ['day', 'hour', 'minute'], since)) spans.push({ ...span, step });
    fromMs = Math.max(fromMs, toMs);
  }
  return spans;
}

function bucketLengthAt(ms: number, since: RollupsSince): number {
  if (ms >= since.minute) return UNITS_MS.minute;
  return ms >= since.hour ? UNITS_MS.hour : UNITS_MS.day;
}

/** The range widened to whole minutes, for figures that exist in rollups only. */
export function wholeMinutes({ fromMs, toMs }: TimeSpan): TimeSpan {
  return { fromMs: floorTo(fromMs, MINUTE_MS), toMs: Math.ceil(toMs / MINUTE_MS) * MINUTE_MS };
}
