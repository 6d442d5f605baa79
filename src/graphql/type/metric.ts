import { AppError } from '../../errors.js';
import { POINTS_MAX, readSeries, type Series } from '../../fleet/figures/series.js';
import { STATISTICS } from '../../fleet/figures/statistic.js';
import { DIMENSIONS, SOURCES } from '../../metric/slice.js';
import { builder } from '../builder.js';
import { describedEnum, MetricNameEnum } from '../enums.js';
import { readSearch } from './decision.js';
import { DecisionFilterInput } from './decision-filter.js';

const StatisticEnum = describedEnum('Statistic', {
  description: 'What is made of the values. Percentiles are within 1 % of the exact ones, over any range and grouping.',
  values: STATISTICS,
  descriptions: {
    COUNT: 'How many values there are.',
    SUM: 'Their sum.',
    AVG: 'Their mean.',
    MIN: 'The smallest.',
    MAX: 'The largest.',
    P50: 'The median.',
    P90: 'The 90th percentile.',
    P95: 'The 95th percentile.',
    P99: 'The 99th percentile.',
  },
});

const DimensionEnum = describedEnum('Dimension', {
  description: 'What figures are told apart by.',
  values: DIMENSIONS,
  descriptions: {
    AGENT: 'The agent’s name.',
    MODEL:
      'The model: sums of tokens and cost and inference times are those of its own calls, everything else is that of decisions it answered.',
    PROVIDER: 'The model’s provider.',
    CUSTOMER_SEGMENT: 'The customer segment.',
    REGION: 'The region.',
    ENVIRONMENT: 'The environment.',
    REQUEST_TYPE: 'The request type.',
    AGENT_VERSION: 'The agent’s version.',
    RISK_CLASS: 'The risk class.',
    OUTCOME: 'How the decision ended.',
    FINGERPRINT: 'Of system prompt and tools, where they are known: changes when the agent was changed.',
    CALLER: 'The agent that called; with source CALLS.',
  },
});

const MetricSourceEnum = describedEnum('MetricSource', {
  description: 'Who measured. Sources see the same work from different sides: they are never added up.',
  values: SOURCES,
  descriptions: {
    DECISIONS: 'Decisions, made from traces, logs and `recordDecisions`.',
    CALLS: 'Decisions that another agent invoked, by callee and caller.',
    CLIENT_METRICS: 'OTLP metrics of clients, such as `gen_ai.client.token.usage`.',
    SERVER_METRICS: 'OTLP metrics of inference servers, such as vLLM’s.',
  },
});

const MetricQueryInput = builder.inputType('MetricQuery', {
  description: 'Which figures, of when, and how they are told apart.',
  fields: (t) => ({
    metric: t.field({ type: MetricNameEnum, required: true, description: 'What is measured.' }),
    statistic: t.field({ type: StatisticEnum, required: true, description: 'What is made of the values.' }),
    from: t.field({ type: 'DateTime', required: true, description: 'Decisions that started at this time or after.' }),
    to: t.field({ type: 'DateTime', required: true, description: 'Decisions that started before this time.' }),
    stepMs: t.int({
      description: `The length of one point in milliseconds, counted from \`from\`; at most ${POINTS_MAX} points. Left out: no points. Whole minutes from a whole minute are answered fastest.`,
    }),
    groupBy: t.field({
      type: [DimensionEnum],
      description: 'One series for each combination of these. Left out: one.',
    }),
    filter: t.field({ type: DecisionFilterInput, description: 'Which decisions.' }),
    source: t.field({ type: MetricSourceEnum, description: 'Who measured; DECISIONS when left out.' }),
  }),
});

const MetricLabelType = builder.objectRef<Series['labels'][number]>('MetricLabel').implement({
  description: 'What a series is of.',
  fields: (t) => ({
    dimension: t.expose('dimension', { type: DimensionEnum, description: 'Which dimension.' }),
    value: t.exposeString('value', { description: 'Its value; empty where it is not known.' }),
    isFolded: t.exposeBoolean('isFolded', {
      description: 'Whether values beyond the bound on cardinality are in this series, under `other`.',
    }),
  }),
});

const MetricPointType = builder.objectRef<Series['points'][number]>('MetricPoint').implement({
  description: 'One step of a series.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'Where the step begins.' }),
    value: t.exposeFloat('value', { nullable: true, description: 'Over the step; null where there is nothing.' }),
  }),
});

const MetricSeriesType = builder.objectRef<Series>('MetricSeries').implement({
  description: 'The figures of one combination of labels.',
  fields: (t) => ({
    labels: t.expose('labels', { type: [MetricLabelType], description: 'What it is of, in the order of `groupBy`.' }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'Over the whole range, from the values themselves and not from the points.',
    }),
    points: t.expose('points', { type: [MetricPointType], description: 'One for each step, in order of time.' }),
  }),
});

builder.queryField('metrics', (t) =>
  t.field({
    type: [MetricSeriesType],
    description:
      'Figures of the fleet, the largest series first. Example: `metrics(query: { metric: DECISION_LATENCY, statistic: P95, from: "2026-11-23T00:00:00Z", to: "2026-11-24T00:00:00Z", groupBy: [AGENT, MODEL] }) { labels { value } value }`.',
    operations: ['decisions.read'],
    complexity: 50,
    args: { query: t.arg({ type: MetricQueryInput, required: true, description: 'Which figures.' }) },
    resolve: async (_root, { query }, context) => {
      const { fleet, services } = context;
      const groupBy = query.groupBy ?? [];
      if (new Set(groupBy).size < groupBy.length) {
        throw new AppError('VALIDATION_FAILED', 'groupBy names a dimension twice', { path: ['query', 'groupBy'] });
      }
      return readSeries(services, {
        fleet,
        source: query.source ?? 'DECISIONS',
        metric: query.metric,
        statistic: query.statistic,
        from: query.from,
        to: query.to,
        stepMs: query.stepMs ?? null,
        groupBy,
        filter: await readSearch(query.filter, context),
      });
    },
  }),
);
