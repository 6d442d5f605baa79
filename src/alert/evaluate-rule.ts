import { DAY_MS } from '../time.js';
import type { Figures } from './condition/evaluate.js';
import { type AlertRule, type Observation, observe } from './rule.js';
import { type AlertState, advance, type Change, isForgettable } from './state.js';

/** A group as the figures have it at one evaluation. */
export interface Group {
  /** The value of each of the condition's dimensions, in their order; '' where it is not known; none for the fleet. */
  readonly labels: readonly string[];
  /** Figures over the rule's window back from the evaluation, in the units of `Figures`. */
  readonly figureOf: Figures['figureOf'];
}

export interface Evaluation {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Each group at most once. For conditions `by fleet`, one without labels. */
  readonly groups: Iterable<Group>;
}

/** A group with its state under a rule. */
export interface Alert {
  readonly labels: readonly string[];
  /** The last evaluation that had the group. */
  readonly seenAtMs: number;
  readonly state: AlertState;
}

export interface AlertChange extends Alert {
  readonly change: Change;
}

/** Alerts by `groupKey`, those alone of which something must be remembered. */
export type Alerts = ReadonlyMap<string, Alert>;

export interface Evaluated {
  readonly alerts: Alerts;
  readonly changes: readonly AlertChange[];
}

/** A group that no evaluation has had for so long is no longer there; until then it has no data. */
export const GONE_AFTER_MS = DAY_MS;

/** The same for the same labels, and for no others. */
export function groupKey(labels: readonly string[]): string {
  return JSON.stringify(labels);
}

/** One evaluation of one rule: where each group stands after it, and what changed. Takes time in proportion to the groups. */
export function evaluateRule(rule: AlertRule, before: Alerts, { atMs, groups }: Evaluation): Evaluated {
  const alerts = new Map<string, Alert>();
  const changes: AlertChange[] = [];
  const seen = new Set<string>();
  const take = (key: string, { labels, seenAtMs }: Omit<Alert, 'state'>, observation: Observation | null) => {
    const { state, change } = advance(rule, before.get(key)?.state ?? null, observation, atMs);
    const alert = { labels, seenAtMs, state };
    if (change !== null) changes.push({ ...alert, change });
    // Only who was there before can be missed.
    const isMissed = rule.noData === 'FIRE' && observation !== null;
    if (isMissed || !isForgettable(rule, state)) alerts.set(key, alert);
  };
  for (const { labels, figureOf } of groups) {
    const key = groupKey(labels);
    seen.add(key);
    take(key, { labels, seenAtMs: atMs }, observe(rule, figureOf));
  }
  for (const [key, alert] of before) {
    if (seen.has(key)) continue;
    const isGone = alert.labels.length > 0 && atMs - alert.seenAtMs > GONE_AFTER_MS;
    take(key, alert, isGone ? null : observe(rule, () => null));
  }
  return { alerts, changes };
}
