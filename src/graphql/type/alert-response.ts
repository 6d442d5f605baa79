import type { AlertRow } from '../../alerting/alert.js';
import { acknowledge, comment } from '../../alerting/respond.js';
import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';
import { payloadUnion } from '../failure.js';
import { numberOfKey, parseGlobalId } from '../global-id.js';
import { AlertRef } from '../refs.js';

const COMMENT_LENGTH_MAX = 2_000;

const AcknowledgeAlertInput = builder.inputType('AcknowledgeAlertInput', {
  description: 'The alert to take on.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id, `Alert:<number>`.' }),
    comment: t.string({ description: `What is to be said about it, at most ${COMMENT_LENGTH_MAX} characters.` }),
  }),
});

const CommentAlertInput = builder.inputType('CommentAlertInput', {
  description: 'What to say about an alert.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id, `Alert:<number>`.' }),
    comment: t.string({ required: true, description: `1 to ${COMMENT_LENGTH_MAX} characters.` }),
  }),
});

const AcknowledgeAlertSuccess = builder.objectRef<{ alert: AlertRow }>('AcknowledgeAlertSuccess').implement({
  description: 'The alert was taken on, now or before; it is not repeated any more.',
  fields: (t) => ({ alert: t.expose('alert', { type: AlertRef, description: 'As it is now.' }) }),
});

const CommentAlertSuccess = builder.objectRef<{ alert: AlertRow }>('CommentAlertSuccess').implement({
  description: 'It is among the alert’s changes, and sealed in the ledger.',
  fields: (t) => ({ alert: t.expose('alert', { type: AlertRef, description: 'As it is now.' }) }),
});

const AcknowledgeAlertPayload = payloadUnion('AcknowledgeAlertPayload', {
  description: 'What came of `acknowledgeAlert`.',
  success: AcknowledgeAlertSuccess,
  failures: ['VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT', 'FORBIDDEN'],
});

const CommentAlertPayload = payloadUnion('CommentAlertPayload', {
  description: 'What came of `commentAlert`.',
  success: CommentAlertSuccess,
  failures: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN'],
});

builder.mutationFields((t) => ({
  acknowledgeAlert: t.field({
    type: AcknowledgeAlertPayload,
    description: 'Takes an alert on, in one’s own name. Example: `acknowledgeAlert(input: { id: "Alert:12" }) { … }`.',
    operations: ['alerts.manage'],
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT', 'FORBIDDEN'],
    args: { input: t.arg({ type: AcknowledgeAlertInput, required: true, description: 'The alert to take on.' }) },
    resolve: async (_root, { input }, context) => {
      const alert = await acknowledge({
        ...responseOf(input.id, context),
        comment: readComment(input.comment ?? null),
      });
      return announced(alert, context);
    },
  }),
  commentAlert: t.field({
    type: CommentAlertPayload,
    description:
      'Says something about an alert. Example: `commentAlert(input: { id: "Alert:12", comment: "…" }) { … }`.',
    operations: ['alerts.manage'],
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN'],
    args: { input: t.arg({ type: CommentAlertInput, required: true, description: 'What to say.' }) },
    resolve: async (_root, { input }, context) => {
      const text = readComment(input.comment);
      if (text === null) throw new AppError('VALIDATION_FAILED', 'comment is empty', { path: ['comment'] });
      return announced(await comment({ ...responseOf(input.id, context), comment: text }), context);
    },
  }),
}));

function responseOf(id: string, { viewer, fleet, services: { pool, clock } }: GraphQLContext) {
  const { type, key } = parseGlobalId(id);
  const seq = type === 'Alert' ? numberOfKey(key) : null;
  if (seq === null) throw new AppError('NOT_FOUND', 'there is no such alert');
  return { pool, fleet, seq, actor: viewer.subject, nowMs: clock.now() };
}

function announced(
  alert: AlertRow,
  { fleet, services: { alertBus, wakeNotifications } }: GraphQLContext,
): { alert: AlertRow } {
  alertBus.announce(fleet, alert.changedSeq);
  wakeNotifications();
  return { alert };
}

/** Null for one that says nothing. */
function readComment(text: string | null): string | null {
  if (text === null || text.trim() === '') return null;
  if (text.length <= COMMENT_LENGTH_MAX && isStorableText(text)) return text;
  throw new AppError('VALIDATION_FAILED', `comment must be at most ${COMMENT_LENGTH_MAX} characters of valid text`, {
    path: ['comment'],
  });
}
