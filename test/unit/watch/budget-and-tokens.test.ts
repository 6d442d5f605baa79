import { describe, expect, it } from 'vitest';
import type { BudgetSetting } from '../../../src/settings/settings.js';
import { DAY_MS, HOUR_MS } from '../../../src/time.js';
import { SpendWatch } from '../../../src/watch/spend-watch.js';
import { TokenWatch } from '../../../src/watch/token-watch.js';
import { makeDecision } from '../../support/decision.js';
import { newMemory } from '../../support/watcher.js';

const NOON_MS = Date.parse('2026-11-24T12:00:00Z');
const FAR_AHEAD_MS = Date.parse('9999-12-31T00:00:00Z');

describe('a budget', () => {
  const budget: BudgetSetting = {
    name: 'daily',
    fleet: null,
    agents: null,
    customerSegments: null,
    models: null,
    unit: 'USD',
    limit: '10',
    per: 'day',
    warnAt: [0.5],
  };
  const spend = (watch: SpendWatch, fleet: string, startedAtMs: number, costUsd: string) =>
    watch.observe(fleet, makeDecision({ startedAtMs, endedAtMs: startedAtMs, costUsd }), NOON_MS);

  it('goes on when a decision comes by a clock that is ahead, which counts now', () => {
    const watch = new SpendWatch(newMemory(), () => [budget]);
    spend(watch, 'f', FAR_AHEAD_MS, '1');
    const [half] = spend(watch, 'f', NOON_MS - 1_000, '4.5');
    expect(half).toMatchObject({ kind: 'TOKEN_BURN', metric: 'COST', incident: 'daily from 2026-11-24 50 %' });
    expect(watch.statuses('f', NOON_MS)).toMatchObject([{ name: 'daily', spent: '5.5' }]);
  });

  it('is each fleet’s own, unless it names one', () => {
    const budgets = [budget, { ...budget, name: 'of g', fleet: 'g' }];
    const watch = new SpendWatch(newMemory(), () => budgets);
    spend(watch, 'f', NOON_MS, '1');
    spend(watch, 'g', NOON_MS, '2');
    expect(watch.statuses('f', NOON_MS)).toMatchObject([{ name: 'daily', spent: '1' }]);
    expect(watch.statuses('g', NOON_MS)).toMatchObject([{ spent: '2' }, { name: 'of g', spent: '2' }]);
  });

  it('keeps what is spent under another limit, and begins anew for other agents', () => {
    let current = budget;
    const watch = new SpendWatch(newMemory(), () => [current]);
    spend(watch, 'f', NOON_MS, '1');
    current = { ...budget, limit: '20' };
    expect(watch.statuses('f', NOON_MS)).toMatchObject([{ spent: '1', share: 0.05 }]);
    current = { ...budget, agents: ['tri*'] };
    expect(watch.statuses('f', NOON_MS)).toMatchObject([{ spent: '0' }]);
  });
});

describe('tokens', () => {
  const use = (watch: TokenWatch, endedAtMs: number, input: number, nowMs: number) => {
    const tokens = { input, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const decision = makeDecision({ startedAtMs: endedAtMs - 1, endedAtMs, tokens });
    return watch.observe('f', decision, { isLooping: false, nowMs });
  };
  /** Two ordinary days by the hour, one decision of a clock that is ahead among them, then an hour of twenty times as much. */
  const kindsAfter = (stray: number | null) => {
    const watch = new TokenWatch(newMemory());
    const startMs = NOON_MS - 2 * DAY_MS;
    for (let hour = 0; hour < 48; hour += 1) use(watch, startMs + hour * HOUR_MS, 30_000, startMs + hour * HOUR_MS);
    if (stray !== null) use(watch, stray, 1_000, NOON_MS - HOUR_MS);
    return Array.from({ length: 20 }, (_, index) =>
      use(watch, NOON_MS + index * 1_000, 30_000, NOON_MS + index * 1_000),
    )
      .flat()
      .map(({ kind }) => kind);
  };

  it('that burn by the hour are told, also after a decision by a clock that is ahead', () => {
    expect(kindsAfter(null)).toEqual(['TOKEN_BURN']);
    expect(kindsAfter(FAR_AHEAD_MS)).toEqual(['TOKEN_BURN']);
  });
});
