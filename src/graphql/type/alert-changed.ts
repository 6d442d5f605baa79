import { findNewestAlertChange, hasAlertChange } from '../../alerting/after.js';
import { AppError } from '../../errors.js';
import { type AlertMoment, streamAlerts } from '../../live/alert-stream.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';
import { numberOfKey, parseGlobalId } from '../global-id.js';
import { readPlace } from '../place.js';
import { AlertRef } from '../refs.js';
import { AlertFilterInput, readAlertFilter } from './alert-filter.js';

builder.subscriptionField('alertChanged', (t) =>
  t.field({
    type: AlertRef,
    description:
      'Each change of an alert once, with the alert as it was after it. ' +
      'Example: `subscription { alertChanged(filter: { states: [FIRING] }) { id changeId state summary } }`.',
    operations: ['decisions.read'],
    args: {
      filter: t.arg({ type: AlertFilterInput, description: 'Which alerts, as they are after the change.' }),
      after: t.arg.id({
        description:
          'The `changeId` of the last change seen: those since come first, so that a reconnect loses nothing. The ' +
          'alert’s own id stands for its first change. Or a place of `resumeFrom`.',
      }),
    },
    subscribe: async (_root, args, context) => {
      const { fleet, signal, services } = context;
      const filter = readAlertFilter(args.filter);
      const afterSeq = await findStart(args.after, context);
      return streamAlerts({ pool: services.pool, bus: services.alertBus, fleet, filter, afterSeq, signal });
    },
    resolve: ({ alert }: AlertMoment) => alert,
  }),
);

/** The place after which to begin: that of `after`, else the newest. Throws NOT_FOUND. */
async function findStart(
  after: string | null | undefined,
  { fleet, services: { pool } }: GraphQLContext,
): Promise<number> {
  if (after === null || after === undefined) return findNewestAlertChange(pool, fleet);
  const place = readPlace(after);
  if (place !== null) return place;
  const { type, key } = parseGlobalId(after);
  const seq = type === 'AlertChange' || type === 'Alert' ? numberOfKey(key) : null;
  if (seq !== null && (await hasAlertChange(pool, fleet, seq))) return seq;
  throw new AppError('NOT_FOUND', 'after is not the id of an alert, or of a change of one, of this fleet', {
    path: ['after'],
  });
}
