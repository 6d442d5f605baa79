import { HOLD_SCOPES, type LegalHold, listHolds, placeHold, releaseHold } from '../../erasure/hold.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import type { GraphQLContext } from '../context.js';
import { HOLD_CURSOR } from '../cursor.js';
import { describedEnum } from '../enums.js';
import { payloadUnion } from '../failure.js';
import { formatGlobalId, numberOfKey, parseGlobalId } from '../global-id.js';
import { readReason } from '../reason.js';
import { readTarget } from './erasure.js';

const HoldScopeEnum = describedEnum('LegalHoldScope', {
  description: 'What is held.',
  values: HOLD_SCOPES,
  descriptions: {
    DECISION: 'One decision.',
    CONVERSATION: 'Every decision of a conversation.',
    SUBJECT: 'Every decision for a user of an agent.',
    FLEET: 'Everything of the fleet.',
  },
});

const LegalHoldRef = builder.objectRef<LegalHold>('LegalHold').implement({
  description: 'What must be kept: neither an erasure nor retention takes it while the hold binds.',
  fields: (t) => ({
    id: t.id({ description: '`LegalHold:<number>`.', resolve: ({ id }) => formatGlobalId('LegalHold', id) }),
    scope: t.expose('scope', { type: HoldScopeEnum, description: 'What is held.' }),
    target: t.exposeString('target', {
      nullable: true,
      description:
        'The id of the decision, the conversation or the user; null for a fleet, and for a user who was erased since.',
    }),
    reference: t.exposeString('reference', { description: 'What the ledger calls it: a user by a pseudonym.' }),
    reason: t.exposeString('reason', { description: 'Why; the ledger has its digest.' }),
    placedBy: t.exposeString('placedBy', { description: 'Who placed it.' }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'When.' }),
    releasedBy: t.exposeString('releasedBy', { nullable: true, description: 'Who released it; null while it binds.' }),
    releasedAt: t.expose('releasedAt', { type: 'DateTime', nullable: true, description: 'When.' }),
    releaseReason: t.exposeString('releaseReason', { nullable: true, description: 'Why.' }),
  }),
});

const LegalHoldConnection = connectionType(LegalHoldRef);
const HOLD_LIST = { kind: HOLD_CURSOR, keyOf: ({ id }: LegalHold) => id };

builder.queryField('legalHolds', (t) =>
  t.field({
    type: LegalHoldConnection,
    description: 'Legal holds, the newest first. Example: `legalHolds { nodes { scope reference placedAt reason } }`.',
    operations: ['custody.read'],
    complexity: pageComplexity,
    args: { released: t.arg.boolean({ description: 'With those that are released.' }), ...pageArguments },
    resolve: async (_root, { released, ...args }, { fleet, services: { pool } }) => {
      const page = readPageRequest(args, HOLD_CURSOR, fleet);
      return toConnection(await listHolds({ pool, fleet, isActive: released !== true, page }), fleet, HOLD_LIST);
    },
  }),
);

const PlaceHoldInput = builder.inputType('PlaceHoldInput', {
  description: 'What is to be held: one of `decisionId`, `conversationId` and `subject`, or the whole fleet.',
  fields: (t) => ({
    decisionId: t.id({ description: 'A decision.' }),
    conversationId: t.string({ description: 'Every decision of this conversation.' }),
    subject: t.string({ description: 'Every decision for this user of an agent, by the id telemetry gave.' }),
    fleet: t.boolean({ description: 'True: everything of the fleet.' }),
    reason: t.string({ required: true, description: 'Why, 1 to 1000 characters.' }),
  }),
});

const ReleaseHoldInput = builder.inputType('ReleaseHoldInput', {
  description: 'The hold to release.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id, `LegalHold:<number>`.' }),
    reason: t.string({ required: true, description: 'Why, 1 to 1000 characters.' }),
  }),
});

const success = (name: string, description: string) =>
  builder.objectRef<{ hold: LegalHold }>(name).implement({
    description,
    fields: (t) => ({ hold: t.expose('hold', { type: LegalHoldRef, description: 'As it is now.' }) }),
  });

const PlaceHoldPayload = payloadUnion('PlaceHoldPayload', {
  description: 'What came of `placeHold`.',
  success: success('PlaceHoldSuccess', 'It binds from now on, and is sealed in the ledger.'),
  failures: ['VALIDATION_FAILED', 'FORBIDDEN'],
});

const ReleaseHoldPayload = payloadUnion('ReleaseHoldPayload', {
  description: 'What came of `releaseHold`.',
  success: success('ReleaseHoldSuccess', 'It does not bind any more, and that is sealed in the ledger.'),
  failures: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
});

builder.mutationFields((t) => ({
  placeHold: t.field({
    type: PlaceHoldPayload,
    description:
      'Places a legal hold: what it covers is kept, now and later. Example: `placeHold(input: { subject: "u-9", reason: "case 12/26" }) { … }`.',
    operations: ['custody.manage'],
    refusals: ['VALIDATION_FAILED', 'FORBIDDEN'],
    args: { input: t.arg({ type: PlaceHoldInput, required: true, description: 'What and why.' }) },
    resolve: async (_root, { input: { fleet: isFleet, reason, ...named } }, context) => {
      const isNamed = Object.values(named).some((id) => typeof id === 'string');
      if (isFleet === true && isNamed)
        throw new AppError('VALIDATION_FAILED', 'fleet stands for everything: leave the rest out');
      const target = isFleet === true ? null : readTarget(named);
      return { hold: await placeHold(doing(context, reason), target) };
    },
  }),
  releaseHold: t.field({
    type: ReleaseHoldPayload,
    description:
      'Releases a legal hold. Example: `releaseHold(input: { id: "LegalHold:3", reason: "case closed" }) { … }`.',
    operations: ['custody.manage'],
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
    args: { input: t.arg({ type: ReleaseHoldInput, required: true, description: 'Which, and why.' }) },
    resolve: async (_root, { input }, context) => {
      const { type, key } = parseGlobalId(input.id);
      const number = type === 'LegalHold' ? numberOfKey(key) : null;
      if (number === null) throw new AppError('NOT_FOUND', 'there is no such hold');
      return { hold: await releaseHold(doing(context, input.reason), number) };
    },
  }),
}));

function doing({ viewer, fleet, services: { pool, clock } }: GraphQLContext, reason: string) {
  return { pool, fleet, actor: viewer.subject, reason: readReason(reason), nowMs: clock.now() };
}
