import { describe, expect, it } from 'vitest';
import {
  type Alerts,
  type Evaluation,
  evaluateRule,
  GONE_AFTER_MS,
  type Group,
  groupKey,
} from '../../../src/alert/evaluate-rule.js';
import { type AlertRule, measuresOfRule } from '../../../src/alert/rule.js';
import { beginSimulation } from '../../../src/alert/simulate.js';
import { ruleOf } from '../../support/alert-rule.js';

const MINUTE_MS = 60_000;

/** Evaluations a minute apart of groups by agent, each with one figure. */
const evaluations = (minutes: readonly Readonly<Record<string, number | null>>[]): Evaluation[] =>
  minutes.map((values, minute) => ({
    atMs: minute * MINUTE_MS,
    groups: Object.entries(values).map(([agent, value]): Group => ({ labels: [agent], figureOf: () => value })),
  }));

function run(rule: AlertRule, all: readonly Evaluation[]) {
  let alerts: Alerts = new Map();
  const changes = all.map((evaluation) => {
    const evaluated = evaluateRule(rule, alerts, evaluation);
    ({ alerts } = evaluated);
    return evaluated.changes.map(({ labels, change }) => `${labels.join()} ${change}`);
  });
  return { alerts, changes };
}

describe('a rule', () => {
  const slow = ruleOf({ condition: 'decision_latency_p95 > 2s', for: '1m', flap_hold: '0s' });

  it('has an alert for each group, and remembers no others', () => {
    const { alerts, changes } = run(
      slow,
      evaluations([
        { a: 3_000, b: 100 },
        { a: 3_000, b: 3_000 },
        { a: 3_000, b: 1 },
      ]),
    );
    expect(changes).toEqual([['a PENDING'], ['a FIRING', 'b PENDING'], ['b WITHDRAWN']]);
    expect([...alerts.keys()]).toEqual([groupKey(['a'])]);
  });

  it('takes a group without figures for one without data', () => {
    const minutes = [{ a: 3_000 }, { a: 3_000 }, {}, {}];
    expect(run(slow, evaluations(minutes)).changes).toEqual([['a PENDING'], ['a FIRING'], ['a RESOLVED'], []]);
    expect(run({ ...slow, noData: 'KEEP' }, evaluations(minutes)).changes.slice(2)).toEqual([[], []]);
    expect(run({ ...slow, noData: 'FIRE' }, evaluations([{ a: 1 }, {}, {}])).changes).toEqual([
      [],
      ['a PENDING'],
      ['a FIRING'],
    ]);
  });

  it('resolves what is no longer there, whatever it says of no data', () => {
    for (const noData of ['KEEP', 'FIRE'] as const) {
      const rule = { ...slow, forMs: 0, noData };
      const [first] = evaluations([{ a: 3_000 }]);
      const later = (atMs: number): Evaluation => ({ atMs, groups: [] });
      const gone = [first as Evaluation, later(GONE_AFTER_MS), later(GONE_AFTER_MS + 1), later(GONE_AFTER_MS + 2)];
      const { alerts, changes } = run(rule, gone);
      expect(changes).toEqual([['a FIRING'], [], ['a RESOLVED'], []]);
      expect(alerts.size).toBe(0);
    }
  });

  it('never takes the fleet for gone', () => {
    const rule = ruleOf({ condition: 'decisions < 1 by fleet', no_data: 'fire' });
    const all = [0, 3 * GONE_AFTER_MS].map((atMs) => ({ atMs, groups: [{ labels: [], figureOf: () => null }] }));
    const { changes } = run(rule, [...all, { atMs: 6 * GONE_AFTER_MS, groups: [] }]);
    expect(changes).toEqual([[' FIRING'], [], []]);
  });

  it('is read figure by figure', () => {
    const rule = ruleOf({ condition: 'error_rate > 50% and decisions > 10' });
    const figures: Record<string, number> = { error_rate: 0.6, decisions: 11 };
    expect(measuresOfRule(rule).map(({ key }) => key)).toEqual(Object.keys(figures));
    const groups = [{ labels: ['a'], figureOf: ({ key }: { key: string }) => figures[key] ?? null }];
    expect(run(rule, [{ atMs: 0, groups }]).changes).toEqual([['a FIRING']]);
  });
});

describe('a rule over the past', () => {
  it('tells each time it would have fired, with the value farthest from its threshold', () => {
    const rule = ruleOf({ condition: 'decision_latency_p95 > 2s', for: '1m', keep_firing_for: '2m', flap_hold: '0s' });
    const { take, firings } = beginSimulation(rule);
    const values = [
      { a: 2_500, b: 9_000 },
      { a: 3_000, b: 1 },
      { a: 2_200, b: 3_000 },
      { a: 1, b: 4_000 },
      { a: 1, b: 5_000 },
      { a: 1, b: 3_000 },
    ];
    for (const evaluation of evaluations(values)) take(evaluation);
    const unit = { of: 'duration', per: null };
    expect(firings).toEqual([
      { labels: ['a'], fromMs: MINUTE_MS, untilMs: 5 * MINUTE_MS, peak: 3_000, unit },
      { labels: ['b'], fromMs: 3 * MINUTE_MS, untilMs: null, peak: 5_000, unit },
    ]);
  });
});
