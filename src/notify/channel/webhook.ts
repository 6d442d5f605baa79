import { createHmac } from 'node:crypto';
import { labelsOf, type NotifiableAlert } from '../alert.js';
import { type Notice, omittedCount } from '../plan/notice.js';
import type { Reach } from './address.js';
import type { Channel } from './channel.js';
import { post } from './post.js';
import { formatMoment } from './wording.js';

export interface WebhookOptions {
  url: string;
  /** What signatures are made with: docs/NOTIFICATIONS.md. */
  secret: Uint8Array;
  reach: Reach;
  deadlineMs: number;
}

/** Of the body: a receiver that knows it can read what is sent. Fields are added without a new one, never changed. */
const VERSION = 1;

/** JSON, signed as Standard Webhooks says (github.com/standard-webhooks/standard-webhooks). */
export function createWebhook({ url, secret, reach, deadlineMs }: WebhookOptions): Channel {
  return {
    traits: { alertsMax: 100, resendEveryMs: null, tellsAcknowledgement: true },
    send: (notice, { key, nowMs, signal }) => {
      const body = JSON.stringify(webhookBody(notice));
      const timestamp = String(Math.floor(nowMs / 1_000));
      const headers = {
        'content-type': 'application/json',
        'webhook-id': key,
        'webhook-timestamp': timestamp,
        'webhook-signature': sign(secret, { id: key, timestamp, body }),
      };
      return post({ url, headers, body }, { reach, deadlineMs, signal, nowMs, secrets: [] });
    },
  };
}

/** `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64. */
export function sign(
  secret: Uint8Array,
  { id, timestamp, body }: { id: string; timestamp: string; body: string },
): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

function webhookBody(notice: Notice): object {
  return {
    type: `alerts.${notice.status.toLowerCase()}`,
    timestamp: formatMoment(notice.atMs),
    data: {
      version: VERSION,
      fleet: notice.fleet,
      receiver: notice.receiver,
      groupKey: notice.groupKey,
      groupLabels: notice.groupLabels,
      firingCount: notice.firingCount,
      resolvedCount: notice.resolvedCount,
      quietCount: notice.quietCount,
      omittedCount: omittedCount(notice),
      alerts: notice.alerts.map(alertBody),
    },
  };
}

function alertBody(alert: NotifiableAlert): object {
  const moment = (atMs: number | null) => (atMs === null ? null : formatMoment(atMs));
  return {
    id: alert.id,
    rule: alert.rule,
    condition: alert.condition,
    severity: alert.severity,
    state: alert.state,
    labels: labelsOf(alert),
    summary: alert.summary,
    value: alert.value,
    threshold: alert.threshold,
    firedAt: moment(alert.firedAtMs),
    resolvedAt: moment(alert.resolvedAtMs),
    acknowledgedAt: moment(alert.acknowledgedAtMs),
    decisionIds: alert.decisionIds,
    victims: alert.victims,
  };
}
