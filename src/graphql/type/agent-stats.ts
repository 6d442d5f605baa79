import type { GraphQLResolveInfo } from 'graphql';
import { STATS_MEASURES } from '../../fleet/stats.js';
import type { Measure } from '../../metric/figures.js';
import { clampInt } from '../int.js';
import { AgentStatsRef, DistributionRef, TokenUsageRef } from '../refs.js';
import { selectedNames } from '../selection.js';

/** The measures of the stats that are selected below a field. */
export function selectedMeasures(info: GraphQLResolveInfo): Measure[] {
  const names = selectedNames(info);
  return Object.entries(STATS_MEASURES).flatMap(([name, measure]) => (names.has(name) ? measure : []));
}

DistributionRef.implement({
  description: 'What a measure came to over the decisions that have it; the figures are null where none has.',
  fields: (t) => ({
    count: t.int({ description: 'Decisions that have the measure.', resolve: ({ count }) => clampInt(count) }),
    avg: t.exposeFloat('avg', { nullable: true, description: 'The mean.' }),
    p50: t.exposeFloat('p50', { nullable: true, description: 'The median.' }),
    p95: t.exposeFloat('p95', { nullable: true, description: 'The 95th percentile.' }),
    p99: t.exposeFloat('p99', { nullable: true, description: 'The 99th percentile.' }),
    max: t.exposeFloat('max', { nullable: true, description: 'The largest.' }),
  }),
});

AgentStatsRef.implement({
  description: 'An agent’s decisions of a window of time, summed up.',
  fields: (t) => ({
    decisions: t.int({
      description: 'Decisions that started in the window.',
      resolve: ({ decisions }) => clampInt(decisions),
    }),
    errorRate: t.exposeFloat('errorRate', {
      description: 'The share of them that failed, 0 to 1; 0 when there are none.',
    }),
    latencyMs: t.expose('latencyMs', {
      type: DistributionRef,
      description: 'From request to answer, in milliseconds.',
    }),
    queueMs: t.expose('queueMs', { type: DistributionRef, description: 'Waiting before work began, in milliseconds.' }),
    timeToFirstTokenMs: t.expose('timeToFirstTokenMs', {
      type: DistributionRef,
      description: 'From request to the first token of the answer, in milliseconds.',
    }),
    tokens: t.field({ type: TokenUsageRef, description: 'Tokens used by all of them.', resolve: (stats) => stats }),
    tokensPerDecision: t.float({
      description: 'Tokens a decision used on average; 0 when there are none.',
      resolve: ({ inputTokens, outputTokens, decisions }) =>
        decisions === 0 ? 0 : (inputTokens + outputTokens) / decisions,
    }),
    costUsd: t.exposeFloat('costUsd', { description: 'US dollars spent by those whose cost is known.' }),
    toolCalls: t.int({ description: 'Calls of tools.', resolve: ({ toolCalls }) => clampInt(toolCalls) }),
    toolSuccessRate: t.float({
      description: 'The share of tool calls that did not fail, 0 to 1; 1 when there are none.',
      resolve: ({ toolCalls, failedToolCalls }) => (toolCalls === 0 ? 1 : 1 - failedToolCalls / toolCalls),
    }),
    hallucinationScore: t.exposeFloat('hallucinationScore', {
      nullable: true,
      description: 'The mean score of those that could be judged, 0 grounded to 1 made up; null when none could.',
    }),
  }),
});
