import { MINUTE_MS } from '../../time.js';
import { labelsOf, type NotifiableAlert } from '../alert.js';
import type { Notice } from '../plan/notice.js';
import type { Channel } from './channel.js';
import { post } from './post.js';
import { formatMoment } from './wording.js';

export interface AlertmanagerOptions {
  /** What `/api/v2/alerts` is put behind. */
  url: string;
  deadlineMs: number;
}

const RESEND_EVERY_MS = MINUTE_MS;
/** An alert that is not sent again for this long is over, for Alertmanager; Prometheus gives it four rounds, too. */
const RUNS_OUT_AFTER_MS = 4 * RESEND_EVERY_MS;

/** Alertmanager's API v2: alerts by their labels, sent again while they fire. It groups, silences and repeats by itself. */
export function createAlertmanager({ url, deadlineMs }: AlertmanagerOptions): Channel {
  const target = `${url.replace(/\/+$/, '')}/api/v2/alerts`;
  return {
    traits: { alertsMax: 5_000, resendEveryMs: RESEND_EVERY_MS, tellsAcknowledgement: false },
    send: (notice, { nowMs, signal }) => {
      const body = JSON.stringify(notice.alerts.map((alert) => postableAlert(alert, notice, nowMs)));
      const request = { url: target, headers: { 'content-type': 'application/json' }, body };
      return post(request, { reach: 'private', deadlineMs, signal, nowMs, secrets: [] });
    },
  };
}

function postableAlert(alert: NotifiableAlert, notice: Notice, nowMs: number): object {
  const endsAtMs = alert.state === 'FIRING' ? nowMs + RUNS_OUT_AFTER_MS : (alert.resolvedAtMs ?? notice.atMs);
  const figures = { value: alert.value, threshold: alert.threshold };
  const known = Object.entries(figures).flatMap(([name, figure]) => (figure === null ? [] : [[name, String(figure)]]));
  return {
    labels: prometheusLabels(labelsOf(alert)),
    annotations: {
      summary: alert.summary.toWellFormed(),
      ...Object.fromEntries(known),
      ...(alert.decisionIds.length === 0 ? {} : { decisions: alert.decisionIds.join(', ') }),
      ...(alert.victims.length === 0 ? {} : { victims: alert.victims.join(', ').toWellFormed() }),
    },
    startsAt: formatMoment(alert.firedAtMs),
    endsAt: formatMoment(endsAtMs),
  };
}

/** Names as Prometheus takes them, `[a-zA-Z_][a-zA-Z0-9_]*`; it drops labels without a value, too. */
function prometheusLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const renamed = Object.entries(labels).map(([name, value]) => {
    const fit = name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
    return [/^\d/.test(fit) ? `_${fit}` : fit, value.toWellFormed()] as const;
  });
  return Object.fromEntries(renamed.filter(([name, value]) => name !== '' && value !== ''));
}
