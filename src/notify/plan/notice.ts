import { SEVERITIES, type Severity } from '../../settings/settings.js';
import type { NotifiableAlert } from '../alert.js';

/** What one receiver is told of one group of alerts at one moment; the same however often it is sent. */
export interface Notice {
  readonly fleet: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** RESOLVED: none of the group fires any more. ACKNOWLEDGED: somebody has seen to all that fire. */
  readonly status: 'FIRING' | 'ACKNOWLEDGED' | 'RESOLVED';
  /** Milliseconds since the epoch when it was decided on. */
  readonly atMs: number;
  /** Those that fire, the most severe first, then those that resolved since the last notice; cut where there are many. */
  readonly alerts: readonly NotifiableAlert[];
  /** How many there are of each, whether or not they are in the list. */
  readonly firingCount: number;
  readonly resolvedCount: number;
  /** Told of before and still firing, but not told again: muted now, or acknowledged. */
  readonly quietCount: number;
}

/** How many alerts the list leaves out. */
export function omittedCount({ alerts, firingCount, resolvedCount }: Notice): number {
  return firingCount + resolvedCount - alerts.length;
}

/** The most severe of what the notice lists. */
export function severityOf({ alerts }: Notice): Severity {
  const ranks = alerts.map(({ severity }) => SEVERITIES.indexOf(severity));
  return SEVERITIES[Math.max(0, ...ranks)] ?? 'INFO';
}

const SUMMARY_MAX = 500;
const LABEL_MAX = 200;
const LABELS_MAX = 24;
const LISTED_MAX = 20;

/** The alert with its texts and lists cut, so that a notice has a size that channels take, and stored as the database can. */
export function boundAlert(alert: NotifiableAlert): NotifiableAlert {
  return {
    ...alert,
    labels: boundLabels(alert.labels),
    condition: bound(alert.condition, SUMMARY_MAX),
    summary: bound(alert.summary, SUMMARY_MAX),
    decisionIds: alert.decisionIds.slice(0, LISTED_MAX),
    victims: alert.victims.slice(0, LISTED_MAX).map((agent) => bound(agent, LABEL_MAX)),
  };
}

export function boundLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const first = Object.entries(labels).slice(0, LABELS_MAX);
  return Object.fromEntries(first.map(([name, value]) => [bound(name, LABEL_MAX), bound(value, LABEL_MAX)]));
}

/** JSON in PostgreSQL holds neither NUL nor half of a surrogate pair. */
function bound(text: string, charactersMax: number): string {
  return cut(text, charactersMax).toWellFormed().replaceAll('\0', '\uFFFD');
}

/** At most so many UTF-16 units, with a mark where something was cut; never within a surrogate pair. */
export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const kept = text.slice(0, charactersMax - 1);
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
