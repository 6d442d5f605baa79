import type { WitnessStanding } from '../../cosign/store.js';
import { type KeptContradiction, listContradictions } from '../../ledger/contradiction.js';
import { formatVerifierKey } from '../../ledger/note/key.js';
import { builder } from '../builder.js';
import { ContradictionEndEnum, ContradictionKindEnum } from '../enums.js';
import { LedgerRef } from '../refs.js';

const WitnessType = builder.objectRef<WitnessStanding>('Witness').implement({
  description: 'Somebody elsewhere who remembers the heads of ledgers, and cosigns one that continues the one before.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the policy.' }),
    publicKey: t.string({ description: 'Its C2SP verifier key.', resolve: ({ key }) => formatVerifierKey(key) }),
    cosignedSize: t.int({
      nullable: true,
      description: 'The entries it cosigned last, as far as one of the newest checkpoints has it; null when none has.',
      resolve: ({ last }) => last?.size ?? null,
    }),
    cosignedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it did, by its own clock.',
      resolve: ({ last }) => last?.at ?? null,
    }),
  }),
});

const ContradictionType = builder.objectRef<KeptContradiction>('LedgerContradiction').implement({
  description:
    'A witness cosigned what the ledger does not continue: an old backup was restored, or entries were changed. Nothing is appended while it stands.',
  fields: (t) => ({
    witness: t.exposeString('witness', { description: 'The witness’s name in the policy.' }),
    kind: t.expose('kind', { type: ContradictionKindEnum, description: 'How it contradicts the ledger.' }),
    witnessSize: t.exposeInt('witnessSize', { description: 'How many entries it has cosigned.' }),
    ownSize: t.exposeInt('ownSize', { description: 'How many entries the ledger had.' }),
    evidence: t.exposeString('evidence', {
      nullable: true,
      description: 'The checkpoint it cosigned, with the ledger’s own signature; null when it did not show one.',
    }),
    foundAt: t.expose('foundAt', { type: 'DateTime', description: 'When it was found.' }),
    overAt: t.expose('overAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while it stands.',
    }),
    overBy: t.expose('overBy', { type: ContradictionEndEnum, nullable: true, description: 'Why it ended.' }),
  }),
});

builder.objectFields(LedgerRef, (t) => ({
  witnesses: t.field({
    type: [WitnessType],
    description: 'The witnesses that are asked to cosign it; none when no policy is set.',
    operations: ['ledger.read'],
    resolve: (_ledger, _args, { services, fleet }) => services.readWitnesses(fleet),
  }),
  contradictions: t.field({
    type: [ContradictionType],
    description: 'What witnesses said against it, the newest first, at most 100.',
    operations: ['ledger.read'],
    resolve: (_ledger, _args, { services, fleet }) => listContradictions(services.pool, fleet),
  }),
}));
