import type { ComparisonExpression, Expression, Figure, Measure } from './expression.js';
import type { Comparison } from './syntax.js';
import type { Unit } from './unit.js';

/** The figures of one group over one window. */
export interface Figures {
  /** The length of the window: what a rate is divided by. */
  readonly windowMs: number;
  /** Milliseconds, shares from 0 to 1, dollars, counts; null where there is no data. */
  readonly figureOf: (measure: Measure) => number | null;
}

export interface Verdict {
  /** Null: there is no data to tell. */
  readonly isMet: boolean | null;
  /** The two sides of the comparison that decided; null where there is no data. Rates are per millisecond. */
  readonly value: number | null;
  readonly threshold: number | null;
  /** Of both. */
  readonly unit: Unit;
}

/**
 * Whether a condition is met, in Kleene's logic of three values: where one side decides, the other may be unknown. The
 * comparison that decided is the first whose outcome is that of the whole.
 */
export function evaluate(expression: Expression, figures: Figures): Verdict {
  if (expression.kind === 'comparison') return compare(expression, figures);
  if (expression.kind === 'not') {
    const { isMet, ...rest } = evaluate(expression.operand, figures);
    return { isMet: isMet === null ? null : !isMet, ...rest };
  }
  const left = evaluate(expression.left, figures);
  const decisive = expression.kind === 'or';
  if (left.isMet === decisive) return left;
  const right = evaluate(expression.right, figures);
  if (right.isMet === decisive) return right;
  return left.isMet === null || right.isMet !== null ? left : right;
}

function compare({ operator, left, right, unit }: ComparisonExpression, figures: Figures): Verdict {
  const [leftValue, rightValue] = [calculate(left, figures), calculate(right, figures)];
  const isMet = leftValue === null || rightValue === null ? null : holds(operator, leftValue, rightValue);
  // `2s < decision_latency_p95` reads the other way about.
  const [value, threshold] = left.kind === 'constant' ? [rightValue, leftValue] : [leftValue, rightValue];
  return { isMet, value, threshold, unit };
}

/** Null for what has no data, and for what is divided by nothing. */
function calculate(figure: Figure, figures: Figures): number | null {
  if (figure.kind === 'constant') return figure.value;
  if (figure.kind === 'measure') {
    const value = figures.figureOf(figure.measure);
    return value !== null && figure.isRate ? value / figures.windowMs : value;
  }
  const left = calculate(figure.left, figures);
  const right = calculate(figure.right, figures);
  if (left === null || right === null) return null;
  if (figure.operator === '+') return left + right;
  if (figure.operator === '-') return left - right;
  if (figure.operator === '*') return left * right;
  return right === 0 ? null : left / right;
}

/** Whether the comparison would be met if the value stood on the one side of it and the threshold on the other. */
export function meetsThreshold({ operator, left }: ComparisonExpression, value: number, threshold: number): boolean {
  return left.kind === 'constant' ? holds(operator, threshold, value) : holds(operator, value, threshold);
}

function holds(operator: Comparison, left: number, right: number): boolean {
  if (operator === '>') return left > right;
  if (operator === '>=') return left >= right;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return (left === right) === (operator === '==');
}
