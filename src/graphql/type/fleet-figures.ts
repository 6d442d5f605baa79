import { type Call, type CallGraph, readCallGraph } from '../../fleet/call-graph.js';
import { type Load, readLoad, type Share } from '../../fleet/load.js';
import { type Route, readRoutes } from '../../fleet/routes.js';
import { readWindow } from '../../fleet/window.js';
import { builder } from '../builder.js';
import { clampInt } from '../int.js';
import { AgentStatsRef, DistributionRef, FleetRef } from '../refs.js';
import { selectedNames } from '../selection.js';
import { windowArguments } from '../window.js';
import { selectedMeasures } from './agent-stats.js';

const RouteType = builder.objectRef<Route>('Route').implement({
  description: 'One agent’s part of the requests of one type.',
  fields: (t) => ({
    agent: t.exposeString('agent', { description: 'The agent’s name.' }),
    requestType: t.exposeString('requestType', { description: 'The request type; empty where none is known.' }),
    isFolded: t.exposeBoolean('isFolded', {
      description: 'Whether it stands for the request types beyond the bound on cardinality.',
    }),
    share: t.exposeFloat('share', { description: 'Its share of the decisions of this type, 0 to 1.' }),
    stats: t.expose('stats', { type: AgentStatsRef, description: 'Its decisions of this type, summed up.' }),
  }),
});

const LoadShareType = builder.objectRef<Share>('LoadShare').implement({
  description: 'How much of the fleet’s work an agent or a region carries.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The agent’s or the region’s name; empty where none is known.' }),
    decisions: t.int({ description: 'Its decisions.', resolve: ({ decisions }) => clampInt(decisions) }),
    share: t.exposeFloat('share', { description: 'Its share of all decisions, 0 to 1.' }),
    tokens: t.float({ description: 'Tokens its decisions used.', resolve: ({ tokens }) => tokens }),
    busyMs: t.exposeFloat('busyMs', { description: 'The time its decisions took together, in milliseconds.' }),
    isFolded: t.exposeBoolean('isFolded', {
      description: 'Whether it stands for the regions beyond the bound on cardinality.',
    }),
  }),
});

const LoadType = builder.objectRef<Load>('Load').implement({
  description: 'How the work is spread over the fleet.',
  fields: (t) => ({
    decisions: t.int({ description: 'All decisions.', resolve: ({ decisions }) => clampInt(decisions) }),
    agents: t.expose('agents', { type: [LoadShareType], description: 'By agent, the busiest first.' }),
    regions: t.expose('regions', { type: [LoadShareType], description: 'By region, the busiest first.' }),
    skew: t.exposeFloat('skew', {
      nullable: true,
      description: 'The Gini coefficient over the agents: 0 when all do alike, near 1 when one does everything.',
    }),
    idle: t.exposeStringList('idle', { description: 'Agents that were there and had nothing to do, by name.' }),
  }),
});

const CallEdgeType = builder.objectRef<Call>('AgentCall').implement({
  description: 'One agent calling another, over all traces of a window.',
  fields: (t) => ({
    caller: t.exposeString('caller', { description: 'The agent that called.' }),
    callee: t.exposeString('callee', { description: 'The agent that was called.' }),
    calls: t.int({ description: 'How often.', resolve: ({ calls }) => clampInt(calls) }),
    errors: t.int({ description: 'How many of the calls failed.', resolve: ({ errors }) => clampInt(errors) }),
    errorRate: t.float({
      description: 'The share of the calls that failed, 0 to 1.',
      resolve: ({ calls, errors }) => (calls === 0 ? 0 : errors / calls),
    }),
    latencyMs: t.expose('latencyMs', { type: DistributionRef, description: 'The callee’s time, in milliseconds.' }),
    costUsd: t.exposeFloat('costUsd', {
      description: 'What the calls added: US dollars of the callee’s own decisions whose cost is known.',
    }),
  }),
});

const CallGraphType = builder.objectRef<CallGraph>('CallGraph').implement({
  description: 'Who calls whom.',
  fields: (t) => ({
    agents: t.exposeStringList('agents', { description: 'Agents that call or are called, by name.' }),
    calls: t.expose('calls', { type: [CallEdgeType], description: 'The edges, the busiest first.' }),
  }),
});

const COMPLEXITY = 50;

builder.objectFields(FleetRef, (t) => ({
  routes: t.field({
    type: [RouteType],
    description:
      'Which agents take which request types, the busiest first. Example: `fleet { routes { agent requestType share } }`.',
    operations: ['decisions.read'],
    complexity: COMPLEXITY,
    args: windowArguments,
    resolve: ({ id }, window, { services }, info) =>
      readRoutes(services, {
        fleet: id,
        ...readWindow(window, services.clock.now()),
        measures: selectedMeasures(info),
      }),
  }),
  load: t.field({
    type: LoadType,
    description: 'How the work is spread. Example: `fleet { load { skew idle agents { name share } } }`.',
    operations: ['decisions.read'],
    complexity: COMPLEXITY,
    args: windowArguments,
    resolve: ({ id }, window, { services }, info) =>
      readLoad(services, {
        fleet: id,
        ...readWindow(window, services.clock.now()),
        isTimed: selectedNames(info).has('busyMs'),
      }),
  }),
  callGraph: t.field({
    type: CallGraphType,
    description: 'Who calls whom. Example: `fleet { callGraph { calls { caller callee calls errorRate } } }`.',
    operations: ['decisions.read'],
    complexity: COMPLEXITY,
    args: windowArguments,
    resolve: ({ id }, window, { services }) => readCallGraph(services, id, readWindow(window, services.clock.now())),
  }),
}));
