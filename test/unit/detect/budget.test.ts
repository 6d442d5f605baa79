import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/anomaly/finding.js';
import { periodAt } from '../../../src/detect/budget/period.js';
import { type Spend, spendOf } from '../../../src/detect/budget/spend.js';
import { type BudgetState, budgetStatus } from '../../../src/detect/budget/status.js';
import { bookSpend } from '../../../src/detect/budget/watch-budget.js';
import type { BudgetSetting } from '../../../src/settings/settings.js';
import { makeDecision } from '../../support/decision.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Sunday. */
const START_MS = Date.UTC(2026, 10, 1);

const BUDGET: BudgetSetting = {
  name: 'claims',
  fleet: null,
  agents: null,
  customerSegments: null,
  models: null,
  unit: 'USD',
  limit: '300',
  per: 'month',
  warnAt: [0.5, 0.8, 1],
};

function book(spends: readonly Spend[], budget = BUDGET, before: BudgetState | null = null) {
  let state = before;
  const found: { finding: Finding; atMs: number }[] = [];
  for (const spend of spends) {
    const booked = bookSpend(budget, state, spend);
    state = booked.state;
    found.push(...booked.findings.map((finding) => ({ finding, atMs: spend.atMs })));
  }
  return { state, found, incidents: found.map(({ finding }) => finding.incident) };
}

/** So much an hour, from an hour on. */
const hourly = (fromHour: number, hours: number, amount: string): Spend[] =>
  Array.from({ length: hours }, (_, hour) => ({ atMs: START_MS + (fromHour + hour) * HOUR_MS, amount }));

