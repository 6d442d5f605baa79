import { labelsOf, labelValue } from '../alert.js';
import { cut, type Notice, severityOf } from '../plan/notice.js';
import type { Channel } from './channel.js';
import { post } from './post.js';
import { countsOf, detailsOf, formatMoment, headlineOf, plainText, titleOf } from './wording.js';

export interface PagerdutyOptions {
  /** Of the events service, without a path. */
  url: string;
  routingKey: string;
  deadlineMs: number;
}

/** PagerDuty's own bounds (developer.pagerduty.com/docs/send-alert-event). */
const SUMMARY_MAX = 1_024;

const ACTIONS = { FIRING: 'trigger', ACKNOWLEDGED: 'acknowledge', RESOLVED: 'resolve' } as const;

/** Events API v2: one incident a group, by its key, triggered, acknowledged and resolved. */
export function createPagerduty({ url, routingKey, deadlineMs }: PagerdutyOptions): Channel {
  const target = new URL('/v2/enqueue', url).href;
  return {
    traits: { alertsMax: 20, resendEveryMs: null, tellsAcknowledgement: true },
    send: (notice, { nowMs, signal }) => {
      const body = JSON.stringify({ routing_key: routingKey, ...eventOf(notice) });
      const request = { url: target, headers: { 'content-type': 'application/json' }, body };
      return post(request, { reach: 'private', deadlineMs, signal, nowMs, secrets: [routingKey] });
    },
  };
}

function eventOf(notice: Notice): object {
  const event = { event_action: ACTIONS[notice.status], dedup_key: `midwatch-${notice.groupKey}` };
  if (notice.status !== 'FIRING') return event;
  const [first] = notice.alerts;
  const labels = first === undefined ? {} : labelsOf(first);
  return {
    ...event,
    client: 'Midwatch',
    payload: {
      summary: cut(`${headlineOf(notice)}: ${first === undefined ? '' : plainText(first.summary)}`, SUMMARY_MAX),
      source: cut(plainText(labelValue(labels, 'agent')), SUMMARY_MAX) || notice.fleet,
      severity: severityOf(notice).toLowerCase(),
      timestamp: formatMoment(first?.firedAtMs ?? notice.atMs),
      group: notice.fleet,
      class: cut(plainText(labelValue(labels, 'alertname')), SUMMARY_MAX),
      custom_details: {
        counts: countsOf(notice),
        alerts: notice.alerts.map((alert) => `${titleOf(alert)} (${detailsOf(alert)})`),
      },
    },
  };
}
