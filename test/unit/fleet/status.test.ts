import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Evidence, judgeHealth, leastLikelyRate, type Performance } from '../../../src/fleet/status/judge.js';
import { judgeSilence, type Rhythm } from '../../../src/fleet/status/rhythm.js';
import { DEFAULT_SETTINGS } from '../../../src/settings/settings.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.parse('2026-11-24T12:00:00Z');

/** An agent known for a week that makes so many decisions in each hour of the day. */
function established(perHour: (hourOfDay: number) => number, lastSeenMs: number): Rhythm {
  const firstSeenMs = NOW_MS - 8 * DAY_MS;
  const hours = new Map<number, number>();
  for (let atMs = Math.floor(firstSeenMs / HOUR_MS) * HOUR_MS; atMs <= lastSeenMs; atMs += HOUR_MS) {
    hours.set(atMs, perHour(new Date(atMs).getUTCHours()));
  }
  return { firstSeenMs, lastSeenMs, hours, recentMs: [] };
}

describe('silence', () => {
  it('is seen within minutes in an agent that is busy, and is none before', () => {
    const silentFor = (ms: number) =>
      judgeSilence(
        established(() => 600, NOW_MS - ms),
        NOW_MS,
      );
    expect(silentFor(30_000)).toMatchObject({ isSilent: false, expected: 5 });
    expect(silentFor(90_000)).toMatchObject({ isSilent: true, expected: 15 });
  });

  it('is no alarm in hours without work, and is one when work should have begun', () => {
    const office = (hour: number) => (hour >= 8 && hour < 18 ? 60 : 0);
    const sinceEvening = established(office, Date.parse('2026-11-23T17:59:00Z'));
    expect(judgeSilence(sinceEvening, Date.parse('2026-11-24T07:59:00Z')).isSilent).toBe(false);
    expect(judgeSilence(sinceEvening, Date.parse('2026-11-24T08:20:00Z')).isSilent).toBe(true);
  });

  it('does not take one odd day for the rule', () => {
    const rhythm = established(() => 0, NOW_MS - HOUR_MS);
    const hours = new Map(rhythm.hours).set(NOW_MS - DAY_MS - HOUR_MS, 100_000);
    expect(judgeSilence({ ...rhythm, hours }, NOW_MS).isSilent).toBe(false);
  });

  const young = (gapMs: number, count: number, lastSeenMs: number): Rhythm => ({
    firstSeenMs: lastSeenMs - gapMs * count,
    lastSeenMs,
    hours: new Map(),
    recentMs: Array.from({ length: count }, (_, index) => lastSeenMs - index * gapMs),
  });

  it('is judged by its last gaps in an agent that is new', () => {
    expect(judgeSilence(young(10_000, 12, NOW_MS - 100_000), NOW_MS).isSilent).toBe(false);
    expect(judgeSilence(young(10_000, 12, NOW_MS - 160_000), NOW_MS).isSilent).toBe(true);
  });

  it('is not concluded from next to nothing', () => {
    expect(judgeSilence(young(10_000, 3, NOW_MS - 2 * HOUR_MS), NOW_MS).isSilent).toBe(false);
    expect(judgeSilence(young(10_000, 3, NOW_MS - 25 * HOUR_MS), NOW_MS).isSilent).toBe(true);
    expect(judgeSilence(young(5 * HOUR_MS, 3, NOW_MS - 25 * HOUR_MS), NOW_MS).isSilent).toBe(false);
  });

  it('only grows with time', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 3 * DAY_MS }),
        fc.nat({ max: DAY_MS }),
        fc.nat({ max: 500 }),
        (silence, more, perHour) => {
          const rhythm = established(() => perHour, NOW_MS - silence);
          const [early, late] = [judgeSilence(rhythm, NOW_MS), judgeSilence(rhythm, NOW_MS + more)];
          expect(late.expected).toBeGreaterThanOrEqual(early.expected - 1e-9);
          if (early.isSilent) expect(late.isSilent).toBe(true);
        },
      ),
    );
  });
});

const performance = (decisions: number, errors = 0, p95LatencyMs: number | null = 500): Performance => ({
  decisions,
  errors,
  p95LatencyMs,
});
const healthOf = (now: Performance, usual: Performance, settings = {}) => {
  const evidence: Evidence = { now, usual, rhythm: established(() => 100, NOW_MS - 1_000) };
  return judgeHealth(evidence, { ...DEFAULT_SETTINGS.status, ...settings }, NOW_MS);
};

describe('health', () => {
  it.each([
    ['does its usual work', performance(100, 0), performance(9_000, 20), 'HEALTHY'],
    ['fails far more often than usual', performance(100, 20), performance(9_000, 20), 'DEGRADED'],
    ['fails as often as it always did', performance(100, 10), performance(9_000, 1_000), 'HEALTHY'],
    ['failed once among few', performance(3, 1), performance(9_000, 0), 'HEALTHY'],
    ['fails most of the time', performance(100, 60), performance(9_000, 20), 'FAILING'],
    ['failed at its only decision', performance(1, 1), performance(9_000, 0), 'HEALTHY'],
    ['failed at all of a few', performance(4, 4), performance(9_000, 0), 'FAILING'],
    ['is new and fails', performance(30, 6), performance(0, 0, null), 'DEGRADED'],
    ['takes three times as long as usual', performance(100, 0, 1_500), performance(9_000, 0), 'DEGRADED'],
    ['took long a few times', performance(10, 0, 1_500), performance(9_000, 0), 'HEALTHY'],
    ['has nothing to do', performance(0, 0, null), performance(9_000, 0), 'HEALTHY'],
  ] as const)('of an agent that %s', (_what, now, usual, status) => {
    expect(healthOf(now, usual).status).toBe(status);
  });

  it('says what it is judged by', () => {
    expect(healthOf(performance(100, 20), performance(1_000, 5)).reason).toBe(
      '20 of 100 decisions failed in the last hour; 0.5 % are usual',
    );
  });

  it('follows the settings', () => {
    expect(healthOf(performance(100, 20), performance(9_000, 20), { degradedErrorRate: 0.3 }).status).toBe('HEALTHY');
    expect(healthOf(performance(100, 0), performance(9_000, 20), { silentAfterMs: 500 })).toMatchObject({
      status: 'SILENT',
      reason: 'no decision for 1.0 s; at most 500 ms are allowed',
    });
  });

  it('has a lower bound of a rate that is below it and comes near with numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), (total, drawn) => {
        const hits = drawn % (total + 1);
        const least = leastLikelyRate(hits, total);
        expect(least).toBeGreaterThanOrEqual(0);
        expect(least).toBeLessThanOrEqual(hits / total + 1e-12);
        expect(leastLikelyRate(hits * 1_000, total * 1_000)).toBeGreaterThanOrEqual(least - 1e-12);
      }),
    );
  });
});
