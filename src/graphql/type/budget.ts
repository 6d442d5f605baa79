import type { BudgetStatus } from '../../detect/budget/status.js';
import { builder } from '../builder.js';
import { describedEnum } from '../enums.js';
import { FleetRef } from '../refs.js';

const BudgetUnitEnum = describedEnum('BudgetUnit', {
  description: 'What a budget is counted in.',
  values: ['USD', 'TOKENS'],
  descriptions: { USD: 'US dollars.', TOKENS: 'Tokens, input and output.' },
});

const BudgetRef = builder.objectRef<BudgetStatus>('Budget').implement({
  description: 'A budget of midwatch.yaml in its running period: what is spent, how fast, and when it runs out.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    unit: t.expose('unit', { type: BudgetUnitEnum, description: 'What it is counted in.' }),
    limit: t.float({ description: 'What may be spent in a period.', resolve: ({ limit }) => Number(limit) }),
    spent: t.float({ description: 'What is spent so far.', resolve: ({ spent }) => Number(spent) }),
    warnAt: t.floatList({
      description: 'The shares of the limit at which an anomaly says so.',
      resolve: ({ warnAt }) => [...warnAt],
    }),
    share: t.exposeFloat('share', { description: 'Spent of the limit; above 1 when more was spent.' }),
    perHour: t.exposeFloat('rate', { description: 'What was spent an hour, in the mean of the last day.' }),
    burnRate: t.exposeFloat('burnRate', {
      description: 'The last hour, as times the rate that would just use the budget up.',
    }),
    periodStartsAt: t.field({
      type: 'DateTime',
      description: 'When the period began.',
      resolve: ({ period }) => new Date(period.startMs),
    }),
    periodEndsAt: t.field({
      type: 'DateTime',
      description: 'When the next begins.',
      resolve: ({ period }) => new Date(period.endMs),
    }),
    runsOutAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it will be used up; null when not within the period, or when it is.',
      resolve: ({ forecastAtMs }) => (forecastAtMs === null ? null : new Date(forecastAtMs)),
    }),
    forecastShare: t.exposeFloat('forecastShare', {
      description: 'The share of the limit that will be spent by the end of the period.',
    }),
  }),
});

builder.objectField(FleetRef, 'budgets', (t) =>
  t.field({
    type: [BudgetRef],
    description: 'How the fleet’s budgets stand.',
    operations: ['decisions.read'],
    resolve: (_fleet, _args, { fleet, services: { readBudgets } }) => readBudgets(fleet),
  }),
);
