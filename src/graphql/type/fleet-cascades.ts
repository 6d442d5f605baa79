import type { Cascade } from '../../fleet/cascade/cascade.js';
import type { Origin } from '../../fleet/cascade/origin.js';
import { agentsOf, type CascadePattern, groupCascades } from '../../fleet/cascade/pattern.js';
import { type CascadeFindings, FAILURES_MAX, readCascades } from '../../fleet/cascade/read.js';
import { readWindow } from '../../fleet/window.js';
import { builder } from '../builder.js';
import { readCount } from '../count.js';
import { StepKindEnum } from '../enums.js';
import { clampInt } from '../int.js';
import { DecisionRef, FleetRef } from '../refs.js';
import { windowArguments } from '../window.js';

const CascadeOriginType = builder.objectRef<Origin>('CascadeOrigin').implement({
  description: 'Where a cascade broke.',
  fields: (t) => ({
    agent: t.string({
      description: 'The agent that broke, by name.',
      resolve: ({ decision }) => decision.row.agentName,
    }),
    decision: t.field({
      type: DecisionRef,
      description: 'The decision that broke.',
      operations: ['decisions.read'],
      resolve: ({ decision }) => decision.row,
    }),
    stepIndex: t.int({
      nullable: true,
      description: 'The index of the step it broke on; null when none of its steps failed, or none was kept.',
      resolve: ({ step }) => step?.index ?? null,
    }),
    stepKind: t.field({
      type: StepKindEnum,
      nullable: true,
      description: 'What that step is.',
      resolve: ({ step }) => step?.kind ?? null,
    }),
    stepName: t.string({
      nullable: true,
      description: 'That step’s name.',
      resolve: ({ step }) => step?.name ?? null,
    }),
    errorType: t.string({
      nullable: true,
      description: 'The type of the decision’s error.',
      resolve: ({ decision }) => decision.row.errorType,
    }),
  }),
});

const CascadeType = builder.objectRef<Cascade>('Cascade').implement({
  description: 'A failure that made callers fail: found by what happened in which order, not by who stands below.',
  fields: (t) => ({
    traceId: t.exposeString('traceId', { nullable: true, description: 'The trace it happened in.' }),
    path: t.stringList({
      description: 'The agents it went through, from the last caller it reached down to where it broke.',
      resolve: agentsOf,
    }),
    origin: t.expose('origin', { type: CascadeOriginType, description: 'Where it broke.' }),
    decisions: t.field({
      type: [DecisionRef],
      description: 'Every decision that failed with it, those beside the path too, in order of start.',
      operations: ['decisions.read'],
      resolve: ({ decisions }) => decisions.map(({ row }) => row),
    }),
    depth: t.int({
      description: 'How many callers, one above the other, it reached.',
      resolve: ({ path }) => path.length - 1,
    }),
    failedDecisions: t.int({
      description: 'How many decisions failed with it, the one that broke included.',
      resolve: ({ decisions }) => decisions.length,
    }),
    agents: t.stringList({
      description: 'The agents whose decisions those are, by name.',
      resolve: ({ decisions }) => [...new Set(decisions.map(({ row }) => row.agentName))].sort(),
    }),
    costUsd: t.float({
      nullable: true,
      description: 'US dollars those decisions cost, of those whose cost is known; null when none is.',
      resolve: ({ costUsd }) => (costUsd === null ? null : Number(costUsd)),
    }),
    latencyMs: t.exposeFloat('latencyMs', {
      description: 'The time lost: from the first start of those decisions to the last end, in milliseconds.',
    }),
    brokeAt: t.field({
      type: 'DateTime',
      description: 'When the step it broke on ended, else the decision.',
      resolve: ({ brokeAtMs }) => new Date(brokeAtMs),
    }),
    confidence: t.exposeFloat('confidence', {
      description: 'How sure it is that one failure led to the next, 0 to 1: that of the weakest link.',
    }),
    evidence: t.stringList({
      description: 'What says so, in sentences from where it broke upwards; they hold no content.',
      resolve: ({ evidence }) => [...evidence],
    }),
  }),
});

const CascadePatternType = builder.objectRef<CascadePattern>('CascadePattern').implement({
  description: 'Cascades that broke in the same place and went the same way.',
  fields: (t) => ({
    path: t.stringList({
      description: 'The agents, from the last caller down to where it broke.',
      resolve: ({ path }) => [...path],
    }),
    originAgent: t.exposeString('originAgent', { description: 'The agent that broke, by name.' }),
    stepKind: t.expose('stepKind', {
      type: StepKindEnum,
      nullable: true,
      description: 'What the step it broke on is.',
    }),
    stepName: t.exposeString('stepName', { nullable: true, description: 'That step’s name.' }),
    count: t.int({ description: 'How many there are.', resolve: ({ count }) => clampInt(count) }),
    failedDecisions: t.int({
      description: 'How many decisions failed with them.',
      resolve: ({ failedDecisions }) => clampInt(failedDecisions),
    }),
    costUsd: t.float({
      nullable: true,
      description: 'US dollars those decisions cost, of those whose cost is known; null when none is.',
      resolve: ({ costUsd }) => (costUsd === null ? null : Number(costUsd)),
    }),
    confidence: t.exposeFloat('confidence', { description: 'The mean of theirs, 0 to 1.' }),
    firstAt: t.field({
      type: 'DateTime',
      description: 'When the first of them broke.',
      resolve: ({ firstAtMs }) => new Date(firstAtMs),
    }),
    lastAt: t.field({
      type: 'DateTime',
      description: 'When the last of them broke.',
      resolve: ({ lastAtMs }) => new Date(lastAtMs),
    }),
  }),
});

interface ListedCascades extends CascadeFindings {
  first: number;
}

const FleetCascadesType = builder.objectRef<ListedCascades>('FleetCascades').implement({
  description: 'The failures of a window that travelled from agent to agent.',
  fields: (t) => ({
    cascades: t.field({
      type: [CascadeType],
      description: 'The first of them, the one that broke last first.',
      resolve: ({ cascades, first }) => cascades.slice(0, first),
    }),
    patterns: t.field({
      type: [CascadePatternType],
      description: 'All of them, grouped by path and place, the most frequent first.',
      resolve: ({ cascades }) => groupCascades(cascades),
    }),
    total: t.int({ description: 'How many there are.', resolve: ({ cascades }) => clampInt(cascades.length) }),
    isComplete: t.exposeBoolean('isComplete', {
      description: `False when more than ${FAILURES_MAX} decisions failed in the window: the oldest were left out.`,
    }),
  }),
});

const COMPLEXITY = 100;
const CASCADES = { usual: 50, max: 200 } as const;

builder.objectFields(FleetRef, (t) => ({
  cascades: t.field({
    type: FleetCascadesType,
    description:
      'Failures that travelled. Example: `fleet { cascades { patterns { path originAgent stepName count costUsd } } }`.',
    operations: ['decisions.read'],
    complexity: COMPLEXITY,
    args: {
      ...windowArguments,
      first: t.arg.int({
        defaultValue: CASCADES.usual,
        description: `How many cascades are listed, 1 to ${CASCADES.max}; patterns count all.`,
      }),
    },
    resolve: async ({ id }, { first, ...window }, { services: { pool, calendar, clock } }) => {
      const count = readCount(first, CASCADES);
      const range = readWindow(window, clock.now());
      return { ...(await readCascades({ pool, calendar, fleet: id, ...range })), first: count };
    },
  }),
}));
