import { formatFigure } from '../../alert/condition/format.js';
import { nameLabel } from '../../alert/condition/label.js';
import { nameGroup } from '../../alert/message.js';
import type { AlertRule } from '../../alert/rule.js';
import type { Firing } from '../../alert/simulate.js';
import { backtestRule, type Past } from '../../alerting/backtest.js';
import { parseRule } from '../../alerting/edit-rule.js';
import { AppError } from '../../errors.js';
import { DAY_MS, floorTo, MINUTE_MS } from '../../time.js';
import { builder } from '../builder.js';
import { payloadUnion } from '../failure.js';
import { AlertRuleRef } from '../refs.js';
import { AlertLabelRef } from './alert.js';
import { fieldsOf, SaveAlertRuleInput } from './alert-rule.js';

const PAST_MAX_MS = 7 * DAY_MS;
/** Each reads figures: so many are there within seconds. */
const EVALUATIONS_MAX = 288;
const COMPLEXITY = 1_000;

interface RuleFiring extends Firing {
  rule: AlertRule;
}

interface Backtest extends Past {
  rule: AlertRule;
  firings: readonly Firing[];
}

const AlertRuleFiringRef = builder.objectRef<RuleFiring>('AlertRuleFiring').implement({
  description: 'One time that a rule would have fired for a group.',
  fields: (t) => ({
    group: t.string({
      description: 'For whom, in words: `billing-eu, gpt-5`; `the fleet` where alerts are not told apart.',
      resolve: ({ labels }) => nameGroup(labels),
    }),
    labels: t.field({
      type: [AlertLabelRef],
      description: 'What the group is told apart by.',
      resolve: ({ rule, labels }) =>
        rule.condition.by.map((dimension, index) => ({ name: nameLabel(dimension), value: labels[index] ?? '' })),
    }),
    from: t.field({
      type: 'DateTime',
      description: 'The evaluation at which it would have fired.',
      resolve: ({ fromMs }) => new Date(fromMs),
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The evaluation at which it would have been over; null when it would fire still.',
      resolve: ({ untilMs }) => (untilMs === null ? null : new Date(untilMs)),
    }),
    peak: t.exposeFloat('peak', {
      nullable: true,
      description: 'What was farthest from the threshold, in its unit; null where there were no data.',
    }),
    peakText: t.string({
      nullable: true,
      description: 'The same as a person reads it: `1.93 s`, `94.2 %`.',
      resolve: ({ peak, unit }) => (peak === null || unit === null ? null : formatFigure(peak, unit)),
    }),
  }),
});

const AlertRuleBacktestRef = builder.objectRef<Backtest>('AlertRuleBacktest').implement({
  description: 'What a rule would have done over the record. Nothing is kept of it.',
  fields: (t) => ({
    rule: t.field({
      type: AlertRuleRef,
      description: 'The rule as it was read, defaults included.',
      resolve: ({ rule }) => ({ rule, updatedAt: null, updatedBy: null }),
    }),
    from: t.field({
      type: 'DateTime',
      description: 'The first evaluation.',
      resolve: ({ fromMs }) => new Date(fromMs),
    }),
    to: t.field({ type: 'DateTime', description: 'The last one.', resolve: ({ toMs }) => new Date(toMs) }),
    everyMs: t.exposeFloat('everyMs', {
      description:
        'Between two evaluations. Rules in force are evaluated every few seconds: what is shorter may be missed.',
    }),
    firings: t.field({
      type: [AlertRuleFiringRef],
      description: 'Each time that it would have fired, in the order in which it would have begun to.',
      resolve: ({ rule, firings }) => firings.map((firing) => ({ ...firing, rule })),
    }),
  }),
});

const AlertRuleBacktestPayload = payloadUnion('AlertRuleBacktestPayload', {
  description: 'What came of `alertRuleBacktest`.',
  success: AlertRuleBacktestRef,
  failures: ['VALIDATION_FAILED', 'FORBIDDEN'],
});

builder.queryField('alertRuleBacktest', (t) =>
  t.field({
    type: AlertRuleBacktestPayload,
    description:
      'When a rule would have fired, before it is saved. Example: ' +
      '`alertRuleBacktest(input: { name: "slow", condition: "decision_latency_p95 > 2s" }) { ... on AlertRuleBacktest { firings { group from until } } }`.',
    operations: ['alerts.manage'],
    refusals: ['VALIDATION_FAILED', 'FORBIDDEN'],
    complexity: COMPLEXITY,
    args: {
      input: t.arg({ type: SaveAlertRuleInput, required: true, description: 'The rule.' }),
      from: t.arg({ type: 'DateTime', description: 'The first evaluation; a day before the last when left out.' }),
      to: t.arg({ type: 'DateTime', description: 'The last evaluation, at most 7 days later; now when left out.' }),
    },
    resolve: async (_root, { input, from, to }, { fleet, services: { pool, calendar, clock }, signal }) => {
      const rule = parseRule({ ...fieldsOf(input), name: input.name });
      const past = { fleet, ...readPast({ from, to }, clock.now()), signal };
      return { ...past, rule, firings: await backtestRule({ pool, calendar }, rule, past) };
    },
  }),
);

/** Whole minutes, which rollups answer. */
function readPast(
  { from, to }: { from?: Date | null | undefined; to?: Date | null | undefined },
  nowMs: number,
): Pick<Past, 'fromMs' | 'toMs' | 'everyMs'> {
  const toMs = floorTo(to?.getTime() ?? nowMs, MINUTE_MS);
  const fromMs = floorTo(from?.getTime() ?? toMs - DAY_MS, MINUTE_MS);
  const lengthMs = toMs - fromMs;
  if (lengthMs <= 0) throw new AppError('VALIDATION_FAILED', 'from is not before to', { path: ['from'] });
  if (lengthMs > PAST_MAX_MS) {
    throw new AppError('VALIDATION_FAILED', 'from is more than 7 days before to', { path: ['from'] });
  }
  const everyMs = Math.ceil(lengthMs / EVALUATIONS_MAX / MINUTE_MS) * MINUTE_MS;
  return { fromMs, toMs, everyMs };
}
