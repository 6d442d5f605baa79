import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { DELIVERY_STATES, type DeliveryFilter, type DeliveryRow, listDeliveries } from '../../notify/delivery/list.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import { DELIVERY_CURSOR } from '../cursor.js';
import { describedEnum } from '../enums.js';
import { formatGlobalId } from '../global-id.js';
import { AlertRef } from '../refs.js';
import { findAlert } from './alert.js';

const DeliveryStateEnum = describedEnum('NotificationState', {
  description: 'What became of a notification.',
  values: DELIVERY_STATES,
  descriptions: {
    PENDING: 'It is to be sent.',
    FAILED: 'It could not be delivered yet, and is tried again.',
    SENT: 'Its receiver has it.',
    DEAD: 'It was given up: its receiver refused it, or was away too long.',
  },
});

const NotificationRef = builder.objectRef<DeliveryRow>('Notification').implement({
  description: 'One message to one receiver, of some alerts.',
  fields: (t) => ({
    id: t.id({ description: '`Notification:<number>`.', resolve: ({ id }) => formatGlobalId('Notification', id) }),
    receiver: t.exposeString('receiver', { description: 'By the name of midwatch.yaml.' }),
    state: t.expose('state', { type: DeliveryStateEnum, description: 'What became of it.' }),
    idempotencyKey: t.exposeString('idempotencyKey', { description: 'The name under which the receiver got it.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next.',
    }),
    lastError: t.exposeString('lastError', { nullable: true, description: 'Why the last attempt failed.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was decided on.' }),
    sentAt: t.expose('sentAt', { type: 'DateTime', nullable: true, description: 'When its receiver had it.' }),
    alertCount: t.int({ description: 'How many alerts it tells of.', resolve: ({ alerts }) => alerts.length }),
  }),
});

const NotificationConnection = connectionType(NotificationRef);
const DELIVERY_LIST = { kind: DELIVERY_CURSOR, keyOf: ({ id }: DeliveryRow) => id };

const NotificationFilterInput = builder.inputType('NotificationFilter', {
  description: 'Which notifications: every condition that is given must hold.',
  fields: (t) => ({
    receivers: t.stringList({ description: 'To one of these receivers.' }),
    states: t.field({ type: [DeliveryStateEnum], description: 'In one of these states.' }),
  }),
});

builder.queryField('notifications', (t) =>
  t.field({
    type: NotificationConnection,
    description:
      'Who was told of alerts, the newest first. Example: `notifications { nodes { receiver state sentAt } }`.',
    operations: ['decisions.read'],
    complexity: pageComplexity,
    args: { filter: t.arg({ type: NotificationFilterInput, description: 'Which of them.' }), ...pageArguments },
    resolve: async (_root, args, { fleet, services: { pool } }) => {
      const page = readPageRequest(args, DELIVERY_CURSOR, fleet);
      const found = await listDeliveries({ pool, fleet, filter: readFilter(args.filter), page });
      return toConnection(found, fleet, DELIVERY_LIST);
    },
  }),
);

builder.objectField(AlertRef, 'notifications', (t) =>
  t.field({
    type: [NotificationRef],
    description: 'Who was told of it, the newest first, at most 100.',
    operations: ['decisions.read'],
    complexity: { field: 5 },
    resolve: async ({ seq }, _args, { fleet, services: { pool } }) => {
      const page = { direction: 'forward', limit: 100, beyond: null } as const;
      const found = await listDeliveries({ pool, fleet, filter: { alert: formatGlobalId('Alert', seq) }, page });
      return found.rows;
    },
  }),
);

builder.objectField(NotificationRef, 'alerts', (t) =>
  t.field({
    type: [AlertRef],
    description: 'The alerts it tells of.',
    operations: ['decisions.read'],
    complexity: { field: 1, multiplier: 10 },
    resolve: async ({ alerts }, _args, context) => {
      const found = await Promise.all(alerts.map((id) => findAlert(context, id.replace(/^Alert:/, ''))));
      return found.filter((alert) => alert !== null);
    },
  }),
);

/** Throws VALIDATION_FAILED for text that is not valid. */
function readFilter(filter: DeliveryFilter | null | undefined): DeliveryFilter {
  if (filter?.receivers?.every(isStorableText) ?? true) return filter ?? {};
  throw new AppError('VALIDATION_FAILED', 'filter.receivers holds text that is not valid', {
    path: ['filter', 'receivers'],
  });
}
