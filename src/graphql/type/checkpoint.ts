import { formatVerifierKey, type VerifierKey, verifierKey } from '../../ledger/note/key.js';
import { type NoteSignature, parseNote } from '../../ledger/note/signed-note.js';
import { findKeys, type LedgerKey } from '../../ledger/publish/keys.js';
import { originOf, ROOT_LOG, readInstallation } from '../../ledger/publish/origin.js';
import { noteOf, proveInclusion, tlogProofOf } from '../../ledger/publish/proofs.js';
import { findCoverage, type PublishedCheckpoint } from '../../ledger/publish/store.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';

const CosignatureType = builder.objectRef<NoteSignature>('Cosignature').implement({
  description: 'A witness’s statement that this was the largest tree it had seen (C2SP tlog-cosignature).',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the witness’s key.' }),
    keyId: t.exposeString('keyId', { description: 'The id of its key, 8 hex digits.' }),
    cosignedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it said so, by its own clock; null for a kind of signature that has no time.',
      resolve: ({ bytes }) => timeOf(bytes),
    }),
  }),
});

export const CheckpointType = builder.objectRef<PublishedCheckpoint>('Checkpoint').implement({
  description:
    'The head of the ledger’s Merkle tree, signed: a C2SP tlog-checkpoint. Example: `ledger { checkpoint { size note } }`.',
  fields: (t) => ({
    origin: t.string({
      description: 'Which log: `midwatch/<installation>/<fleet>`.',
      resolve: ({ note }) => note.slice(0, note.indexOf('\n')),
    }),
    size: t.exposeInt('size', { description: 'How many entries the tree has.' }),
    rootHash: t.string({
      description: 'The root of the tree, RFC 9162, in hex.',
      resolve: ({ rootHash }) => rootHash.toString('hex'),
    }),
    note: t.string({ description: 'The signed text, with the cosignatures there are.', resolve: noteOf }),
    keyId: t.exposeString('keyId', { description: 'The id of the key that signed it, 8 hex digits.' }),
    signedAt: t.expose('signedAt', {
      type: 'DateTime',
      description: 'When it was last signed: an idle ledger’s is signed anew every minute.',
    }),
    cosignatures: t.field({
      type: [CosignatureType],
      description: 'What witnesses said of it.',
      resolve: (checkpoint) => parseNote(noteOf(checkpoint))?.signatures.slice(1) ?? [],
    }),
    witnessedAt: t.expose('witnessedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When enough witnesses had cosigned it; null when they have not.',
    }),
    rootProof: t.string({
      nullable: true,
      description:
        'That the log of the installation has this checkpoint, as a C2SP tlog-proof; null when it is no leaf of it, or not yet.',
      operations: ['ledger.read'],
      resolve: async ({ fleet, rootSeq }, _args, { services: { pool } }) => {
        if (fleet === ROOT_LOG || rootSeq === null) return null;
        return tlogProofOf(await proveInclusion({ pool, fleet: ROOT_LOG }, { seq: rootSeq, treeSize: null }));
      },
    }),
  }),
});

const TIMED_BYTES = 72;

/** A cosignature begins with eight bytes of seconds since 1970. */
function timeOf(bytes: Buffer): Date | null {
  return bytes.length === TIMED_BYTES ? new Date(Number(bytes.readBigUInt64BE()) * 1_000) : null;
}

/** A key with its name. */
export interface NamedKey extends LedgerKey {
  key: VerifierKey;
}

export const LedgerKeyType = builder.objectRef<NamedKey>('LedgerKey').implement({
  description: 'A key that signs checkpoints, or signed them until it was rotated.',
  fields: (t) => ({
    id: t.string({ description: 'Its id, 8 hex digits.', resolve: ({ key }) => key.id }),
    publicKey: t.string({ description: 'The C2SP verifier key.', resolve: ({ key }) => formatVerifierKey(key) }),
    fromSize: t.exposeInt('fromSize', { description: 'The smallest tree that it may sign.' }),
    toSize: t.exposeInt('toSize', { nullable: true, description: 'The largest; null while it signs.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was put in force.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked: checkpoints that only it signed prove nothing since. Null when it was not.',
    }),
  }),
});

/** The keys of a log, the newest first: of a fleet's at least one, which is put in force if there is none. */
export async function readKeys({ services: { pool, publish } }: GraphQLContext, fleet: string): Promise<NamedKey[]> {
  const known = await findKeys(pool, fleet);
  if (known.length === 0 && fleet !== ROOT_LOG) await publish(fleet);
  const keys = known.length === 0 ? await findKeys(pool, fleet) : known;
  const origin = originOf(await readInstallation(pool), fleet);
  return keys.map((key) => ({ ...key, key: verifierKey(origin, key.publicKey, 'note') }));
}

/** Has the fleet's ledger published up to `size`, if that is committed and is not published yet. */
export async function requirePublished({ services, fleet }: GraphQLContext, size: number): Promise<void> {
  const { publishedSize } = await findCoverage(services.pool, fleet);
  if (size > publishedSize) await services.publish(fleet);
}
