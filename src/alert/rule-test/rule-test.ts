import type { Place } from '../../settings/problem.js';
import { measuresOf } from '../condition/condition.js';
import { nameLabel } from '../condition/label.js';
import type { AlertRule } from '../rule.js';

/** A file of rule tests, read. */
export interface RuleTests {
  readonly rules: readonly AlertRule[];
  /** The time between two evaluations; the first is at 0. */
  readonly intervalMs: number;
  readonly tests: readonly RuleTest[];
}

/** What the figures are at each evaluation, and where alerts are expected to stand at some of them. */
export interface RuleTest {
  readonly name: string;
  readonly series: readonly FigureSeries[];
  readonly expectations: readonly Expectation[];
}

export interface FigureSeries {
  /** `Measure.key` of the figure. */
  readonly figure: string;
  /** `Measure.key` of how many values it is made of. */
  readonly countKey: string;
  /** By the names of dimensions; those that are left out are not known. */
  readonly labels: Readonly<Record<string, string>>;
  /** At each evaluation from the first on, in the units of `Figures`; null, and all beyond the last: no data. */
  readonly values: readonly (number | null)[];
  /** How many values each is made of; null: enough. */
  readonly samples: readonly (number | null)[] | null;
  readonly place: Place;
}

export interface Expectation {
  readonly rule: AlertRule;
  readonly atMs: number;
  /** All that must stand so; null: not looked at. */
  readonly pending: readonly ExpectedAlert[] | null;
  readonly firing: readonly ExpectedAlert[] | null;
  readonly place: Place;
}

export interface ExpectedAlert {
  /** In the order of the condition's dimensions. */
  readonly labels: readonly string[];
  /** Null: whatever it says. */
  readonly message: string | null;
}

/** The group of a rule that a series belongs to; null where the rule does not read its figure. */
export function groupOf(rule: AlertRule, { figure, labels }: FigureSeries): readonly string[] | null {
  if (!measuresOf(rule.condition).some(({ key }) => key === figure)) return null;
  return rule.condition.by.map((dimension) => labels[nameLabel(dimension)] ?? '');
}
