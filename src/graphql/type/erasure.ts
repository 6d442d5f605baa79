import { isStorableText } from '../../decision/filter.js';
import { approveErasure, askForErasure, rejectErasure } from '../../erasure/ask.js';
import { ERASURE_BASES, ERASURE_STATES, type Erasure, listErasures } from '../../erasure/erasure.js';
import { TARGET_SCOPES, type Target } from '../../erasure/target.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import { ERASURE_CURSOR } from '../cursor.js';
import { describedEnum } from '../enums.js';
import { payloadUnion } from '../failure.js';
import { formatGlobalId, numberOfKey, parseGlobalId } from '../global-id.js';
import { readReason } from '../reason.js';

const ScopeEnum = describedEnum('ErasureScope', {
  description: 'What is erased.',
  values: TARGET_SCOPES,
  descriptions: {
    DECISION: 'One decision.',
    CONVERSATION: 'Every decision of a conversation.',
    SUBJECT: 'Every decision for a user of an agent.',
  },
});

const BasisEnum = describedEnum('ErasureBasis', {
  description: 'On what grounds content is erased: sealed in clear, other than the reason.',
  values: ERASURE_BASES,
  descriptions: {
    REQUEST: 'Somebody asked that what is theirs be erased.',
    CONSENT_WITHDRAWN: 'Consent was withdrawn.',
    UNLAWFUL: 'It should never have been processed.',
    OBLIGATION: 'A law or a court demands it.',
    OTHER: 'Anything else.',
  },
});

const StateEnum = describedEnum('ErasureState', {
  description: 'How far an erasure is.',
  values: ERASURE_STATES,
  descriptions: {
    PENDING: 'Somebody else has to approve of it; nothing is erased.',
    ERASING: 'Approved of, and not all erased: it goes on after a restart, or when it is approved of again.',
    DONE: 'Everything it reaches is erased.',
    REJECTED: 'Nothing was erased, and nothing will be.',
  },
});

const ErasureRef = builder.objectRef<Erasure>('Erasure').implement({
  description: 'What somebody asked to be erased, and what came of it.',
  fields: (t) => ({
    id: t.id({ description: '`Erasure:<number>`.', resolve: ({ id }) => formatGlobalId('Erasure', id) }),
    scope: t.expose('scope', { type: ScopeEnum, description: 'What is erased.' }),
    target: t.exposeString('target', {
      nullable: true,
      description:
        'The id of the decision, the conversation or the user. A user’s is gone once all of theirs is erased.',
    }),
    reference: t.exposeString('reference', { description: 'What the ledger calls it: a user by a pseudonym.' }),
    basis: t.expose('basis', { type: BasisEnum, description: 'On what grounds.' }),
    reason: t.exposeString('reason', { description: 'Why; the ledger has its digest.' }),
    state: t.expose('state', { type: StateEnum, description: 'How far it is.' }),
    requestedBy: t.exposeString('requestedBy', { description: 'Who asked for it.' }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'When.' }),
    decidedBy: t.exposeString('decidedBy', {
      nullable: true,
      description: 'Who approved of it or rejected it; null where nobody else did.',
    }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime', nullable: true, description: 'When.' }),
    decisionReason: t.exposeString('decisionReason', { nullable: true, description: 'Why it was rejected.' }),
    decisions: t.exposeInt('decisions', { description: 'How many decisions it has erased.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it was over.' }),
  }),
});

const ErasureConnection = connectionType(ErasureRef);
const ERASURE_LIST = { kind: ERASURE_CURSOR, keyOf: ({ id }: Erasure) => id };

builder.queryField('erasures', (t) =>
  t.field({
    type: ErasureConnection,
    description:
      'What was asked to be erased, the newest first. Example: `erasures { nodes { state reference requestedBy } }`.',
    operations: ['custody.read'],
    complexity: pageComplexity,
    args: pageArguments,
    resolve: async (_root, args, { fleet, services: { pool } }) => {
      const page = readPageRequest(args, ERASURE_CURSOR, fleet);
      return toConnection(await listErasures({ pool, fleet, page }), fleet, ERASURE_LIST);
    },
  }),
);

const EraseContentInput = builder.inputType('EraseContentInput', {
  description: 'What is to be erased for good: one of `decisionId`, `conversationId` and `subject`.',
  fields: (t) => ({
    decisionId: t.id({ description: 'A decision.' }),
    conversationId: t.string({ description: 'Every decision of this conversation.' }),
    subject: t.string({
      description:
        'Every decision for this user of an agent, by the id telemetry gave: `user.id`, `enduser.id` and the like.',
    }),
    basis: t.field({ type: BasisEnum, description: 'On what grounds; REQUEST if left out.' }),
    reason: t.string({ required: true, description: 'Why, 1 to 1000 characters.' }),
  }),
});

