import { createHash } from 'node:crypto';
import { compareText } from '../../order.js';
import type { Match, RouteSetting } from '../../settings/notification/settings.js';
import { matchesPattern } from '../../settings/pattern.js';
import { labelsOf, labelValue, type NotifiableAlert } from '../alert.js';
import { isWatchdog } from '../watchdog.js';

type Labels = Readonly<Record<string, string>>;

/** Whether every pattern holds. */
export function matches(match: Match, labels: Labels): boolean {
  return Object.entries(match).every(([label, pattern]) => matchesPattern(pattern, labelValue(labels, label)));
}

/** Where an alert is told of, and with which others. */
export interface Destination {
  receiver: string;
  /** Names the group within the receiver: the same for alerts that agree in fleet and labels, whatever else the route says. */
  groupKey: string;
  groupLabels: Labels;
  route: RouteSetting;
}

/**
 * The destinations of an alert: those of the first route that matches, and of those after it as long as routes continue.
 * Each receiver is told by the first route that leads to it, so that it hears of an alert once.
 */
export function routeAlert(alert: NotifiableAlert, routes: readonly RouteSetting[]): readonly Destination[] {
  const labels = labelsOf(alert);
  const destinations = new Map<string, Destination>();
  for (const route of routes) {
    if (!matches(route.match, labels) || (isWatchdog(alert) && route.match.alertname === undefined)) continue;
    const groupLabels = Object.fromEntries(route.groupBy.map((name) => [name, labelValue(labels, name)]));
    const groupKey = groupKeyOf(alert.fleet, groupLabels);
    for (const receiver of route.receivers) {
      if (!destinations.has(receiver)) destinations.set(receiver, { receiver, groupKey, groupLabels, route });
    }
    if (!route.isContinued) break;
  }
  return [...destinations.values()];
}

/** SHA-256 in hex: labels can be longer than what an index or a channel's key holds. */
function groupKeyOf(fleet: string, labels: Labels): string {
  const sorted = Object.entries(labels).sort(([left], [right]) => compareText(left, right));
  return createHash('sha256')
    .update(JSON.stringify([fleet, sorted]))
    .digest('hex');
}
