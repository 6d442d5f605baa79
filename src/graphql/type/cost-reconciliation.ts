import { dollarsAsNumber } from '../../cost/dollars.js';
import type { ReconciliationRow } from '../../cost/provider/reconcile-day.js';
import { listCursors, type ProviderCursor } from '../../cost/provider/store.js';
import type { UsageFigures } from '../../cost/provider/usage.js';
import { type CostReconciliation, readCostReconciliation } from '../../fleet/cost-reconciliation.js';
import { startOfDay } from '../../time.js';
import { builder } from '../builder.js';
import { clampInt } from '../int.js';

function countOf(count: number | null): number | null {
  return count === null ? null : clampInt(count);
}

const FiguresRef = builder.objectRef<UsageFigures>('ProviderFigures').implement({
  description:
    'Usage and cost, each null where it is not known. `inputTokens` includes cache reads and writes. A count beyond ' +
    '2147483647, the largest `Int`, is answered as that.',
  fields: (t) => ({
    requests: t.int({
      nullable: true,
      description: 'Calls of models; Anthropic does not report them.',
      resolve: ({ requests }) => countOf(requests),
    }),
    inputTokens: t.int({
      nullable: true,
      description: 'Tokens read by models, cached ones included.',
      resolve: ({ inputTokens }) => countOf(inputTokens),
    }),
    outputTokens: t.int({
      nullable: true,
      description: 'Tokens written by models.',
      resolve: ({ outputTokens }) => countOf(outputTokens),
    }),
    cacheReadTokens: t.int({
      nullable: true,
      description: 'Input tokens that came from a cache.',
      resolve: ({ cacheReadTokens }) => countOf(cacheReadTokens),
    }),
    cacheWriteTokens: t.int({
      nullable: true,
      description: 'Input tokens that were put into a cache.',
      resolve: ({ cacheWriteTokens }) => countOf(cacheWriteTokens),
    }),
    costUsd: t.float({
      nullable: true,
      description: 'Cost in US dollars.',
      resolve: ({ costPicodollars }) => (costPicodollars === null ? null : dollarsAsNumber(costPicodollars)),
    }),
  }),
});

const KeyUsageRef = builder.objectRef<ReconciliationRow['keys'][number]>('ProviderKeyUsage').implement({
  description: 'What a provider says of one of its API keys.',
  fields: (t) => ({
    apiKey: t.exposeString('apiKey', {
      nullable: true,
      description: 'The key’s id or name; null: no key is named, or these are figures of all keys together.',
    }),
    figures: t.expose('figures', { type: FiguresRef, description: 'What the provider says of it.' }),
  }),
});

/** Part of the whole, unless there is no whole to be part of. */
function share(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

function tokensOf({ inputTokens, outputTokens }: UsageFigures): number | null {
  return inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0);
}

const RowRef = builder.objectRef<ReconciliationRow>('CostReconciliationRow').implement({
  description:
    'One comparison: a day, a provider, a model and the keys that cannot be told apart further. Each of our figures is ' +
    'compared once, where the provider states it most finely; nothing is spread over models or keys it does not tell apart.',
  fields: (t) => ({
    day: t.field({
      type: 'DateTime',
      description: 'The start of the day in UTC.',
      resolve: ({ day }) => new Date(startOfDay(day)),
    }),
    provider: t.exposeString('provider', { description: 'The provider, as decisions name it.' }),
    model: t.exposeString('model', {
      nullable: true,
      description: 'The model without release and publisher; null: the figures are of what no model is named for.',
    }),
    modelNames: t.exposeStringList('modelNames', { description: 'The names it goes by, the provider’s and ours.' }),
    keys: t.expose('keys', {
      type: [KeyUsageRef],
      description: 'The provider’s figures by API key; none where it says nothing of this model.',
    }),
    agents: t.exposeStringList('agents', {
      nullable: true,
      description: 'The agents that the settings name for these keys, as patterns; null where they name none.',
    }),
    monitored: t.exposeBoolean('isMonitored', {
      nullable: true,
      description:
        'Whether agents are named for the keys. False: somebody uses a key that no agent is known to have. Null: it cannot ' +
        'be told, since no key of this provider is named in the settings, or the figures are not of one key.',
    }),
    billed: t.expose('billed', { type: FiguresRef, description: 'What the provider says.' }),
    seen: t.expose('seen', { type: FiguresRef, description: 'What the decisions of the day came to.' }),
    difference: t.expose('difference', {
      type: FiguresRef,
      description: 'Billed less seen: above zero is use that we did not see. Null where the provider says nothing.',
    }),
    costRatio: t.float({
      nullable: true,
      description: 'Seen cost as a part of the billed; 1 is all of it.',
      resolve: ({ seen, billed }) => share(costOf(seen), costOf(billed)),
    }),
    tokenRatio: t.float({
      nullable: true,
      description: 'Seen tokens, input and output, as a part of the billed; 1 is all of them.',
      resolve: ({ seen, billed }) => share(tokensOf(seen), tokensOf(billed)),
    }),
    unpricedDecisions: t.int({
      description: 'Decisions among the seen whose cost is not known: their cost is missing in `seen`.',
      resolve: ({ unpricedDecisions }) => clampInt(unpricedDecisions),
    }),
  }),
});

