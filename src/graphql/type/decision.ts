import assert from 'node:assert';
import type { Operation } from '../../access/policy.js';
import { requireOperation, type Viewer } from '../../access/viewer.js';
import { type DecisionFilter, findUnstorableText, isStorableText } from '../../decision/filter.js';
import { listDecisions } from '../../decision/list.js';
import type { DecisionRow } from '../../decision/row.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import { describeFilter, searchesOf } from '../content-search.js';
import type { GraphQLContext } from '../context.js';
import { DECISION_CURSOR } from '../cursor.js';
import { OutcomeEnum, RiskClassEnum } from '../enums.js';
import { AgentRef, DecisionRef, LedgerEntryRef, NodeRef, StepRef, TokenUsageRef } from '../refs.js';
import { DecisionFilterInput } from './decision-filter.js';

DecisionRef.implement({
  description: 'One invocation of an agent, from request to answer, as it was sealed.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its own id, as it was recorded.' }),
    traceId: t.exposeString('traceId', { nullable: true, description: 'The trace it is part of.' }),
    agentVersion: t.exposeString('agentVersion', { nullable: true, description: 'The agent’s version.' }),
    requestType: t.exposeString('requestType', { nullable: true, description: 'What kind of request it answered.' }),
    riskClass: t.expose('riskClass', { type: RiskClassEnum, description: 'How much depends on it.' }),
    customerSegment: t.exposeString('customerSegment', { nullable: true, description: 'Whom it was for.' }),
    conversationId: t.exposeString('conversationId', {
      nullable: true,
      description: 'The conversation it is part of.',
    }),
    provider: t.exposeString('provider', { nullable: true, description: 'The model’s provider.' }),
    model: t.exposeString('model', { nullable: true, description: 'The model that answered.' }),
    region: t.exposeString('region', { nullable: true, description: 'Where it was made.' }),
    environment: t.exposeString('environment', { nullable: true, description: 'Production, staging and the like.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the request came.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When the answer was complete.' }),
    latencyMs: t.exposeFloat('latencyMs', { description: 'From request to answer, in milliseconds.' }),
    queueMs: t.exposeFloat('queueMs', { nullable: true, description: 'Waiting before work began, in milliseconds.' }),
    timeToFirstTokenMs: t.exposeFloat('timeToFirstTokenMs', {
      nullable: true,
      description: 'From request to the first token of the answer, in milliseconds.',
    }),
    tokens: t.field({ type: TokenUsageRef, description: 'Tokens it used.', resolve: (decision) => decision }),
    costUsd: t.float({
      nullable: true,
      description: 'What it cost in US dollars, by the newest prices it was priced with; null when unknown.',
      resolve: ({ costUsd }) => (costUsd === null ? null : Number(costUsd)),
    }),
    outcome: t.expose('outcome', { type: OutcomeEnum, description: 'How it ended.' }),
    errorType: t.exposeString('errorType', { nullable: true, description: 'The class of its error, `error.type`.' }),
    hallucinationScore: t.exposeFloat('hallucinationScore', {
      nullable: true,
      description: 'From 0, grounded, to 1, made up; null when there is nothing to judge it by.',
    }),
    toolCalls: t.exposeInt('toolCalls', { description: 'Calls of tools.' }),
    failedToolCalls: t.exposeInt('failedToolCalls', { description: 'Calls of tools that failed.' }),
    sampled: t.exposeBoolean('sampled', {
      description: 'False: measured and committed to in the ledger, but its content was not kept.',
    }),
    complete: t.exposeBoolean('complete', {
      description: 'False: settled by time, as something that belongs to it did not come.',
    }),
  }),
});

/** Whoever recorded a decision may see what was recorded, without content: it is reached by the mutation's answer alone. */
const RECEIPT: readonly Operation[] = ['decisions.read', 'telemetry.send'];

