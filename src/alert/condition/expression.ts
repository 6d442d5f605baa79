import type { Statistic } from '../../fleet/figures/statistic.js';
import type { Measured } from './figure-name.js';
import type { AlertDimension, Selector } from './label.js';
import type { Calculation, Comparison } from './syntax.js';
import type { Unit } from './unit.js';

/** One figure that a condition needs: a statistic of a metric over the rule's window, of what the selector selects. */
export interface Measure {
  /** The canonical text, `cost_sum{agent="fraud-*"}`: the same for the same figure. */
  readonly key: string;
  readonly metric: Measured;
  readonly statistic: Statistic;
  readonly selector: Selector;
}

export type Figure =
  | { readonly kind: 'constant'; readonly text: string; readonly value: number }
  /** `isRate`: divided by the length of the window. */
  | { readonly kind: 'measure'; readonly measure: Measure; readonly isRate: boolean }
  | { readonly kind: 'calculation'; readonly operator: Calculation; readonly left: Figure; readonly right: Figure };

export interface ComparisonExpression {
  readonly kind: 'comparison';
  readonly operator: Comparison;
  readonly left: Figure;
  readonly right: Figure;
  /** Of both sides. */
  readonly unit: Unit;
}

export type Expression =
  | ComparisonExpression
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression };

export interface Condition {
  /** As it is written. */
  readonly text: string;
  readonly expression: Expression;
  /** What alerts are told apart by; none for one alert of the whole fleet. */
  readonly by: readonly AlertDimension[];
}
