import { CHANGE_KINDS } from '../../fleet/version/change.js';
import type { ComparedChange } from '../../fleet/version/comparison.js';
import type { VersionQuery } from '../../fleet/version/deployment-reader.js';
import type { VersionLag } from '../../fleet/version/lag.js';
import { readChanges, readLaggards, readVersions } from '../../fleet/version/read.js';
import type { AgentVersion } from '../../fleet/version/version.js';
import type { VersionFigures } from '../../fleet/version/version-figures.js';
import { readWindow } from '../../fleet/window.js';
import { builder } from '../builder.js';
import { readCount } from '../count.js';
import { describedEnum } from '../enums.js';
import { clampInt } from '../int.js';
import { FleetRef } from '../refs.js';
import { selectedNames } from '../selection.js';
import { windowArguments } from '../window.js';

const VersionFiguresType = builder.objectRef<VersionFigures>('VersionFigures').implement({
  description: 'What the decisions of one version came to.',
  fields: (t) => ({
    decisions: t.int({ description: 'How many there are.', resolve: ({ decisions }) => clampInt(decisions) }),
    errorRate: t.exposeFloat('errorRate', {
      description: 'The share of them that failed, 0 to 1; 0 when there are none.',
    }),
    latencyP95Ms: t.exposeFloat('latencyP95Ms', {
      nullable: true,
      description: 'The 95th percentile of their latency, in milliseconds.',
    }),
    costPerDecisionUsd: t.exposeFloat('costPerDecisionUsd', {
      nullable: true,
      description: 'US dollars a decision cost on average; null when the cost of none is known.',
    }),
    tokensPerDecision: t.exposeFloat('tokensPerDecision', {
      nullable: true,
      description: 'Tokens a decision used on average, input and output together.',
    }),
    toolSuccessRate: t.exposeFloat('toolSuccessRate', {
      nullable: true,
      description: 'The share of tool calls that did not fail, 0 to 1; null when there are none.',
    }),
  }),
});

const AgentVersionType = builder.objectRef<AgentVersion>('AgentVersion').implement({
  description: 'One version of one agent, as the decisions of a window show it.',
  fields: (t) => ({
    agent: t.exposeString('agent', { description: 'The agent’s name.' }),
    version: t.exposeString('version', {
      nullable: true,
      description:
        'As the agent names it; else `~`, 8 digits of the fingerprint of system prompt and tools, and the model. Null when ' +
        'none of it is known.',
    }),
    isNamed: t.exposeBoolean('isNamed', { description: 'Whether the agent names the version itself.' }),
    fingerprints: t.exposeStringList('fingerprints', {
      description: 'Fingerprints of the system prompts and tools it ran with, the most used first.',
    }),
    regions: t.exposeStringList('regions', { description: 'Where it ran, the most used first.' }),
    models: t.exposeStringList('models', { description: 'Models that answered it, the most used first.' }),
    share: t.exposeFloat('share', { description: 'Its share of the agent’s decisions, 0 to 1.' }),
    figures: t.expose('figures', { type: VersionFiguresType, description: 'What its decisions came to.' }),
    firstSeenAt: t.expose('firstSeenAt', {
      type: 'DateTime',
      description: 'When its first decision started, to the minute, before the window perhaps.',
    }),
    lastSeenAt: t.expose('lastSeenAt', {
      type: 'DateTime',
      description: 'When its last decision of the window started, to the minute, hour or day it was counted in.',
    }),
    isCurrent: t.exposeBoolean('isCurrent', {
      description: 'Whether it is the newest that the agent still ran when the window ended.',
    }),
  }),
});

const VersionChangeKindEnum = describedEnum('VersionChangeKind', {
  description: 'What changed.',
  values: CHANGE_KINDS,
  descriptions: {
    VERSION: 'The agent names another version.',
    PROMPT_OR_TOOLS: 'Its system prompt or tools changed, and no version says so.',
    MODEL: 'Another model answers, and no version says so.',
  },
});

