import { HOUR_MS, MINUTE_MS } from '../../time.js';

/** Who is told of alerts, and when nobody is: `notifications` of midwatch.yaml. */
export interface NotificationSettings {
  receivers: readonly ReceiverSetting[];
  /** The first that matches an alert says who is told; one with `isContinued` lets those after it say so too. */
  routes: readonly RouteSetting[];
  maintenance: readonly MaintenanceSetting[];
  inhibit: readonly InhibitionSetting[];
  heartbeat: HeartbeatSetting | null;
}

/** Patterns by label, all of which must hold; a label that an alert does not have is as an empty one. None: every alert. */
export type Match = Readonly<Record<string, string>>;

/** A channel with what it needs. Whatever opens it is in the environment: only the variable's name stands here. */
export type ChannelSetting =
  | { kind: 'webhook'; url: string; secretVariable: string; isPrivateAllowed: boolean }
  | { kind: 'slack'; urlVariable: string; isPrivateAllowed: boolean }
  | { kind: 'pagerduty'; routingKeyVariable: string; url: string }
  | { kind: 'email'; smtpVariable: string; from: string; to: readonly string[] }
  | { kind: 'alertmanager'; url: string };

export interface ReceiverSetting {
  /** Unique in the file. */
  name: string;
  channel: ChannelSetting;
}

/** Alerts that agree in the labels of `groupBy` are told together; fleets are never mixed. */
export interface RouteSetting {
  match: Match;
  receivers: readonly string[];
  groupBy: readonly string[];
  /** How long the first alert of a group waits for others. */
  groupWaitMs: number;
  /** The least time between two notifications of one group. */
  groupIntervalMs: number;
  /** After which a group that still fires is told of again. */
  repeatIntervalMs: number;
  isContinued: boolean;
}

/** While it lasts, nobody is told of what it matches. */
export interface MaintenanceSetting {
  match: Match;
  /** Milliseconds since the epoch, or minutes of each day in UTC; a day's end before its start lies in the next day. */
  period:
    | { kind: 'once'; fromMs: number; untilMs: number }
    | { kind: 'daily'; fromMinute: number; untilMinute: number };
  reason: string | null;
}

/** While an alert that `source` matches fires, those that `target` matches and that agree with it in `equal` are not told of. */
export interface InhibitionSetting {
  source: Match;
  target: Match;
  equal: readonly string[];
}

export interface HeartbeatSetting {
  url: string;
  everyMs: number;
}

export const DEFAULT_ROUTE: Omit<RouteSetting, 'match' | 'receivers'> = {
  groupBy: ['alertname', 'agent'],
  groupWaitMs: 10_000,
  groupIntervalMs: MINUTE_MS,
  repeatIntervalMs: 4 * HOUR_MS,
  isContinued: false,
};

/** Nobody is told. */
export const NO_NOTIFICATIONS: NotificationSettings = {
  receivers: [],
  routes: [],
  maintenance: [],
  inhibit: [],
  heartbeat: null,
};
