import { labelsOf, labelValue, type NotifiableAlert } from '../alert.js';
import { type Notice, omittedCount } from '../plan/notice.js';

/** Control characters, line breaks, and invisible ones that turn text around: names of agents may hold any of them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** The text on one line, without what a reader could not see. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(INVISIBLE, ' ');
}

/** `FIRING: alertname HighErrorRate, agent billing (fleet default)`. */
export function headlineOf({ status, groupLabels, fleet }: Notice): string {
  const { alertname = '', ...others } = groupLabels;
  const named = Object.entries({ alertname, ...others }).filter(([, value]) => value !== '');
  const group = named.map(([name, value]) => `${plainText(name)} ${plainText(value)}`).join(', ') || 'all alerts';
  return `${status}: ${group} (fleet ${fleet})`;
}

/** `3 firing, 1 resolved, 2 more muted or acknowledged; 980 of them are not listed`. */
export function countsOf(notice: Notice): string {
  const { firingCount, resolvedCount, quietCount } = notice;
  const parts = [
    firingCount > 0 ? `${firingCount} firing` : '',
    resolvedCount > 0 ? `${resolvedCount} resolved` : '',
    quietCount > 0 ? `${quietCount} more muted or acknowledged` : '',
  ];
  const omitted = omittedCount(notice);
  const rest = omitted > 0 ? `; ${omitted} of them are not listed` : '';
  return parts.filter((part) => part !== '').join(', ') + rest;
}

/** `CRITICAL HighErrorRate: error_rate of billing is 12%, above 5%`; a summary that begins with the name is not told it twice. */
export function titleOf(alert: NotifiableAlert): string {
  const word = alert.state === 'RESOLVED' ? 'RESOLVED' : alert.severity;
  const name = plainText(labelValue(labelsOf(alert), 'alertname'));
  const summary = plainText(alert.summary);
  return summary.startsWith(name) ? `${word} ${summary}` : `${word} ${name}: ${summary}`;
}

/** Their ids are long, and those named first are the worst. */
const DECISIONS_NAMED_MAX = 3;

/** `since 2026-11-28T10:00:00.000Z, acknowledged; condition error_rate > 5%; decisions d1, d2; pulls down kyc`. */
export function detailsOf(alert: NotifiableAlert): string {
  const { condition, summary, decisionIds, victims } = alert;
  const parts = [
    `since ${formatMoment(alert.firedAtMs)}${endOf(alert)}${alert.acknowledgedAtMs === null ? '' : ', acknowledged'}`,
    summary.includes(condition) ? '' : `condition ${plainText(condition)}`,
    decisionIds.length === 0 ? '' : `decisions ${nameDecisions(decisionIds)}`,
    victims.length === 0 ? '' : `pulls down ${victims.map(plainText).join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function nameDecisions(ids: readonly string[]): string {
  const named = ids.slice(0, DECISIONS_NAMED_MAX).map(plainText).join(', ');
  const more = ids.length - DECISIONS_NAMED_MAX;
  return more > 0 ? `${named} and ${more} more` : named;
}

function endOf({ state, resolvedAtMs }: NotifiableAlert): string {
  return state === 'RESOLVED' && resolvedAtMs !== null ? ` until ${formatMoment(resolvedAtMs)}` : '';
}

/** RFC 3339 in UTC with milliseconds. */
export function formatMoment(atMs: number): string {
  return new Date(atMs).toISOString();
}
