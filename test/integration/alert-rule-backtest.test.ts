import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '../../src/decision/decision.js';
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../src/time.js';
import { createStandingClock } from '../support/days.js';
import { makeDecision } from '../support/decision.js';
import { type GraphQLFixture, startGraphQL } from '../support/graphql.js';

const NOW_MS = floorTo(Date.now(), DAY_MS) + 12 * HOUR_MS;
const clock = createStandingClock(NOW_MS);
let api: GraphQLFixture;
beforeEach(async () => {
  api = await startGraphQL({ clock });
});
afterEach(() => api.close());

const BACKTEST = `query ($input: SaveAlertRuleInput!, $from: DateTime, $to: DateTime) {
  alertRuleBacktest(input: $input, from: $from, to: $to) {
    ... on AlertRuleBacktest {
      rule { name windowMs severity } from to everyMs
      firings { group labels { name value } from until peak peakText }
    }
    ... on UserError { code message path }
  }
}`;

async function backtest(input: object, range: object = {}) {
  const { data, errors } = await api.ask(BACKTEST, { input, ...range }, { role: 'OPERATOR' });
  expect(errors).toBeUndefined();
  return data.alertRuleBacktest;
}

async function record(...decisions: (Partial<Decision> & { agoMs: number; takesMs?: number })[]): Promise<void> {
  await api.recorder.record('default', {
    decisions: decisions.map(({ agoMs, takesMs = 500, ...rest }, index) => {
      const startedAtMs = NOW_MS - agoMs;
      const endedAtMs = startedAtMs + takesMs;
      return {
        decision: makeDecision({ id: `d${index}`, agent: 'refunds', traceId: null, startedAtMs, endedAtMs, ...rest }),
        sampled: true,
      };
    }),
    sightings: [],
  });
}

const iso = (ms: number) => new Date(ms).toISOString();

describe('a rule that is tried on the past', () => {
  it('says when, for whom and how badly it would have fired in the last day', async () => {
    await record(
      { agoMs: 6 * HOUR_MS, takesMs: 9_000 },
      { agoMs: 5 * HOUR_MS },
      { agoMs: 2 * MINUTE_MS, takesMs: 3_000, agent: 'claims' },
      { agoMs: 30 * HOUR_MS, takesMs: 60_000 },
    );
    const found = await backtest({ name: 'slow', condition: 'decision_latency > 2s', window: '20m' });
    expect(found).toMatchObject({
      rule: { name: 'slow', windowMs: 20 * MINUTE_MS, severity: 'WARNING' },
      from: iso(NOW_MS - DAY_MS),
      to: iso(NOW_MS),
      everyMs: 5 * MINUTE_MS,
      firings: [
        { group: 'refunds', labels: [{ name: 'agent', value: 'refunds' }], peak: 9_000, peakText: '9 s' },
        { group: 'claims', from: iso(NOW_MS), until: null, peakText: '3 s' },
      ],
    });
    const [first] = found.firings;
    // The decision is in the window from when it has started until twenty minutes later.
    expect(Date.parse(first.from) - (NOW_MS - 6 * HOUR_MS)).toBeLessThanOrEqual(5 * MINUTE_MS);
    expect(Date.parse(first.until) - Date.parse(first.from)).toBe(20 * MINUTE_MS);
  });

  it('looks at the range that is asked for, and keeps nothing', async () => {
    await record({ agoMs: 6 * HOUR_MS, takesMs: 9_000 });
    const [from, to] = [iso(NOW_MS - 2 * HOUR_MS), iso(NOW_MS - HOUR_MS)];
    const found = await backtest({ name: 'slow', condition: 'decision_latency > 2s by fleet' }, { from, to });
    expect(found).toMatchObject({ from, to, everyMs: MINUTE_MS, firings: [] });
    const { data } = await api.ask('{ alertRules { name } alerts { nodes { id } } ledger { size } }');
    expect(data).toEqual({ alertRules: [], alerts: { nodes: [] }, ledger: { size: 1 } });
  });

  it('is refused with what is wrong and where', async () => {
    expect(await backtest({ name: 'a', condition: 'decision_latancy > 2s' })).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining('did you mean decision_latency'),
      path: ['condition'],
    });
    const input = { name: 'a', condition: 'error_rate > 5%' };
    expect(await backtest(input, { from: iso(NOW_MS) })).toMatchObject({ path: ['from'] });
    expect(await backtest(input, { from: iso(NOW_MS - 8 * DAY_MS) })).toMatchObject({
      message: 'from is more than 7 days before to',
    });
  });

  it('is for those who may edit rules', async () => {
    const input = { name: 'a', condition: 'error_rate > 5%' };
    const { data } = await api.ask(BACKTEST, { input }, { role: 'VIEWER' });
    expect(data.alertRuleBacktest).toMatchObject({ code: 'FORBIDDEN' });
  });
});
