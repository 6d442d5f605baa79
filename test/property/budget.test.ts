import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumDollars } from '../../src/cost/dollars.js';
import { periodAt } from '../../src/detect/budget/period.js';
import { type BudgetState, budgetStatus } from '../../src/detect/budget/status.js';
import { bookSpend } from '../../src/detect/budget/watch-budget.js';
import { newTokenState, observeTokens } from '../../src/detect/token-burn/watch-tokens.js';
import type { BudgetSetting } from '../../src/settings/settings.js';

const STATE_CHARACTERS_MAX = 16_000;
const HOUR_MS = 3_600_000;

const per = fc.constantFrom('day', 'week', 'month');
const budget: fc.Arbitrary<BudgetSetting> = fc.record({
  name: fc.constant('b'),
  fleet: fc.constant(null),
  agents: fc.constant(null),
  customerSegments: fc.constant(null),
  models: fc.constant(null),
  unit: fc.constantFrom('USD', 'TOKENS'),
  limit: fc.integer({ min: 1, max: 1e6 }).map(String),
  per,
  warnAt: fc.constant([0.5, 0.8, 1]),
});
const spend = fc.record({
  atMs: fc.integer({ min: 0, max: 90 * 24 }).map((hour) => hour * HOUR_MS + 1),
  amount: fc.oneof(fc.integer({ min: 1, max: 1e5 }).map(String), fc.constantFrom('0.000000000001', '0.1', '123.45')),
});

describe('whatever is spent', () => {
  it('is counted exactly, said once, in bounded state that outlasts a restart', () => {
    fc.assert(
      fc.property(
        budget,
        fc.array(spend, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (of, spends, cut) => {
          let whole: BudgetState | null = null;
          let restarted: BudgetState | null = null;
          const said: string[] = [];
          const booked: typeof spends = [];
          for (const [index, each] of spends.entries()) {
            if (index % cut === 0) restarted = JSON.parse(JSON.stringify(restarted));
            if (whole === null || periodAt(of.per, each.atMs).startMs >= whole.periodMs) booked.push(each);
            const next = bookSpend(of, whole, each);
            expect(bookSpend(of, restarted, each)).toEqual(next);
            whole = next.state;
            restarted = next.state;
            said.push(...next.findings.map(({ incident }) => incident));
          }
          expect(new Set(said).size).toBe(said.length);
          const current = booked.filter(({ atMs }) => periodAt(of.per, atMs).startMs === whole?.periodMs);
          expect(whole?.spent).toBe(sumDollars(current.map(({ amount }) => amount)));
          expect(JSON.stringify(whole).length).toBeLessThan(STATE_CHARACTERS_MAX);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has a status whose forecast lies between now and the end of the period', () => {
    fc.assert(
      fc.property(
        budget,
        fc.array(spend, { maxLength: 100 }),
        fc.integer({ min: 0, max: 95 * 24 }),
        (of, spends, hour) => {
          let state: BudgetState | null = null;
          for (const each of spends) state = bookSpend(of, state, each).state;
          const nowMs = hour * HOUR_MS;
          const { forecastAtMs, forecastShare, share, rate, burnRate, period } = budgetStatus(of, state, nowMs);
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(burnRate).toBeGreaterThanOrEqual(0);
          expect(forecastShare).toBeGreaterThanOrEqual(share);
          if (forecastAtMs === null) return;
          expect(forecastAtMs).toBeGreaterThanOrEqual(nowMs);
          expect(forecastAtMs).toBeLessThanOrEqual(period.endMs);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('in tokens, whatever they are, leaves a bounded state that outlasts a restart', () => {
    const use = fc.record({
      decisionId: fc.string({ maxLength: 5 }),
      requestType: fc.option(fc.oneof(fc.string(), fc.constantFrom('a', 'b', '__proto__'))),
      tokens: fc.oneof(fc.nat(100), fc.nat(1e9)),
      atMs: fc.integer({ min: 0, max: 500 }).map((hour) => hour * HOUR_MS),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 600 }), fc.integer({ min: 1, max: 50 }), (uses, cut) => {
        let whole = newTokenState();
        let restarted = newTokenState();
        for (const [index, each] of uses.entries()) {
          if (index % cut === 0) restarted = JSON.parse(JSON.stringify(restarted));
          const next = observeTokens(whole, each);
          const again = observeTokens(restarted, each);
          expect(again).toEqual(next);
          [whole, restarted] = [next.state, again.state];
          for (const { score } of next.findings) expect(score >= 0 && score <= 1).toBe(true);
        }
        expect(JSON.stringify(whole).length).toBeLessThan(STATE_CHARACTERS_MAX);
      }),
      { numRuns: 40 },
    );
  });
});