builder.objectFields(DecisionRef, (t) => ({
  agent: t.field({
    type: AgentRef,
    description: 'Who made it.',
    operations: RECEIPT,
    resolve: async ({ agentName }, _args, { loaders }) => {
      const agent = await loaders.agent.load(agentName);
      assert(agent !== null, 'a sealed decision’s agent is sealed with it');
      return agent;
    },
  }),
  parent: t.field({
    type: DecisionRef,
    nullable: true,
    description: 'The decision that invoked this one.',
    operations: ['decisions.read'],
    resolve: (decision, _args, { loaders }) => loaders.parent.load(decision),
  }),
  children: t.field({
    type: [DecisionRef],
    description: 'The decisions this one invoked, in order of start.',
    operations: ['decisions.read'],
    resolve: (decision, _args, { loaders }) => loaders.children.load(decision),
  }),
  steps: t.field({
    type: [StepRef],
    description: 'Its reasoning chain, in order.',
    operations: RECEIPT,
    resolve: async (decision, _args, { loaders }) =>
      (await loaders.steps.load(decision)).map((step, place) => ({ ...step, place })),
  }),
  erasedAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When its content was erased for good; null when it was not. Its digests in the ledger hold on.',
    operations: ['decisions.read'],
    resolve: ({ id }, _args, { loaders }) => loaders.erasedAt.load(id),
  }),
  input: t.string({
    nullable: true,
    description: 'What it was asked; null when that was not kept.',
    operations: ['content.read'],
    resolve: async (decision, _args, { loaders }) => (await loaders.content.load(decision))?.input ?? null,
  }),
  output: t.string({
    nullable: true,
    description: 'What it answered; null when that was not kept.',
    operations: ['content.read'],
    resolve: async (decision, _args, { loaders }) => (await loaders.content.load(decision))?.output ?? null,
  }),
  errorMessage: t.string({
    nullable: true,
    description: 'What the error said. It quotes what it failed on, so it counts as content.',
    operations: ['content.read'],
    resolve: async (decision, _args, { loaders }) => (await loaders.content.load(decision))?.errorMessage ?? null,
  }),
  ledgerEntry: t.field({
    type: LedgerEntryRef,
    nullable: true,
    description: 'The ledger’s entry that seals it; null until it is sealed.',
    operations: ['ledger.read', 'telemetry.send'],
    resolve: ({ seq }, _args, { loaders }) => loaders.entry.load(seq),
  }),
  amendments: t.field({
    type: [LedgerEntryRef],
    description: 'What became known of it after it was sealed, in the order of the ledger.',
    operations: ['ledger.read'],
    resolve: ({ id }, _args, { loaders }) => loaders.amendments.load(id),
  }),
}));

export const DecisionConnection = connectionType(DecisionRef);

/** How decisions are found again in a list. */
export const DECISION_LIST = {
  kind: DECISION_CURSOR,
  keyOf: ({ startedAt, id }: DecisionRow) => ({ startedAtMs: startedAt.getTime(), id }),
};

builder.queryFields((t) => ({
  decisions: t.field({
    type: DecisionConnection,
    description:
      'The fleet’s decisions, newest first. Example: `decisions(filter: { outcomes: [ERROR] }, first: 50) { nodes { id } }`.',
    operations: ['decisions.read'],
    complexity: pageComplexity,
    args: { filter: t.arg({ type: DecisionFilterInput, description: 'Which of them.' }), ...pageArguments },
    resolve: async (_root, args, context) => {
      const {
        fleet,
        services: { pool, calendar },
      } = context;
      const page = readPageRequest(args, DECISION_CURSOR, fleet);
      const filter = await readSearch(args.filter, context);
      return toConnection(await listDecisions({ pool, calendar, fleet, filter, page }), fleet, DECISION_LIST);
    },
  }),
  decision: t.field({
    type: DecisionRef,
    nullable: true,
    description: 'The decision of this id. Example: `decision(id: "order-4711") { outcome steps { kind name } }`.',
    operations: ['decisions.read'],
    args: { id: t.arg.id({ required: true, description: 'The id it was recorded with.' }) },
    resolve: (_root, { id }, context) => findDecision(context, id),
  }),
}));

/** Null when the fleet has no decision of this id. */
export async function findDecision({ loaders }: GraphQLContext, id: string) {
  return isStorableText(id) ? loaders.decision.load(id) : null;
}

/**
 * The filter of a question that is answered once: before one that searches in content is, the ledger tells of it. Throws as
 * `readDecisionFilter`.
 */
export async function readSearch(
  given: DecisionFilter | null | undefined,
  { fleet, viewer, services }: GraphQLContext,
): Promise<DecisionFilter> {
  const filter = readDecisionFilter(given, viewer);
  const searches = searchesOf(filter);
  if (searches.length === 0) return filter;
  const of = { filter: describeFilter(filter) };
  await services.reads.tell({ fleet, actor: viewer.subject, contents: 'SEARCH', decisionIds: [], of, searches });
  return filter;
}

/** Throws FORBIDDEN when it searches in content the viewer may not read, VALIDATION_FAILED for text that is not valid. */
export function readDecisionFilter(filter: DecisionFilter | null | undefined, viewer: Viewer): DecisionFilter {
  if (filter === null || filter === undefined) return {};
  if (filter.text !== null && filter.text !== undefined) requireOperation(viewer, 'content.read');
  const field = findUnstorableText(filter);
  if (field === null) return filter;
  throw new AppError('VALIDATION_FAILED', `filter.${field} holds text that is not valid`, { path: ['filter', field] });
}
