import type { InhibitionSetting, MaintenanceSetting, Match } from '../../settings/notification/settings.js';
import { DAY_MS, floorTo, MINUTE_MS } from '../../time.js';
import { alertKey, labelsOf, labelValue, type NotifiableAlert } from '../alert.js';
import { isWatchdog } from '../watchdog.js';
import { matches } from './route.js';

/** While it lasts, nobody is told of the fleet's alerts that it matches. */
export interface SilenceSpan {
  fleet: string;
  matchers: Match;
  startsAtMs: number;
  /** The first moment at which it does not hold any more. */
  endsAtMs: number;
}

export interface Mutes {
  silences: readonly SilenceSpan[];
  maintenance: readonly MaintenanceSetting[];
  inhibit: readonly InhibitionSetting[];
}

export interface Muted {
  /** Keys of the alerts that nobody is told of now. */
  keys: ReadonlySet<string>;
  /** When the first of the silences and windows that hold now ends; null when none holds. */
  untilMs: number | null;
}

/** Which of the alerts are muted at the moment: by another alert, by maintenance, or by a silence. The watchdog never is. */
export function findMuted(alerts: readonly NotifiableAlert[], mutes: Mutes, nowMs: number): Muted {
  const silences = mutes.silences.filter(({ startsAtMs, endsAtMs }) => startsAtMs <= nowMs && nowMs < endsAtMs);
  const windows = mutes.maintenance.flatMap((window) => {
    const untilMs = windowEnd(window.period, nowMs);
    return untilMs === null ? [] : [{ match: window.match, untilMs }];
  });
  const isInhibited = inhibitionBy(
    alerts.filter(({ state }) => state === 'FIRING'),
    mutes.inhibit,
  );
  const keys = new Set<string>();
  for (const alert of alerts) {
    if (isWatchdog(alert)) continue;
    const labels = labelsOf(alert);
    const isMuted =
      isInhibited(alert, labels) ||
      windows.some(({ match }) => matches(match, labels)) ||
      silences.some(({ fleet, matchers }) => fleet === alert.fleet && matches(matchers, labels));
    if (isMuted) keys.add(alertKey(alert));
  }
  const ends = [...windows.map(({ untilMs }) => untilMs), ...silences.map(({ endsAtMs }) => endsAtMs)];
  return { keys, untilMs: ends.length === 0 ? null : Math.min(...ends) };
}

/** When the window that holds at the moment ends; null when it does not hold. */
function windowEnd(period: MaintenanceSetting['period'], nowMs: number): number | null {
  if (period.kind === 'once') return period.fromMs <= nowMs && nowMs < period.untilMs ? period.untilMs : null;
  const { fromMinute, untilMinute } = period;
  const lengthMs = ((untilMinute - fromMinute) * MINUTE_MS + DAY_MS) % DAY_MS;
  const startMs = floorTo(nowMs - fromMinute * MINUTE_MS, DAY_MS) + fromMinute * MINUTE_MS;
  return nowMs < startMs + lengthMs ? startMs + lengthMs : null;
}

type Labels = Readonly<Record<string, string>>;
type IsInhibited = (alert: NotifiableAlert, labels: Labels) => boolean;

const CASCADE = 'CASCADE_FAILURE';

/** As Alertmanager does it, and besides a cascade mutes the alerts of the agents it pulls down. */
function inhibitionBy(firing: readonly NotifiableAlert[], rules: readonly InhibitionSetting[]): IsInhibited {
  const victims = new Set(
    firing
      .filter(({ labels }) => labels.kind === CASCADE)
      .flatMap(({ fleet, victims: agents }) => agents.map((agent) => JSON.stringify([fleet, agent]))),
  );
  const byRule = rules.map((rule) => inhibitionOf(firing, rule));
  return (alert, labels) =>
    (labels.kind !== CASCADE && victims.has(JSON.stringify([alert.fleet, labelValue(labels, 'agent')]))) ||
    byRule.some((isInhibited) => isInhibited(alert, labels));
}

/** An alert that is on both sides of a rule is not muted by others of its kind, nor by itself. */
function inhibitionOf(firing: readonly NotifiableAlert[], { source, target, equal }: InhibitionSetting): IsInhibited {
  const kinOf = (fleet: string, labels: Labels) =>
    JSON.stringify([fleet, ...equal.map((name) => labelValue(labels, name))]);
  const sources = firing
    .map((alert) => ({ fleet: alert.fleet, labels: labelsOf(alert) }))
    .filter(({ labels }) => matches(source, labels));
  const all = new Set(sources.map(({ fleet, labels }) => kinOf(fleet, labels)));
  const oneSided = new Set(
    sources.filter(({ labels }) => !matches(target, labels)).map(({ fleet, labels }) => kinOf(fleet, labels)),
  );
  return ({ fleet }, labels) =>
    matches(target, labels) && (matches(source, labels) ? oneSided : all).has(kinOf(fleet, labels));
}