function costOf({ costPicodollars }: UsageFigures): number | null {
  return costPicodollars === null ? null : dollarsAsNumber(costPicodollars);
}

const SourceRef = builder.objectRef<ProviderCursor>('ProviderSource').implement({
  description: 'Where providers’ figures come from, and how that stands.',
  fields: (t) => ({
    name: t.exposeString('source', { description: 'Its name in the settings, or in the import.' }),
    pulledAt: t.expose('pulledAt', { type: 'DateTime', nullable: true, description: 'When figures last came.' }),
    settledUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Up to which day, excluded, figures were asked for; null for a file, and before the first time.',
      resolve: ({ settledUntil }) => (settledUntil === null ? null : new Date(startOfDay(settledUntil))),
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why the last attempt failed; null when it did not.',
    }),
  }),
});

interface ReconciliationWithSources extends CostReconciliation {
  sources: ProviderCursor[];
}

const CostReconciliationRef = builder.objectRef<ReconciliationWithSources>('CostReconciliation').implement({
  description: 'What providers say was used and billed, beside what our decisions came to.',
  fields: (t) => ({
    rows: t.expose('rows', { type: [RowRef], description: 'The comparisons, by day and provider.' }),
    billed: t.expose('billed', { type: FiguresRef, description: 'Everything that providers say of the range.' }),
    seen: t.expose('seen', {
      type: FiguresRef,
      description: 'What we saw of the same providers, on the days they say something of.',
    }),
    difference: t.expose('difference', { type: FiguresRef, description: 'Billed less seen, on these days.' }),
    unmonitoredUsd: t.float({
      description:
        'US dollars billed beyond what we saw: by day, provider and the agents of a key, what is above zero. Models are ' +
        'added up first; what we saw and could not price counts as not seen.',
      resolve: ({ unmonitoredPicodollars }) => dollarsAsNumber(unmonitoredPicodollars),
    }),
    sources: t.expose('sources', { type: [SourceRef], description: 'Where the fleet’s figures come from, by name.' }),
  }),
});

builder.queryField('costReconciliation', (t) =>
  t.field({
    type: CostReconciliationRef,
    description:
      'Puts the providers’ own figures beside ours, so that an agent that bypasses monitoring shows up. Days are in UTC and ' +
      'whole, at most 92. Example: `costReconciliation(from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z") { unmonitoredUsd }`.',
    operations: ['decisions.read'],
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'From the day it lies in.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'Before this; the day it cuts is whole.' }),
    },
    resolve: async (_root, { from, to }, { fleet, services }) => {
      const { pool, providers } = services;
      // Before the figures: what a source was pulled for is among them then.
      const sources = await listCursors(pool, fleet);
      const range = { fromMs: from.getTime(), toMs: to.getTime() };
      return { ...(await readCostReconciliation(services, { fleet, ...range, providers })), sources };
    },
  }),
);
