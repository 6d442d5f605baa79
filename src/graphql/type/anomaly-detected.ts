import { findAnomalyPlace, findNewestAnomaly } from '../../anomaly/after.js';
import type { AnomalyFilter } from '../../anomaly/filter.js';
import { AppError } from '../../errors.js';
import { streamAnomalies } from '../../live/anomaly-stream.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';
import { numberOfKey, parseGlobalId } from '../global-id.js';
import { readPlace } from '../place.js';
import { AnomalyRef } from '../refs.js';
import { AnomalyFilterInput, readAnomalyFilter } from './anomaly-filter.js';

builder.subscriptionField('anomalyDetected', (t) =>
  t.field({
    type: AnomalyRef,
    description:
      'Each anomaly once: when it is found, or, with `severities` in the filter, when it has become as severe as that. ' +
      'Example: `subscription { anomalyDetected(filter: { severities: [CRITICAL] }) { id kind summary agent { name } } }`.',
    operations: ['decisions.read'],
    args: {
      filter: t.arg({ type: AnomalyFilterInput, description: 'Which anomalies.' }),
      after: t.arg.id({
        description:
          'The id of the last anomaly seen, or a place of `resumeFrom`: those found since come first, so that a reconnect ' +
          'loses nothing.',
      }),
    },
    subscribe: async (_root, args, context) => {
      const { fleet, signal, services } = context;
      const filter = readAnomalyFilter(args.filter);
      const afterSeq = await findStart({ after: args.after, filter }, context);
      return streamAnomalies({ pool: services.pool, bus: services.anomalyBus, fleet, filter, afterSeq, signal });
    },
    resolve: (anomaly) => anomaly,
  }),
);

/** The place after which to begin: where the follower was told of `after`, else the newest. Throws NOT_FOUND. */
async function findStart(
  { after, filter }: { after: string | null | undefined; filter: AnomalyFilter },
  { fleet, services: { pool } }: GraphQLContext,
): Promise<number> {
  if (after === null || after === undefined) return findNewestAnomaly(pool, fleet);
  const given = readPlace(after);
  if (given !== null) return given;
  const { type, key } = parseGlobalId(after);
  const seq = type === 'Anomaly' ? numberOfKey(key) : null;
  const place = seq === null ? null : await findAnomalyPlace(pool, { fleet, filter }, seq);
  if (place !== null) return place;
  throw new AppError('NOT_FOUND', 'after is not the id of an anomaly of this fleet', { path: ['after'] });
}
