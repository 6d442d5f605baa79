import type { NotifiableAlert } from './alert.js';

const ID = 'watchdog';
const ALERT_NAME = 'Watchdog';
const FLEET = 'default';

/**
 * The alert that always fires while alerts are evaluated, so that whoever gets it can notice its absence. Only routes that
 * name it get it.
 */
export function createWatchdog(firedAtMs: number): NotifiableAlert {
  return {
    id: ID,
    fleet: FLEET,
    rule: ALERT_NAME,
    condition: '',
    severity: 'INFO',
    state: 'FIRING',
    labels: { alertname: ALERT_NAME },
    summary: 'Alerts are evaluated and this channel is open. When this stops coming, one of both is not so.',
    value: null,
    threshold: null,
    firedAtMs,
    resolvedAtMs: null,
    acknowledgedAtMs: null,
    decisionIds: [],
    victims: [],
  };
}

export function isWatchdog({ id }: Pick<NotifiableAlert, 'id'>): boolean {
  return id === ID;
}
