import { readUnpricedModels, type UnpricedModel } from '../../fleet/figures/unpriced.js';
import { builder } from '../builder.js';

const UnpricedModelType = builder.objectRef<UnpricedModel>('UnpricedModel').implement({
  description: 'A model of which decisions have no known cost: give it a price in midwatch.yaml, then re-price.',
  fields: (t) => ({
    provider: t.exposeString('provider', { description: 'The model’s provider; empty where it is not known.' }),
    model: t.exposeString('model', { description: 'The model that answered; empty where it is not known.' }),
    decisions: t.exposeInt('decisions', { description: 'Decisions that used tokens and whose cost is unknown.' }),
    tokens: t.exposeFloat('tokens', { description: 'What those decisions used, input and output together.' }),
  }),
});

builder.queryField('unpricedModels', (t) =>
  t.field({
    type: [UnpricedModelType],
    description:
      'What the cost of the fleet lacks, by model, the most tokens first. Example: `unpricedModels(from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z") { provider model decisions tokens }`.',
    operations: ['decisions.read'],
    complexity: 50,
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'Decisions that started at this time or after.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'Decisions that started before this time.' }),
    },
    resolve: (_root, { from, to }, { fleet, services }) =>
      readUnpricedModels(services, { fleet, fromMs: from.getTime(), toMs: to.getTime() }),
  }),
);
