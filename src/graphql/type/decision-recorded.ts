import { isStorableText } from '../../decision/filter.js';
import { findNewestSeq } from '../../decision/sealed-after.js';
import { AppError } from '../../errors.js';
import { findSealingSeq } from '../../ledger/store.js';
import { streamDecisions } from '../../live/decision-stream.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';
import { readPlace } from '../place.js';
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
          'The id of the last decision seen, or a place of `resumeFrom`: those sealed since come first, so that a reconnect ' +
          'loses nothing.',
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

/**
 * The seq after which to begin: that of the decision or the place `after`, else the newest there is. The ledger knows a decision that
 * was seen even when it has been superseded since. Throws NOT_FOUND.
 */
async function findStart(after: string | null | undefined, { fleet, services }: GraphQLContext): Promise<number> {
  if (after === null || after === undefined) return findNewestSeq(services.pool, fleet);
  const place = readPlace(after);
  if (place !== null) return place;
  const seq = isStorableText(after) ? await findSealingSeq(services.pool, fleet, after) : null;
  if (seq !== null) return seq;
  throw new AppError('NOT_FOUND', 'after is not the id of a decision of this fleet', { path: ['after'] });
}
