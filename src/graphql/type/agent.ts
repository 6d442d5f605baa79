import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { type AgentFilter, listAgents } from '../../fleet/store.js';
import { HOUR_MS } from '../../time.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import type { GraphQLContext } from '../context.js';
import { AGENT_CURSOR } from '../cursor.js';
import { AgentStatusEnum } from '../enums.js';
import { formatGlobalId } from '../global-id.js';
import { AgentRef, AgentStatsRef, NodeRef } from '../refs.js';
import { selectedMeasures } from './agent-stats.js';
import { DECISION_LIST, DecisionConnection, readSearch } from './decision.js';
import { DecisionFilterInput } from './decision-filter.js';

/** The hour the contract's default names. */
const WINDOW_MS = HOUR_MS;
/** The largest `Int`: more cannot be asked for. */
const WINDOW_MS_MAX = 2 ** 31 - 1;

AgentRef.implement({
  description:
    'One agent of the fleet, named by `gen_ai.agent.name`, else its convention’s equivalent, else `service.name`.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: '`Agent:<name>`.', resolve: ({ name }) => formatGlobalId('Agent', name) }),
    name: t.exposeString('name', { description: 'Its name, unique in the fleet.' }),
    status: t.field({
      type: AgentStatusEnum,
      description: 'How it is, judged by its own history.',
      operations: ['decisions.read'],
      resolve: async ({ name }, _args, { loaders }) => (await loaders.health.load(name))?.status ?? 'HEALTHY',
    }),
    statusReason: t.string({
      description: 'A sentence that says what its status is judged by.',
      operations: ['decisions.read'],
      resolve: async ({ name }, _args, { loaders }) => (await loaders.health.load(name))?.reason ?? '',
    }),
    silentForMs: t.float({
      description: 'Milliseconds since its newest decision ended.',
      operations: ['decisions.read'],
      resolve: async ({ name }, _args, { loaders }) => (await loaders.health.load(name))?.silentForMs ?? 0,
    }),
    version: t.exposeString('version', { nullable: true, description: 'The version of its newest decision.' }),
    region: t.exposeString('region', { nullable: true, description: 'The region of its newest decision.' }),
    environment: t.exposeString('environment', {
      nullable: true,
      description: 'The environment of its newest decision.',
    }),
    models: t.exposeStringList('models', { description: 'Every model it has used.' }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'DateTime', description: 'When its first decision started.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', description: 'When its newest decision ended.' }),
    stats: t.field({
      type: AgentStatsRef,
      description: 'Its decisions of the window that ends now, summed up.',
      operations: ['decisions.read'],
      complexity: 20,
      args: {
        windowMs: t.arg.int({
          defaultValue: WINDOW_MS,
          description: `The window’s length in milliseconds, 1 to ${WINDOW_MS_MAX} (24.8 days).`,
        }),
      },
      resolve: ({ name }, { windowMs }, { loaders }, info) =>
        loaders.agentStats(checkWindow(windowMs), selectedMeasures(info)).load(name),
    }),
    decisions: t.field({
      type: DecisionConnection,
      description: 'Its decisions, newest first.',
      operations: ['decisions.read'],
      complexity: pageComplexity,
      args: { filter: t.arg({ type: DecisionFilterInput, description: 'Which of them.' }), ...pageArguments },
      resolve: async ({ name }, args, context) => {
        const page = readPageRequest(args, DECISION_LIST.kind, context.fleet);
        const filter = await readSearch(args.filter, context);
        return toConnection(
          await context.loaders.agentDecisions(filter, page).load(name),
          context.fleet,
          DECISION_LIST,
        );
      },
    }),
  }),
});

function checkWindow(windowMs: number | null | undefined): number {
  const window = windowMs ?? WINDOW_MS;
  if (window >= 1 && window <= WINDOW_MS_MAX) return window;
  throw new AppError('VALIDATION_FAILED', `windowMs must be 1 to ${WINDOW_MS_MAX}`, { path: ['windowMs'] });
}

const AgentFilterInput = builder.inputType('AgentFilter', {
  description: 'Which agents: every condition that is given must hold; a list holds when one of its values does.',
  fields: (t) => ({
    names: t.stringList({ description: 'Of these names.' }),
    versions: t.stringList({ description: 'Whose newest decision was of one of these versions.' }),
    regions: t.stringList({ description: 'Whose newest decision was in one of these regions.' }),
    environments: t.stringList({ description: 'Whose newest decision was in one of these environments.' }),
    models: t.stringList({ description: 'That have used one of these models.' }),
  }),
});

const AgentConnection = connectionType(AgentRef);
const AGENT_LIST = { kind: AGENT_CURSOR, keyOf: ({ name }: { name: string }) => name };

builder.queryFields((t) => ({
  agents: t.field({
    type: AgentConnection,
    description: 'The fleet’s agents by name. Example: `agents(first: 30) { nodes { name status } }`.',
    operations: ['decisions.read'],
    complexity: pageComplexity,
    args: { filter: t.arg({ type: AgentFilterInput, description: 'Which of them.' }), ...pageArguments },
    resolve: async (_root, args, { fleet, services: { pool } }) => {
      const page = readPageRequest(args, AGENT_CURSOR, fleet);
      const filter = readAgentFilter(args.filter);
      return toConnection(await listAgents({ pool, fleet, filter, page }), fleet, AGENT_LIST);
    },
  }),
  agent: t.field({
    type: AgentRef,
    nullable: true,
    description: 'The agent of this name. Example: `agent(name: "claims-triage") { status }`.',
    operations: ['decisions.read'],
    args: { name: t.arg.string({ required: true, description: 'The agent’s name.' }) },
    resolve: (_root, { name }, context) => findAgent(context, name),
  }),
}));

/** Null when the fleet has no agent of this name. */
export async function findAgent({ loaders }: GraphQLContext, name: string) {
  return isStorableText(name) ? loaders.agent.load(name) : null;
}

function readAgentFilter(filter: AgentFilter | null | undefined): AgentFilter {
  for (const [field, values] of Object.entries(filter ?? {})) {
    if (!values?.every(isStorableText) && values) {
      throw new AppError('VALIDATION_FAILED', `filter.${field} holds text that is not valid`, {
        path: ['filter', field],
      });
    }
  }
  return filter ?? {};
}
