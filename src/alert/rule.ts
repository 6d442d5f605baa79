import type { Severity } from '../settings/settings.js';
import { MINUTE_MS } from '../time.js';
import { measuresOf } from './condition/condition.js';
import { evaluate, type Figures, meetsThreshold } from './condition/evaluate.js';
import type { Condition, Measure } from './condition/expression.js';
import { makeMeasure } from './condition/measure.js';
import { printCondition } from './condition/print.js';
import type { Unit } from './condition/unit.js';

/** What a group without data is: as if the condition were not met, as it was before, or as if it were met. */
export const NO_DATA = ['OK', 'KEEP', 'FIRE'] as const;
export type NoData = (typeof NO_DATA)[number];

/** midwatch.yaml, or whoever made it over the API. */
export const RULE_ORIGINS = ['FILE', 'API'] as const;
export type RuleOrigin = (typeof RULE_ORIGINS)[number];

/** When to alert whom of what. Names are unique in a fleet: a state belongs to its rule by name. */
export interface AlertRule {
  readonly name: string;
  readonly condition: Condition;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  /** What the alert says: docs/ALERTS.md has what may stand in braces. */
  readonly message: string;
  /** Over how long the condition's figures are taken, back from each evaluation. */
  readonly windowMs: number;
  /** How long the condition must be met at every evaluation before the alert fires. */
  readonly forMs: number;
  /** How long an alert goes on firing after the condition is not met any more. */
  readonly keepFiringForMs: number;
  /** An alert that fires again so soon after it resolved is the same incident, and resolves after as long a rest only. */
  readonly flapHoldMs: number;
  /** While the alert fires, the threshold in place of the condition's, in the same unit; null: the condition's own. */
  readonly clear: number | null;
  /** With fewer values in its window a figure is no data. */
  readonly minimumSamples: number;
  readonly noData: NoData;
  readonly origin: RuleOrigin;
}

export const DEFAULT_RULE = {
  severity: 'WARNING',
  labels: {},
  message: '{{condition}} for {{group}}: {{value}}',
  windowMs: 5 * MINUTE_MS,
  forMs: 0,
  keepFiringForMs: 0,
  flapHoldMs: 10 * MINUTE_MS,
  clear: null,
  minimumSamples: 0,
  noData: 'OK',
} as const satisfies Partial<AlertRule>;

/** What one evaluation saw of one group. */
export interface Observation {
  /** Null: no data. */
  readonly isMet: boolean | null;
  /** Whether the condition is met for an alert that fires already: by the rule's `clear`, where it has one. */
  readonly isMetWhileFiring: boolean | null;
  readonly decided: Decided;
}

/** The sides of the comparison that decided; null where there is no data. Rates are per millisecond. */
export interface Decided {
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: Unit;
}

/** All figures that `observe` asks for, each once. */
export function measuresOfRule({ condition, minimumSamples }: AlertRule): readonly Measure[] {
  const measures = measuresOf(condition);
  const counts = minimumSamples > 0 ? measures.map(countOf) : [];
  return [...new Map([...measures, ...counts].map((measure) => [measure.key, measure])).values()];
}

/** What the rule's condition comes to with the figures of one group over the rule's window. */
export function observe(rule: AlertRule, figureOf: Figures['figureOf']): Observation {
  const { condition, windowMs, minimumSamples, clear } = rule;
  const isEnough = (measure: Measure) =>
    measure.statistic === 'COUNT' || (figureOf(countOf(measure)) ?? 0) >= minimumSamples;
  const figures: Figures = {
    windowMs,
    figureOf: minimumSamples === 0 ? figureOf : (measure) => (isEnough(measure) ? figureOf(measure) : null),
  };
  const { isMet, ...decided } = evaluate(condition.expression, figures);
  const isMetWhileFiring =
    clear === null || decided.value === null || condition.expression.kind !== 'comparison'
      ? isMet
      : meetsThreshold(condition.expression, decided.value, clear);
  return { isMet, isMetWhileFiring, decided };
}

/** How many values a figure is made of. */
function countOf({ metric, selector }: Measure): Measure {
  return makeMeasure(metric, 'COUNT', selector);
}

/** What states under a rule are about: with another, an edited rule begins anew; with the same, its alerts stand. */
export function subjectOf({ condition, windowMs }: AlertRule): string {
  return `${printCondition(condition)} over ${windowMs} ms`;
}
