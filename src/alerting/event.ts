import { nameLabel } from '../alert/condition/label.js';
import type { AlertChange } from '../alert/evaluate-rule.js';
import { renderMessage } from '../alert/message.js';
import { type AlertRule, measuresOfRule } from '../alert/rule.js';
import { ANOMALY_KINDS, type AnomalyKind } from '../anomaly/finding.js';
import type { AlertPhase, AlertRow } from './alert.js';
import type { Culprits } from './culprits.js';
import type { AlertEvent } from './record.js';

const NOTHING_DECIDED = { value: null, threshold: null, unit: { of: 'number', per: null } } as const;

/**
 * What a change of a group's state is for its alert; null where it is nothing: a flapping incident that is pending again.
 * `known` is the alert of the group's incident, if it has one.
 */
export function eventOf(
  rule: AlertRule,
  { labels: group, state, change }: AlertChange,
  { known, culprits }: { known: AlertRow | null; culprits: Culprits | null },
): AlertEvent | null {
  const isSame = known !== null && isOpen(known, change, state.reopened);
  const alert = isSame ? known : newAlert(rule, group, state.activeAtMs ?? state.evaluatedAtMs);
  const atMs = state.evaluatedAtMs;
  const decided = state.decided ?? NOTHING_DECIDED;
  const said = {
    summary: renderMessage(rule, group, decided),
    value: decided.value,
    threshold: decided.threshold,
    severity: rule.severity,
  };
  if (change === 'PENDING')
    return isWithinFlap(rule, state) ? null : event('PENDING', alert, { state: 'PENDING', ...said });
  if (change === 'WITHDRAWN') return isSame ? event('WITHDRAWN', alert, { state: 'INACTIVE' }) : null;
  if (change === 'RESOLVED')
    return isSame ? event('RESOLVED', alert, { state: 'RESOLVED', resolvedAt: new Date(atMs) }) : null;
  return event('FIRING', alert, {
    state: 'FIRING',
    ...said,
    firedAt: alert.firedAt ?? new Date(atMs),
    resolvedAt: null,
    reopened: state.reopened,
    ...culprits,
  });

  function event(kind: AlertEvent['change'], before: AlertEvent['alert'], after: Partial<AlertRow>): AlertEvent {
    return { change: kind, atMs, actor: null, comment: null, alert: { ...before, ...after, seq: before.seq } };
  }
}

/** The end of an alert whose rule is gone, or is about something else now; null where it had ended. */
export function endOf(alert: AlertRow | undefined, atMs: number): AlertEvent | null {
  const event = { atMs, actor: null, comment: 'the rule was removed or changed' };
  if (alert?.state === 'PENDING') return { ...event, change: 'WITHDRAWN', alert: { ...alert, state: 'INACTIVE' } };
  if (alert?.state !== 'FIRING') return null;
  return { ...event, change: 'RESOLVED', alert: { ...alert, state: 'RESOLVED', resolvedAt: new Date(atMs) } };
}

/** Whether the change is one of the known alert, or begins another. */
function isOpen({ state }: AlertRow, change: AlertChange['change'], reopened: number): boolean {
  const before: Readonly<Record<AlertChange['change'], readonly AlertPhase[]>> = {
    PENDING: [],
    WITHDRAWN: ['PENDING'],
    FIRING: reopened > 0 ? ['PENDING', 'RESOLVED'] : ['PENDING'],
    RESOLVED: ['FIRING'],
  };
  return before[change].includes(state);
}

function isWithinFlap({ flapHoldMs }: AlertRule, { resolvedAtMs, evaluatedAtMs }: AlertChange['state']): boolean {
  return resolvedAtMs !== null && evaluatedAtMs - resolvedAtMs <= flapHoldMs;
}

function newAlert(rule: AlertRule, group: readonly string[], startedAtMs: number): AlertEvent['alert'] {
  const kind = kindOf(rule);
  const groupLabels = Object.fromEntries(
    rule.condition.by.map((dimension, index) => [nameLabel(dimension), group[index] ?? '']),
  );
  const labelOf = (dimension: 'AGENT' | 'CUSTOMER_SEGMENT') => {
    const index = rule.condition.by.indexOf(dimension);
    return index === -1 ? null : group[index] || null;
  };
  return {
    seq: null,
    rule: rule.name,
    condition: rule.condition.text,
    severity: rule.severity,
    state: 'PENDING',
    labels: { ...(kind !== null && { kind }), ...rule.labels, ...groupLabels },
    agent: labelOf('AGENT'),
    customerSegment: labelOf('CUSTOMER_SEGMENT'),
    anomalyKind: kind,
    summary: renderMessage(rule, group, NOTHING_DECIDED),
    value: null,
    threshold: null,
    startedAt: new Date(startedAtMs),
    firedAt: null,
    resolvedAt: null,
    reopened: 0,
    acknowledgedAt: null,
    acknowledgedBy: null,
    decisionIds: [],
    victims: [],
  };
}

/** The kind of anomaly that all its figures count; null when it is about none or several. */
function kindOf(rule: AlertRule): AnomalyKind | null {
  const kinds = measuresOfRule(rule).map(({ selector }) => {
    const matcher = selector.find(({ label, operator }) => label === 'KIND' && operator === '=');
    return ANOMALY_KINDS.find((kind) => kind === matcher?.pattern) ?? null;
  });
  const [first = null] = kinds;
  return kinds.every((kind) => kind === first) ? first : null;
}
