import { AppError } from '../../errors.js';
import { formatVerifierKey } from '../../ledger/note/key.js';
import { ROOT_LOG } from '../../ledger/publish/origin.js';
import {
  type ConsistencyProof,
  type InclusionProof,
  proveConsistency,
  proveInclusion,
  tlogProofOf,
} from '../../ledger/publish/proofs.js';
import { findNewestCheckpoint } from '../../ledger/publish/store.js';
import { findNewestTimestamp, type KeptTimestamp } from '../../timestamp/store.js';
import { builder } from '../builder.js';
import { LedgerRef } from '../refs.js';
import { CheckpointType, LedgerKeyType, readKeys, requirePublished } from './checkpoint.js';

const hex = (hash: Buffer) => hash.toString('hex');

const InclusionProofType = builder.objectRef<InclusionProof>('InclusionProof').implement({
  description: 'That an entry is in a tree: RFC 9162 section 2.1.3, hashes in hex.',
  fields: (t) => ({
    leafIndex: t.exposeInt('leafIndex', { description: 'The entry’s seq.' }),
    treeSize: t.exposeInt('treeSize', { description: 'How many entries the tree has.' }),
    leafHash: t.string({ description: 'The entry’s hash.', resolve: ({ leafHash }) => hex(leafHash) }),
    hashes: t.stringList({
      description: 'The proof, from the leaf’s sibling up.',
      resolve: ({ hashes }) => hashes.map(hex),
    }),
    rootHash: t.string({ description: 'The root that they lead to.', resolve: ({ rootHash }) => hex(rootHash) }),
    checkpoint: t.expose('checkpoint', {
      type: CheckpointType,
      nullable: true,
      description: 'The signed head of exactly this tree; null when there was none, or it is not kept any more.',
    }),
    tlogProof: t.string({
      nullable: true,
      description:
        'The proof with its checkpoint as one text to be checked offline (C2SP tlog-proof); null without one.',
      resolve: tlogProofOf,
    }),
  }),
});

const ConsistencyProofType = builder.objectRef<ConsistencyProof>('ConsistencyProof').implement({
  description: 'That a tree is the beginning of a larger one: RFC 9162 section 2.1.4, hashes in hex.',
  fields: (t) => ({
    fromSize: t.exposeInt('fromSize', { description: 'The size of the smaller tree.' }),
    toSize: t.exposeInt('toSize', { description: 'The size of the larger tree.' }),
    fromRootHash: t.string({ description: 'The root of the smaller tree.', resolve: ({ fromRoot }) => hex(fromRoot) }),
    toRootHash: t.string({ description: 'The root of the larger tree.', resolve: ({ toRoot }) => hex(toRoot) }),
    hashes: t.stringList({ description: 'The proof.', resolve: ({ hashes }) => hashes.map(hex) }),
  }),
});

const TimestampType = builder.objectRef<KeptTimestamp>('RootLogTimestamp').implement({
  description:
    'A token of a time-stamping authority (RFC 3161) over a head of the log of the installation: it was there no later than that.',
  fields: (t) => ({
    rootSize: t.exposeInt('rootSize', { description: 'How many leaves the log had.' }),
    note: t.exposeString('note', { description: 'The signed head without cosignatures: what the token is over.' }),
    authority: t.exposeString('authority', { description: 'Who the authority’s certificate says it is.' }),
    at: t.expose('stampedAt', { type: 'DateTime', description: 'When it saw the head, by its own clock.' }),
    token: t.string({
      description: 'The token, DER in base64; `openssl ts -verify -token_in` reads it.',
      resolve: ({ token }) => token.toString('base64'),
    }),
  }),
});

const RootLogType = builder.objectRef<object>('RootLog').implement({
  description:
    'The log of the installation: a leaf for the newest checkpoint of each fleet whenever that is another, so that a fleet that is left out of what is handed over is missed.',
  fields: (t) => ({
    checkpoint: t.field({
      type: CheckpointType,
      nullable: true,
      description: 'Its newest signed head; null when nothing of it was signed yet.',
      operations: ['ledger.read'],
      resolve: (_root, _args, { services: { pool } }) => findNewestCheckpoint(pool, ROOT_LOG),
    }),
    timestamp: t.field({
      type: TimestampType,
      nullable: true,
      description: 'The newest time-stamp over one of its heads; null when there is none.',
      operations: ['ledger.read'],
      resolve: (_root, _args, { services: { pool } }) => findNewestTimestamp(pool),
    }),
    keys: t.field({
      type: [LedgerKeyType],
      description: 'The keys that sign it, the newest first.',
      operations: ['ledger.read'],
      resolve: (_root, _args, context) => readKeys(context, ROOT_LOG),
    }),
  }),
});

builder.objectFields(LedgerRef, (t) => ({
  checkpoint: t.field({
    type: CheckpointType,
    nullable: true,
    description: 'The newest signed head, at most a second behind the entries; null when nothing was signed yet.',
    operations: ['ledger.read'],
    resolve: (_ledger, _args, { services: { pool }, fleet }) => findNewestCheckpoint(pool, fleet),
  }),
  publicKey: t.string({
    description: 'The key that signs checkpoints: a C2SP verifier key, to be kept by whoever wants to check them.',
    operations: ['ledger.read'],
    resolve: async (_ledger, _args, context) => {
      const [newest] = await readKeys(context, context.fleet);
      if (newest === undefined) throw new AppError('UNAVAILABLE', 'no key signs this ledger now: see the server’s log');
      return formatVerifierKey(newest.key);
    },
  }),
  keys: t.field({
    type: [LedgerKeyType],
    description: 'The keys that sign checkpoints, or did, the newest first.',
    operations: ['ledger.read'],
    resolve: (_ledger, _args, context) => readKeys(context, context.fleet),
  }),
  inclusionProof: t.field({
    type: InclusionProofType,
    description: 'Proves that an entry is in the tree of `treeSize` entries, or of the newest checkpoint.',
    operations: ['ledger.read'],
    args: {
      seq: t.arg.int({ required: true, description: 'The entry’s place in the chain, from 0.' }),
      treeSize: t.arg.int({ description: 'A size that is published; the newest checkpoint’s if left out.' }),
    },
    resolve: async (_ledger, { seq, treeSize }, context) => {
      await requirePublished(context, Math.max(1, seq + 1, treeSize ?? 0));
      const { services, fleet } = context;
      return proveInclusion({ pool: services.pool, fleet }, { seq, treeSize: treeSize ?? null });
    },
  }),
  consistencyProof: t.field({
    type: ConsistencyProofType,
    description: 'Proves that the tree of `fromSize` entries is the beginning of that of `toSize`, or of the newest.',
    operations: ['ledger.read'],
    args: {
      fromSize: t.arg.int({ required: true, description: 'At least 1.' }),
      toSize: t.arg.int({ description: 'A size that is published; the newest checkpoint’s if left out.' }),
    },
    resolve: async (_ledger, { fromSize, toSize }, context) => {
      await requirePublished(context, Math.max(1, fromSize, toSize ?? 0));
      const { services, fleet } = context;
      return proveConsistency({ pool: services.pool, fleet }, { fromSize, toSize: toSize ?? null });
    },
  }),
  rootLog: t.field({
    type: RootLogType,
    description: 'The log of the installation, which has the heads of all fleets’ ledgers.',
    operations: ['ledger.read'],
    resolve: () => ({}),
  }),
}));
