import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import type { Entry } from '../../ledger/chain.js';
import { verifyLedger } from '../../ledger/check/verify.js';
import { type Debt, findDebt } from '../../ledger/owed.js';
import { findHead, type LedgerFilter, listEntries } from '../../ledger/store.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import type { GraphQLContext } from '../context.js';
import { ENTRY_CURSOR } from '../cursor.js';
import { LedgerEntryKindEnum, LedgerLevelEnum } from '../enums.js';
import { formatGlobalId } from '../global-id.js';
import { LedgerEntryRef, LedgerRef, LedgerVerificationRef, NodeRef } from '../refs.js';

LedgerEntryRef.implement({
  description: 'One entry of the fleet’s ledger: sealed, never changed.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: '`LedgerEntry:<seq>`.', resolve: ({ seq }) => formatGlobalId('LedgerEntry', seq) }),
    seq: t.exposeInt('seq', { description: 'Its place in the chain, from 0 without gaps.' }),
    kind: t.expose('kind', { type: LedgerEntryKindEnum, description: 'What it seals.' }),
    recordedAt: t.field({
      type: 'DateTime',
      description: 'When it was sealed.',
      resolve: ({ recordedAt }) => new Date(recordedAt),
    }),
    subject: t.exposeString('subject', {
      description: 'What it is about: a decision’s id; of a re-pricing, `prices`.',
    }),
    payload: t.field({
      type: 'JSON',
      description: 'What it says of its subject, with commitments to content and never the content.',
      resolve: ({ canonical }) => JSON.parse(canonical).payload,
    }),
    canonical: t.exposeString('canonical', { description: 'The exact text that is hashed, in RFC 8785 form.' }),
    previousHash: t.exposeString('previousHash', { description: 'The hash of the entry before; 64 zeros for seq 0.' }),
    level: t.field({
      type: LedgerLevelEnum,
      description: 'How much there is to hold it to: sealed, published within a second, and witnessed.',
      operations: ['ledger.read', 'telemetry.send'],
      resolve: ({ seq }, _args, { loaders }) => loaders.level.load(seq),
    }),
    hash: t.exposeString('hash', {
      description: 'Hex SHA-256 of a zero byte and `canonical`: the RFC 6962 leaf hash.',
    }),
  }),
});

LedgerVerificationRef.implement({
  description: 'The verdict on a ledger that was walked from its first entry to its head.',
  fields: (t) => ({
    intact: t.exposeBoolean('intact', { description: 'Whether every entry was found good.' }),
    checked: t.exposeInt('checked', { description: 'How many entries were found good, from seq 0 on.' }),
    headHash: t.exposeString('headHash', { description: 'The hash of the last good entry; 64 zeros without any.' }),
    faultSeq: t.exposeInt('faultSeq', {
      nullable: true,
      description: 'The first bad seq; null when intact, or when no single entry is to blame.',
    }),
    fault: t.exposeString('fault', { nullable: true, description: 'What is wrong; null when intact.' }),
    sealed: t.exposeInt('sealed', { description: 'How many entries there are, or were by what was signed.' }),
    published: t.exposeInt('published', { description: 'How many of them the newest checkpoint covers.' }),
    unpublished: t.int({
      description: 'How many of them are sealed and not published yet: nobody outside can hold us to those.',
      resolve: ({ sealed, published }) => sealed - published,
    }),
  }),
});

const LedgerDebtType = builder.objectRef<Debt>('LedgerDebt').implement({
  description:
    'What was done while the ledger stood still, and is sealed once it goes on: it is kept, and not proven yet.',
  fields: (t) => ({
    entries: t.exposeInt('entries', { description: 'How many entries it owes.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When the first of them was to be sealed.' }),
  }),
});

const LedgerFilterInput = builder.inputType('LedgerFilter', {
  description: 'Which entries: every condition that is given must hold.',
  fields: (t) => ({
    kinds: t.field({ type: [LedgerEntryKindEnum], description: 'Of one of these kinds.' }),
    subject: t.string({ description: 'About this: a decision’s id, or `prices`.' }),
    from: t.field({ type: 'DateTime', description: 'Sealed at this time or after.' }),
    to: t.field({ type: 'DateTime', description: 'Sealed before this time.' }),
  }),
});

const LedgerEntryConnection = connectionType(LedgerEntryRef);
const ENTRY_LIST = { kind: ENTRY_CURSOR, keyOf: ({ seq }: Entry) => seq };
const VERIFY_COMPLEXITY = 1_000;

LedgerRef.implement({
  description: 'The fleet’s ledger: one hash chain, from the first decision on.',
  fields: (t) => ({
    size: t.int({
      description: 'How many entries it has.',
      operations: ['ledger.read'],
      resolve: async (_ledger, _args, context) => ((await readHead(context))?.seq ?? -1) + 1,
    }),
    head: t.field({
      type: LedgerEntryRef,
      nullable: true,
      description: 'The newest entry; null when it is empty.',
      operations: ['ledger.read'],
      resolve: (_ledger, _args, context) => readHead(context),
    }),
    owed: t.field({
      type: LedgerDebtType,
      nullable: true,
      description: 'What it owes since it stands still; null when nothing.',
      operations: ['ledger.read'],
      resolve: (_ledger, _args, { services, fleet }) => findDebt(services.pool, fleet),
    }),
    entry: t.field({
      type: LedgerEntryRef,
      nullable: true,
      description: 'The entry of this seq.',
      operations: ['ledger.read'],
      args: { seq: t.arg.int({ required: true, description: 'Its place in the chain, from 0.' }) },
      resolve: (_ledger, { seq }, { loaders }) => loaders.entry.load(seq),
    }),
    entries: t.field({
      type: LedgerEntryConnection,
      description: 'Its entries in the order of the chain.',
      operations: ['ledger.read'],
      complexity: pageComplexity,
      args: { filter: t.arg({ type: LedgerFilterInput, description: 'Which of them.' }), ...pageArguments },
      resolve: async (_ledger, args, { fleet, services: { pool } }) => {
        const page = readPageRequest(args, ENTRY_CURSOR, fleet);
        const filter = readLedgerFilter(args.filter);
        return toConnection(await listEntries({ pool, fleet, filter, page }), fleet, ENTRY_LIST);
      },
    }),
    verify: t.field({
      type: LedgerVerificationRef,
      description:
        'Walks every entry up to the head: gaps, hashes, links, columns against the sealed text, the tree with its tiles, and the checkpoints over it.',
      operations: ['ledger.read'],
      complexity: VERIFY_COMPLEXITY,
      resolve: async (_ledger, _args, { fleet, services, signal }) => {
        const begunMs = services.clock.now();
        const verdict = await verifyLedger(services.pool, fleet, signal);
        if (verdict.intact) services.foundSound(fleet, begunMs);
        return verdict;
      },
    }),
  }),
});

builder.queryField('ledger', (t) =>
  t.field({
    type: LedgerRef,
    description: 'The fleet’s ledger. Example: `ledger { size head { hash } }`.',
    operations: ['ledger.read'],
    resolve: () => ({}),
  }),
);

function readHead({ services, fleet }: GraphQLContext): Promise<Entry | null> {
  return findHead(services.pool, fleet);
}

function readLedgerFilter(filter: LedgerFilter | null | undefined): LedgerFilter {
  if (isStorableText(filter?.subject ?? '')) return filter ?? {};
  throw new AppError('VALIDATION_FAILED', 'filter.subject is not valid text', { path: ['filter', 'subject'] });
}
