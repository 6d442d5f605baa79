import { compareText } from '../../order.js';
import type { RouteSetting } from '../../settings/notification/settings.js';
import { SEVERITIES } from '../../settings/settings.js';
import { alertKey, type NotifiableAlert } from '../alert.js';
import { isWatchdog } from '../watchdog.js';
import { findMuted, type Mutes } from './mute.js';
import { boundAlert, boundLabels, type Notice } from './notice.js';
import { type Destination, routeAlert } from './route.js';

/** What a channel needs to be told that others need not. */
export interface ChannelTraits {
  /** Alerts that one notice lists at most. */
  alertsMax: number;
  /** Where alerts must be sent again and again or count as resolved; such a channel groups by itself and is told at once. */
  resendEveryMs: number | null;
  /** Whether it wants to hear that all that fires was acknowledged. */
  tellsAcknowledgement: boolean;
}

/** The newest notice of a receiver and group, as the log of notifications has it. */
export interface Told {
  id: number;
  notice: Notice;
  /** Ids of the alerts that it leaves told and not yet told to be over. */
  firing: readonly string[];
  /** Whether it is still to be delivered. */
  isOpen: boolean;
  /** When it was sent, or given up. */
  atMs: number;
}

export interface PlannedNotice {
  notice: Notice;
  firing: readonly string[];
  /** Ids of all alerts that it tells of, listed or not. */
  alerts: readonly string[];
  /** The notice before it, which must still be the newest; null for the first of a group. */
  afterId: number | null;
  /** Whether it takes the place of the one before it in the log: a channel that is told every minute would fill it. */
  isRestated: boolean;
}

export interface PlanInput {
  /** All that fire, and those that resolved lately. */
  alerts: readonly NotifiableAlert[];
  routes: readonly RouteSetting[];
  /** The receivers that can be told, by name. */
  receivers: ReadonlyMap<string, ChannelTraits>;
  mutes: Mutes;
  /** Of every group in which something is told and not over, or which is still to be delivered. */
  told: readonly Told[];
  nowMs: number;
}

export interface Plan {
  notices: readonly PlannedNotice[];
  /** When something falls due if nothing changes until then; null: nothing will. */
  nextAtMs: number | null;
}

/**
 * What to tell whom now, as Alertmanager decides it: inhibit, mute, silence, group, wait, then compare with what was told.
 * Every incident is told once to each receiver, told to be over once if it was told before, and repeated after the route's
 * interval unless it was acknowledged. What was told is told to be over even while it is muted. Pure: the same input gives
 * the same plan.
 */
export function planNotices(input: PlanInput): Plan {
  const { alerts, nowMs } = input;
  const muted = findMuted(alerts, input.mutes, nowMs);
  const byKey = new Map(alerts.map((alert) => [alertKey(alert), alert]));
  const notices: PlannedNotice[] = [];
  const dues = muted.untilMs === null ? [] : [muted.untilMs];
  for (const group of formGroups(input)) {
    if (group.told?.isOpen) continue;
    const change = changeOf(group, { byKey, muted: muted.keys });
    const dueMs = dueAtMs(group, change);
    if (dueMs === null) continue;
    if (dueMs > nowMs) dues.push(dueMs);
    else notices.push(compose(group, change, nowMs));
  }
  return { notices, nextAtMs: dues.length === 0 ? null : Math.min(...dues) };
}

/** The alerts that one receiver is told of together. */
interface Group {
  destination: Pick<Destination, 'receiver' | 'groupKey' | 'groupLabels'>;
  fleet: string;
  traits: ChannelTraits;
  /** Null for a group that no route leads to any more: what was told is only told to be over. */
  route: RouteSetting | null;
  members: NotifiableAlert[];
  told: Told | null;
}

function formGroups({ alerts, routes, receivers, told }: PlanInput): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const each of told) {
    const { receiver, groupKey, fleet, groupLabels } = each.notice;
    const traits = receivers.get(receiver);
    if (traits === undefined) continue;
    const destination = { receiver, groupKey, groupLabels };
    groups.set(`${receiver}/${groupKey}`, { destination, fleet, traits, route: null, members: [], told: each });
  }
  for (const alert of alerts) {
    for (const { route, ...destination } of routeAlert(alert, routes)) {
      const traits = receivers.get(destination.receiver);
      if (traits === undefined) continue;
      const key = `${destination.receiver}/${destination.groupKey}`;
      const group = groups.get(key) ?? { destination, fleet: alert.fleet, traits, route, members: [], told: null };
      group.route ??= route;
      group.members.push(alert);
      groups.set(key, group);
    }
  }
  return groups.values();
}