const ApproveErasureInput = builder.inputType('ApproveErasureInput', {
  description: 'The erasure to approve of.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id, `Erasure:<number>`.' }) }),
});

const RejectErasureInput = builder.inputType('RejectErasureInput', {
  description: 'The erasure to end before anything is erased.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id, `Erasure:<number>`.' }),
    reason: t.string({ required: true, description: 'Why, 1 to 1000 characters.' }),
  }),
});

const success = (name: string, description: string) =>
  builder.objectRef<{ erasure: Erasure }>(name).implement({
    description,
    fields: (t) => ({ erasure: t.expose('erasure', { type: ErasureRef, description: 'As it is now.' }) }),
  });

const FAILURES = ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT'] as const;

const EraseContentPayload = payloadUnion('EraseContentPayload', {
  description: 'What came of `eraseContent`.',
  success: success(
    'EraseContentSuccess',
    'It was asked for: PENDING until somebody else approves of it, or DONE where one person is enough.',
  ),
  failures: FAILURES,
});

const ApproveErasurePayload = payloadUnion('ApproveErasurePayload', {
  description: 'What came of `approveErasure`.',
  success: success('ApproveErasureSuccess', 'The content is erased, and that is sealed in the ledger.'),
  failures: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
});

const RejectErasurePayload = payloadUnion('RejectErasurePayload', {
  description: 'What came of `rejectErasure`.',
  success: success('RejectErasureSuccess', 'The erasure is over, and nothing was erased.'),
  failures: FAILURES,
});

builder.mutationFields((t) => ({
  eraseContent: t.field({
    type: EraseContentPayload,
    description:
      'Asks that content be erased for good: texts, salts and everything made of them. Digests and figures stay. Somebody ' +
      'else approves of it with `approveErasure`, unless midwatch.yaml says that one person is enough. ' +
      'Example: `eraseContent(input: { conversationId: "c-17", reason: "art. 17 request 4711" }) { … }`.',
    operations: ['custody.manage'],
    refusals: FAILURES,
    args: { input: t.arg({ type: EraseContentInput, required: true, description: 'What and why.' }) },
    resolve: async (_root, { input }, { viewer, fleet, services: { erasures, erasureApproval } }) => {
      const { basis, reason, ...named } = input;
      const request = { fleet, target: readTarget(named), basis: basis ?? 'REQUEST', reason: readReason(reason) };
      return { erasure: await askForErasure(erasures, { ...request, actor: viewer.subject }, erasureApproval) };
    },
  }),
  approveErasure: t.field({
    type: ApproveErasurePayload,
    description:
      'Approves of what somebody else asked to be erased, which erases it. Example: `approveErasure(input: { id: "Erasure:3" }) { … }`.',
    operations: ['custody.manage'],
    refusals: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
    args: { input: t.arg({ type: ApproveErasureInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { viewer, fleet, services: { erasures } }) => ({
      erasure: await approveErasure(erasures, { fleet, id: readErasureId(input.id), actor: viewer.subject }),
    }),
  }),
  rejectErasure: t.field({
    type: RejectErasurePayload,
    description:
      'Ends an erasure that nobody has approved of. Example: `rejectErasure(input: { id: "Erasure:3", reason: "wrong user" }) { … }`.',
    operations: ['custody.manage'],
    refusals: FAILURES,
    args: { input: t.arg({ type: RejectErasureInput, required: true, description: 'Which, and why.' }) },
    resolve: async (_root, { input }, { viewer, fleet, services: { erasures } }) => {
      const decision = { fleet, id: readErasureId(input.id), actor: viewer.subject, reason: readReason(input.reason) };
      return { erasure: await rejectErasure(erasures, decision) };
    },
  }),
}));

function readErasureId(id: string): number {
  const { type, key } = parseGlobalId(id);
  const number = type === 'Erasure' ? numberOfKey(key) : null;
  if (number === null) throw new AppError('NOT_FOUND', 'there is no such erasure');
  return number;
}

export interface NamedTarget {
  decisionId?: string | null | undefined;
  conversationId?: string | null | undefined;
  subject?: string | null | undefined;
}

/** Throws VALIDATION_FAILED unless exactly one is named, by text that can be stored. */
export function readTarget(named: NamedTarget): Target {
  const given = [
    { scope: 'DECISION' as const, id: named.decisionId },
    { scope: 'CONVERSATION' as const, id: named.conversationId },
    { scope: 'SUBJECT' as const, id: named.subject },
  ].flatMap(({ scope, id }): Target[] => (typeof id === 'string' && id !== '' ? [{ scope, id }] : []));
  const [target] = given;
  if (target === undefined || given.length > 1 || !isStorableText(target.id)) {
    throw new AppError('VALIDATION_FAILED', 'exactly one of decisionId, conversationId and subject must be given');
  }
  return target;
}
