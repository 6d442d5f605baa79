import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverBuckets, coverRange, type RollupsSince, type TierSpan } from '../../../src/fleet/figures/span.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNITS_MS = { day: DAY_MS, hour: HOUR_MS, minute: 60_000, raw: 1 };
const NOW_MS = Date.parse('2026-11-24T12:34:56.789Z');

const range = fc
  .tuple(fc.nat({ max: 60 * DAY_MS }), fc.integer({ min: 1, max: 20 * DAY_MS }))
  .map(([back, length]) => ({ fromMs: NOW_MS - back - length, toMs: NOW_MS - back }));
const stepMs = fc.option(fc.integer({ min: HOUR_MS, max: 10 * DAY_MS }));
const horizon = fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 })).map(
  ([hours, days]): RollupsSince => ({
    minute: Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - hours * 12 * HOUR_MS,
    hour: Math.floor(NOW_MS / DAY_MS) * DAY_MS - (Math.ceil(hours / 2) + days) * DAY_MS,
    day: Number.NEGATIVE_INFINITY,
  }),
);

function expectWhole(spans: readonly TierSpan[], since: RollupsSince): void {
  for (const [index, { tier, fromMs, toMs }] of spans.entries()) {
    expect(toMs).toBeGreaterThan(fromMs);
    expect([fromMs % UNITS_MS[tier], toMs % UNITS_MS[tier]]).toEqual([0, 0]);
    if (tier !== 'raw') expect(fromMs).toBeGreaterThanOrEqual(since[tier]);
    if (index > 0) expect(fromMs).toBe(spans[index - 1]?.toMs);
  }
}

describe('the spans of a range', () => {
  it('cover it exactly, in whole buckets that are still there, each step by itself', () => {
    fc.assert(
      fc.property(range, stepMs, horizon, (asked, step, since) => {
        const spans = coverRange(asked, step, since);
        expectWhole(spans, since);
        expect([spans[0]?.fromMs, spans.at(-1)?.toMs]).toEqual([asked.fromMs, asked.toMs]);
        for (const span of spans) {
          expect(Math.floor((span.fromMs - asked.fromMs) / (step ?? Number.POSITIVE_INFINITY)) || 0).toBe(span.step);
        }
      }),
    );
  });

  it('are never raw for figures that exist in rollups only, and hold every bucket of the range once', () => {
    fc.assert(
      fc.property(range, stepMs, horizon, (asked, step, since) => {
        const spans = coverBuckets(asked, step, since);
        expectWhole(spans, since);
        expect(spans.map(({ tier }) => tier)).not.toContain('raw');
        expect(spans[0]?.fromMs).toBeLessThanOrEqual(asked.fromMs);
        expect(spans.at(-1)?.toMs).toBeGreaterThanOrEqual(asked.toMs);
      }),
    );
  });
});