interface Change {
  /** What fires and is not muted. */
  audible: readonly NotifiableAlert[];
  /** Those of them that were not told of. */
  news: readonly NotifiableAlert[];
  /** Told of, and over. */
  ended: readonly NotifiableAlert[];
  /** Ids of what was told of and is over, whether or not more is known of it. */
  endedIds: readonly string[];
  /** Ids of what was told of and still fires. */
  standing: readonly string[];
}

function changeOf(
  { fleet, members, told }: Group,
  { byKey, muted }: { byKey: ReadonlyMap<string, NotifiableAlert>; muted: ReadonlySet<string> },
): Change {
  const before = new Set(told?.firing);
  const audible = members.filter((alert) => alert.state === 'FIRING' && !muted.has(alertKey(alert)));
  const remembered = new Map(told?.notice.alerts.map((alert) => [alert.id, alert]));
  const ended: NotifiableAlert[] = [];
  const endedIds: string[] = [];
  const standing: string[] = [];
  for (const id of before) {
    const current = byKey.get(alertKey({ fleet, id }));
    const known = current ?? remembered.get(id);
    // A watchdog that is missing is the message itself.
    if (current?.state === 'FIRING' || (known !== undefined && isWatchdog(known))) standing.push(id);
    else {
      endedIds.push(id);
      if (known !== undefined) ended.push(known.state === 'RESOLVED' ? known : { ...known, state: 'RESOLVED' });
    }
  }
  return { audible, news: audible.filter((alert) => !before.has(alert.id)), ended, endedIds, standing };
}

/** When the group is told of again; null when nothing is to be told. */
function dueAtMs({ told, route, traits }: Group, { audible, news, endedIds }: Change): number | null {
  const isHasty = traits.resendEveryMs !== null;
  const hasStanding = told !== null && told.firing.length > 0;
  if (news.length > 0 && !hasStanding) {
    const firstMs = Math.min(...news.map(({ firedAtMs }) => firedAtMs));
    return isHasty ? firstMs : firstMs + (route?.groupWaitMs ?? 0);
  }
  if (news.length > 0 || endedIds.length > 0) {
    return (told?.atMs ?? 0) + (isHasty ? 0 : (route?.groupIntervalMs ?? 0));
  }
  if (told === null || route === null || audible.length === 0) return null;
  if (isHasty) return told.atMs + (traits.resendEveryMs ?? 0);
  if (audible.some(({ acknowledgedAtMs }) => acknowledgedAtMs === null)) return told.atMs + route.repeatIntervalMs;
  return traits.tellsAcknowledgement && told.notice.status !== 'ACKNOWLEDGED' ? told.atMs : null;
}

function compose({ destination, fleet, traits, told }: Group, change: Change, nowMs: number): PlannedNotice {
  const { audible, news, ended, endedIds, standing } = change;
  const isRepeat = news.length === 0 && endedIds.length === 0 && traits.resendEveryMs === null;
  const open = audible.filter(({ acknowledgedAtMs }) => acknowledgedAtMs === null);
  const shown = isRepeat && open.length > 0 ? open : audible;
  const shownIds = new Set(shown.map(({ id }) => id));
  const firing = [...standing, ...news.map(({ id }) => id)];
  const isSeenTo = audible.length > 0 && open.length === 0;
  const listed = [...shown.toSorted(byUrgency), ...ended.toSorted(byUrgency)].slice(0, traits.alertsMax);
  const notice: Notice = {
    fleet,
    ...destination,
    groupLabels: boundLabels(destination.groupLabels),
    status: firing.length === 0 ? 'RESOLVED' : isSeenTo ? 'ACKNOWLEDGED' : 'FIRING',
    atMs: nowMs,
    alerts: listed.map(boundAlert),
    firingCount: shown.length,
    resolvedCount: endedIds.length,
    quietCount: standing.filter((id) => !shownIds.has(id)).length,
  };
  return {
    notice,
    firing,
    alerts: [...shownIds, ...endedIds],
    afterId: told?.id ?? null,
    isRestated: told !== null && traits.resendEveryMs !== null,
  };
}

function byUrgency(left: NotifiableAlert, right: NotifiableAlert): number {
  return (
    SEVERITIES.indexOf(right.severity) - SEVERITIES.indexOf(left.severity) ||
    left.firedAtMs - right.firedAtMs ||
    compareText(left.id, right.id)
  );
}
