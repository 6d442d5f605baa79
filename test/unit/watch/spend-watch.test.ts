import { expect, it } from 'vitest';
import type { BudgetSetting } from '../../../src/settings/settings.js';
import { DAY_MS, HOUR_MS } from '../../../src/time.js';
import { SpendWatch } from '../../../src/watch/spend-watch.js';
import { makeDecision } from '../../support/decision.js';
import { newMemory } from '../../support/watcher.js';

const NOON_MS = Date.parse('2026-11-28T12:00:00Z');
const budget: BudgetSetting = {
  name: 'claims',
  fleet: null,
  agents: null,
  customerSegments: null,
  models: null,
  limit: '1',
  unit: 'USD',
  per: 'day',
  warnAt: [0.5, 1],
};

it('says nothing of what was spent in a period that is over, and begins the next without it', () => {
  const watch = new SpendWatch(newMemory(), () => [budget]);
  const spend = (startedAtMs: number) =>
    watch.observe('default', makeDecision({ startedAtMs, endedAtMs: startedAtMs + 500, costUsd: '0.6' }), NOON_MS);
  expect(spend(NOON_MS - DAY_MS)).toEqual([]);
  expect(spend(NOON_MS - DAY_MS + HOUR_MS)).toEqual([]);
  expect(spend(NOON_MS)[0]).toMatchObject({ kind: 'TOKEN_BURN', severity: 'INFO', observed: 0.6 });
});
