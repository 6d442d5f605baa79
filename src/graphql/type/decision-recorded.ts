import { isStorableText } from '../../decision/filter.js';
import { findDecisions, findNewestSeq } from '../../decision/store.js';
import { AppError } from '../../errors.js';
import { streamDecisions } from '../../live/decision-stream.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';
import { DecisionRef } from '../refs.js';
import { readDecisionFilter } from './decision.js';
import { DecisionFilterInput } from './decision-filter.js';

builder.subscriptionField('decisionRecorded', (t) =>
  t.field({
    type: DecisionRef,
    description:
      'Each decision once it is sealed, in the order of the ledger. ' +
      'Example: `subscription { decisionRecorded(filter: { outcomes: [ERROR] }) { id agent { name } } }`.',
    operations: ['decisions.read'],
    args: {
      filter: t.arg({ type: DecisionFilterInput, description: 'Which decisions.' }),
      after: t.arg.id({
        description:
          'The id of the last decision seen: those sealed since come first, so that a reconnect loses nothing.',
      }),
    },
    subscribe: async (_root, args, context) => {
      const { fleet, viewer, signal, services } = context;
      const filter = readDecisionFilter(args.filter, viewer);
      const afterSeq = await findStart(args.after, context);
      return streamDecisions({ ...services, fleet, filter, afterSeq, signal });
    },
    resolve: (decision) => decision,
  }),
);

/** The seq after which to begin: that of the decision `after`, else the newest there is. Throws NOT_FOUND. */
async function findStart(after: string | null | undefined, { fleet, services }: GraphQLContext): Promise<number> {
  if (after === null || after === undefined) return findNewestSeq(services.pool, fleet);
  const found = isStorableText(after) ? await findDecisions(services.pool, fleet, [after]) : null;
  const decision = found?.get(after);
  if (decision !== undefined) return decision.seq;
  throw new AppError('NOT_FOUND', 'after is not the id of a decision of this fleet', { path: ['after'] });
}
