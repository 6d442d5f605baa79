import type { NotifiableAlert } from '../../src/notify/alert.js';
import type { RouteSetting } from '../../src/settings/notification/settings.js';

export const NOW = Date.parse('2026-11-28T10:00:00.000Z');
export const MINUTE_MS = 60_000;

/** An alert of the agent `billing` that fires since now. */
export function alertOf(over: Partial<NotifiableAlert> = {}): NotifiableAlert {
  return {
    id: 'a1',
    fleet: 'default',
    rule: 'HighErrorRate',
    condition: 'error_rate > 5%',
    severity: 'CRITICAL',
    state: 'FIRING',
    labels: { agent: 'billing' },
    summary: 'error_rate of billing is 12%, above 5%',
    value: 0.12,
    threshold: 0.05,
    firedAtMs: NOW,
    resolvedAtMs: null,
    acknowledgedAtMs: null,
    decisionIds: ['d1'],
    victims: [],
    ...over,
  };
}

export function resolved(alert: NotifiableAlert, atMs: number): NotifiableAlert {
  return { ...alert, state: 'RESOLVED', resolvedAtMs: atMs };
}

/** A route of every alert to `ops`, with the defaults of the file. */
export function routeOf(over: Partial<RouteSetting> = {}): RouteSetting {
  return {
    match: {},
    receivers: ['ops'],
    groupBy: ['alertname', 'agent'],
    groupWaitMs: 10_000,
    groupIntervalMs: MINUTE_MS,
    repeatIntervalMs: 240 * MINUTE_MS,
    isContinued: false,
    ...over,
  };
}