const VersionChangeType = builder.objectRef<ComparedChange>('VersionChange').implement({
  description: 'An agent’s change from one version to another, with equal windows before and after it side by side.',
  fields: (t) => ({
    agent: t.exposeString('agent', { description: 'The agent’s name.' }),
    kind: t.expose('kind', { type: VersionChangeKindEnum, description: 'What changed.' }),
    from: t.string({
      description:
        'What it ran before: its version; where something else changed that the name of the version does not tell, the name ' +
        'with that, as in `3.2.0~1a2b3c4d` or `3.2.0~1a2b3c4d/gpt-5`.',
      resolve: ({ from }) => from.label,
    }),
    to: t.string({ description: 'What it has run since, in the same words.', resolve: ({ to }) => to.label }),
    fromVersion: t.string({
      nullable: true,
      description: 'The `version` of `agents` that it ran before.',
      resolve: ({ from }) => from.version || null,
    }),
    toVersion: t.string({
      nullable: true,
      description: 'The `version` of `agents` that it has run since.',
      resolve: ({ to }) => to.version || null,
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When the first decision with the new one started, to the minute.',
      resolve: ({ atMs }) => new Date(atMs),
    }),
    windowMs: t.exposeFloat('windowMs', { description: 'The length of each window, in milliseconds.' }),
    beforeUntil: t.field({
      type: 'DateTime',
      description:
        'When the window before ends: at the change; where nothing happened in a window up to that, after the last minute ' +
        'in which the old one made decisions.',
      resolve: ({ beforeEndMs }) => new Date(beforeEndMs),
    }),
    before: t.expose('before', {
      type: VersionFiguresType,
      description: 'Decisions with the old one in the window before.',
    }),
    after: t.expose('after', {
      type: VersionFiguresType,
      description: 'Decisions with the new one in the window after it.',
    }),
  }),
});

const VersionLagType = builder.objectRef<VersionLag>('VersionLag').implement({
  description: 'An agent that runs an older version than its peers.',
  fields: (t) => ({
    agent: t.exposeString('agent', { description: 'The agent’s name.' }),
    role: t.exposeString('role', {
      description: 'What it and its peers do: their name without region and number; they share request types.',
    }),
    version: t.exposeString('version', { description: 'What it runs: the `version` of `agents`.' }),
    roleVersion: t.exposeString('roleVersion', {
      description:
        'The newest version that at least half of the role’s agents run or are beyond; without a name, with the model that ' +
        'most of them run it on.',
    }),
    peersAhead: t.exposeStringList('peersAhead', { description: 'Agents of the role that have come so far, by name.' }),
    behindSince: t.field({
      type: 'DateTime',
      description: 'When the first of them began to run the role’s version.',
      resolve: ({ behindSinceMs }) => new Date(behindSinceMs),
    }),
  }),
});

const COMPLEXITY = 50;
const CHANGES = { usual: 20, max: 50 } as const;

const FleetVersionsType = builder.objectRef<VersionQuery>('FleetVersions').implement({
  description: 'What the fleet runs.',
  fields: (t) => ({
    agents: t.field({
      type: [AgentVersionType],
      description: 'Every version of every agent, by agent, the newest first.',
      operations: ['decisions.read'],
      complexity: COMPLEXITY,
      resolve: (query, _args, _context, info) =>
        readVersions(query, { isTimed: selectedNames(info).has('latencyP95Ms') }),
    }),
    changes: t.field({
      type: [VersionChangeType],
      description: 'When agents changed, the newest first.',
      operations: ['decisions.read'],
      complexity: COMPLEXITY,
      args: { first: t.arg.int({ defaultValue: CHANGES.usual, description: `How many, 1 to ${CHANGES.max}.` }) },
      resolve: (query, { first }) => readChanges(query, readCount(first, CHANGES)),
    }),
    laggards: t.field({
      type: [VersionLagType],
      description: 'Agents behind their peers, by name.',
      operations: ['decisions.read'],
      complexity: COMPLEXITY,
      resolve: (query) => readLaggards(query),
    }),
  }),
});

builder.objectFields(FleetRef, (t) => ({
  versions: t.field({
    type: FleetVersionsType,
    description:
      'What runs where and since when, what changed, and who lags behind. Example: ' +
      '`fleet { versions { agents { agent version share isCurrent } laggards { agent version roleVersion } } }`.',
    operations: ['decisions.read'],
    args: windowArguments,
    resolve: ({ id }, window, { services: { pool, calendar, clock } }) => ({
      records: { pool, calendar },
      fleet: id,
      ...readWindow(window, clock.now()),
    }),
  }),
}));
