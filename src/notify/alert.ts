import type { Severity } from '../settings/settings.js';

/** An alert as those who are told of it need it: one incident of a rule, from when it fired until it resolved. */
export interface NotifiableAlert {
  /** Names the incident within its fleet. */
  readonly id: string;
  readonly fleet: string;
  readonly rule: string;
  /** As the rule states it, units included; '' where there is none. */
  readonly condition: string;
  readonly severity: Severity;
  readonly state: 'FIRING' | 'RESOLVED';
  /** What routes, silences and inhibition go by: `alertname`, `agent`, `kind` … */
  readonly labels: Readonly<Record<string, string>>;
  /** One sentence; may quote agents' names, which anybody may have chosen. */
  readonly summary: string;
  /** In the base units of figures, milliseconds for a time: for machines, as a person reads the summary and the condition. */
  readonly value: number | null;
  readonly threshold: number | null;
  readonly firedAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly acknowledgedAtMs: number | null;
  readonly decisionIds: readonly string[];
  /** Agents that a cascade pulls down; none for other alerts. */
  readonly victims: readonly string[];
}

export interface AlertSource {
  /** All that fire, of every fleet, and those that resolved within the last hours. */
  current(): Promise<readonly NotifiableAlert[]>;
}

/** By which alerts are told apart all over the installation. */
export function alertKey({ fleet, id }: Pick<NotifiableAlert, 'fleet' | 'id'>): string {
  return `${fleet}/${id}`;
}

/** The alert's labels with those that every alert has, whatever the rule gave it: `alertname`, `severity` and `fleet`. */
export function labelsOf(alert: NotifiableAlert): Readonly<Record<string, string>> {
  return {
    alertname: alert.rule,
    ...alert.labels,
    severity: alert.severity.toLowerCase(),
    fleet: alert.fleet,
  };
}

/** '' for a label that is not there, as matchers and groups take it. */
export function labelValue(labels: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(labels, name) && labels[name]) || '';
}