describe('a budget', () => {
  it('says each share of it once in a period, from INFO to CRITICAL', () => {
    const { found, incidents } = book(hourly(0, 720, '0.5'));
    expect(incidents).toEqual([
      'claims from 2026-11-01 50 %',
      'claims from 2026-11-01 80 %',
      'claims from 2026-11-01 100 %',
    ]);
    expect(found.map(({ finding }) => finding.severity)).toEqual(['INFO', 'WARNING', 'CRITICAL']);
    expect(found.map(({ atMs }) => (atMs - START_MS) / HOUR_MS)).toEqual([299, 479, 599]);
    expect(found[0]?.finding).toMatchObject({
      kind: 'TOKEN_BURN',
      observed: 150,
      expected: 300,
      summary: expect.stringContaining('$150.00 of $300.00; at this pace it is gone at 2026-11-2'),
    });
  });

  it('says the highest share alone when several are passed at once', () => {
    const { incidents } = book([{ atMs: START_MS, amount: '290' }]);
    expect(incidents).toContain('claims from 2026-11-01 80 %');
    expect(incidents).not.toContain('claims from 2026-11-01 50 %');
  });

  it('counts to the last digit', () => {
    const thirds = Array.from({ length: 3 }, (_, index) => ({ atMs: START_MS + index * DAY_MS, amount: '0.1' }));
    const { state, incidents } = book(thirds, { ...BUDGET, limit: '0.3', warnAt: [1] });
    expect(state?.spent).toBe('0.3');
    expect(incidents).toContain('claims from 2026-11-01 100 %');
  });

  it('begins anew with the next period, in which what comes late changes nothing', () => {
    const budget: BudgetSetting = { ...BUDGET, per: 'day', limit: '100' };
    const { state } = book([...hourly(0, 24, '3'), ...hourly(24, 1, '2')], budget);
    expect(state?.spent).toBe('2');
    const late = bookSpend(budget, state, { atMs: START_MS + HOUR_MS, amount: '99' });
    expect(late).toEqual({ state, findings: [] });
  });

  it.each([
    ['day', '2026-11-01T23:59:59Z', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'],
    ['week', '2026-11-01T23:59:59Z', '2026-10-26T00:00:00Z', '2026-11-02T00:00:00Z'],
    ['week', '2026-11-02T00:00:00Z', '2026-11-02T00:00:00Z', '2026-11-09T00:00:00Z'],
    ['month', '2026-12-31T12:00:00Z', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ] as const)('of a %s at %s runs from %s to %s', (per, at, start, end) => {
    expect(periodAt(per, Date.parse(at))).toEqual({ startMs: Date.parse(start), endMs: Date.parse(end) });
  });
});

describe('the burn rate', () => {
  it('is told when an hour takes 2 % of a month, while there is much left', () => {
    const calm = hourly(0, 48, '0.4');
    const burst = Array.from({ length: 12 }, (_, slot) => ({
      atMs: START_MS + 48 * HOUR_MS + slot * 300_000,
      amount: '0.6',
    }));
    const { found } = book([...calm, ...burst, ...hourly(50, 10, '0.4')]);
    expect(found.map(({ finding }) => finding.incident)).toEqual(['claims from 2026-11-01 fast burn']);
    expect(found[0]?.finding).toMatchObject({ severity: 'CRITICAL', evidence: { burn: 'fast', windowMs: HOUR_MS } });
    expect(found[0]?.finding.observed).toBeCloseTo(14.4, 1);
  });

  it('is told of six hours that take 5 %, when none of them is a burst', () => {
    const slots = Array.from({ length: 40 }, (_, slot) => ({ atMs: START_MS + slot * 900_000, amount: '0.7' }));
    const { found } = book(slots);
    expect(found.map(({ finding }) => [finding.incident, finding.severity])).toEqual([
      ['claims from 2026-11-01 slow burn', 'WARNING'],
    ]);
  });

  it('is nothing when the rest will last all the same', () => {
    const { incidents } = book([...hourly(0, 24, '0.1'), ...hourly(700, 20, '4')]);
    expect(incidents).toEqual([]);
  });

  it('is nothing of work by day alone that just uses up the budget', () => {
    const workdays = Array.from({ length: 30 }, (_, day) => day).filter((day) => ![0, 6].includes(day % 7));
    const spends = workdays.flatMap((day) => hourly(day * 24 + 8, 9, '1.5'));
    expect(book(spends, { ...BUDGET, warnAt: [1] }).incidents).toEqual([]);
    const daily: BudgetSetting = { ...BUDGET, per: 'day', limit: '13.6', warnAt: [1] };
    expect(book(spends, daily).incidents).toEqual([]);
  });
});

describe('the status of a budget', () => {
  it('tells what was spent, how fast, and when it will be gone', () => {
    const { state } = book(hourly(0, 240, '1'));
    const status = budgetStatus(BUDGET, state, START_MS + 240 * HOUR_MS);
    expect(status).toMatchObject({ spent: '240', limit: '300', share: 0.8, burnRate: 0 });
    expect(status.rate).toBeCloseTo(1, 1);
    expect(((status.forecastAtMs ?? 0) - START_MS) / HOUR_MS).toBeCloseTo(300, -1);
    expect(status.forecastShare).toBeCloseTo(2.4, 0);
  });

  it('knows the hours of the day: what is spent by day alone is not spent at night', () => {
    const days = Array.from({ length: 9 }, (_, day) => day).flatMap((day) => hourly(day * 24 + 9, 8, '4'));
    const { state } = book(days);
    // 288 of 300 are spent at 17:00: the rest goes from 9:00 on.
    const status = budgetStatus(BUDGET, state, START_MS + 8 * DAY_MS + 17 * HOUR_MS);
    expect(status.spent).toBe('288');
    const goneHour = ((status.forecastAtMs ?? 0) - START_MS - 9 * DAY_MS) / HOUR_MS;
    expect(goneHour).toBeGreaterThan(11);
    expect(goneHour).toBeLessThan(13);
  });

  it('has no forecast within the period when it lasts, nor when it is used up', () => {
    expect(budgetStatus(BUDGET, book(hourly(0, 48, '0.1')).state, START_MS + 48 * HOUR_MS).forecastAtMs).toBeNull();
    const usedUp = budgetStatus(BUDGET, book([{ atMs: START_MS, amount: '301' }]).state, START_MS);
    expect(usedUp).toMatchObject({ forecastAtMs: null, spent: '301' });
  });

  it('is nothing spent before the first decision, and again in the next period', () => {
    expect(budgetStatus(BUDGET, null, START_MS)).toMatchObject({ spent: '0', share: 0, rate: 0, forecastAtMs: null });
    const { state } = book(hourly(0, 24, '1'));
    expect(budgetStatus(BUDGET, state, Date.UTC(2026, 11, 2))).toMatchObject({ spent: '0', rate: 0 });
  });
});

describe('what a decision takes out of a budget', () => {
  const call = (model: string, costUsd: string | null, input: number) => ({
    provider: null,
    model,
    requestModel: null,
    startedAtMs: 0,
    durationMs: null,
    tokens: { input, output: 10, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    costUsd,
    costSource: null,
    reportedUsd: null,
  });
  const decision = makeDecision({
    agent: 'claims-eu',
    customerSegment: 'retail',
    costUsd: '0.05',
    calls: [call('gpt-5', '0.03', 90), call('haiku', '0.02', 40)],
  });

  it('is its cost or its tokens', () => {
    expect(spendOf(BUDGET, 'f', decision)).toEqual({ atMs: 0, amount: '0.05' });
    expect(spendOf({ ...BUDGET, unit: 'TOKENS' }, 'f', decision)?.amount).toBe('120');
  });

  it('is that of the calls of its models', () => {
    expect(spendOf({ ...BUDGET, models: ['gpt-*'] }, 'f', decision)?.amount).toBe('0.03');
    expect(spendOf({ ...BUDGET, models: ['gpt-*'], unit: 'TOKENS' }, 'f', decision)?.amount).toBe('100');
    expect(spendOf({ ...BUDGET, models: ['x'] }, 'f', decision)).toBeNull();
  });

  it('is nothing where the budget is of another fleet, agent or segment, or the cost is not known', () => {
    expect(spendOf({ ...BUDGET, fleet: 'g' }, 'f', decision)).toBeNull();
    expect(spendOf({ ...BUDGET, agents: ['triage'] }, 'f', decision)).toBeNull();
    expect(spendOf({ ...BUDGET, customerSegments: ['business'] }, 'f', decision)).toBeNull();
    expect(spendOf(BUDGET, 'f', { ...decision, costUsd: null })).toBeNull();
    expect(spendOf({ ...BUDGET, agents: ['claims-*'], customerSegments: ['retail'] }, 'f', decision)).not.toBeNull();
  });
});
