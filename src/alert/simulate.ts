import type { Unit } from './condition/unit.js';
import { type Alert, type AlertChange, type Alerts, type Evaluation, evaluateRule, groupKey } from './evaluate-rule.js';
import type { AlertRule } from './rule.js';
import { isHolding } from './state.js';

/** One time that a rule's alert fires for a group. */
export interface Firing {
  readonly labels: readonly string[];
  /** The evaluation at which it began to fire. */
  readonly fromMs: number;
  /** The evaluation at which it resolved; null: it fires still after the last one. */
  readonly untilMs: number | null;
  /** Of the values for which the condition was met, the one farthest from its threshold; null: there were no data. */
  readonly peak: number | null;
  readonly unit: Unit | null;
}

/** A rule that is taken through evaluations in the order of time, without what they were made of being kept. */
export interface Simulation {
  take(evaluation: Evaluation): void;
  /** Each time it fired so far, in the order in which it began to. */
  readonly firings: readonly Firing[];
}

export function beginSimulation(rule: AlertRule): Simulation {
  const firings: Firing[] = [];
  /** Where each group that fires has its entry. */
  const open = new Map<string, number>();
  let alerts: Alerts = new Map();
  return {
    firings,
    take: (evaluation) => {
      const evaluated = evaluateRule(rule, alerts, evaluation);
      alerts = evaluated.alerts;
      for (const change of evaluated.changes) noteChange({ firings, open }, change, evaluation.atMs);
      for (const [key, index] of open) {
        const firing = firings[index];
        const alert = alerts.get(key);
        if (firing !== undefined && alert !== undefined) firings[index] = withPeak(firing, alert);
      }
    },
  };
}

function noteChange(
  { firings, open }: { firings: Firing[]; open: Map<string, number> },
  { labels, change }: AlertChange,
  atMs: number,
): void {
  const key = groupKey(labels);
  const index = open.get(key);
  const firing = index === undefined ? undefined : firings[index];
  if (change === 'FIRING') {
    open.set(key, firings.length);
    firings.push({ labels, fromMs: atMs, untilMs: null, peak: null, unit: null });
  } else if (index !== undefined && firing !== undefined && change === 'RESOLVED') {
    firings[index] = { ...firing, untilMs: atMs };
    open.delete(key);
  }
}

export interface SimulatedStep {
  readonly atMs: number;
  readonly alerts: Alerts;
  readonly changes: readonly AlertChange[];
}

/** A rule from no alerts on, an evaluation at a time. */
export function* stepThrough(rule: AlertRule, evaluations: Iterable<Evaluation>): Generator<SimulatedStep> {
  let alerts: Alerts = new Map();
  for (const evaluation of evaluations) {
    const evaluated = evaluateRule(rule, alerts, evaluation);
    alerts = evaluated.alerts;
    yield { atMs: evaluation.atMs, ...evaluated };
  }
}

function withPeak(firing: Firing, { state }: Alert): Firing {
  const { decided } = state;
  if (decided === null || decided.value === null || isHolding(state)) return firing;
  const threshold = decided.threshold ?? 0;
  const isFarther = firing.peak === null || Math.abs(decided.value - threshold) > Math.abs(firing.peak - threshold);
  return isFarther ? { ...firing, peak: decided.value, unit: decided.unit } : firing;
}
