import type { Condition, Expression, Figure } from './expression.js';
import { type FigureName, nameFigure } from './figure-name.js';
import { type Matcher, nameLabel, type Selector } from './label.js';

/** The condition in its one canonical form: the inverse of `parseCondition`, and the same for what means the same words. */
export function printCondition({ expression, by }: Pick<Condition, 'expression' | 'by'>): string {
  return `${printExpression(expression)} by ${by.map(nameLabel).join(', ') || 'fleet'}`;
}

function printExpression(expression: Expression): string {
  if (expression.kind === 'not') return `not ${printOperand(expression.operand, 'not')}`;
  if (expression.kind === 'comparison') {
    return `${printFigure(expression.left)} ${expression.operator} ${printFigure(expression.right)}`;
  }
  const { kind, left, right } = expression;
  const isChain = right.kind === kind;
  return `${printOperand(left, kind)} ${kind} ${isChain ? `(${printExpression(right)})` : printOperand(right, kind)}`;
}

const BINDING = { or: 0, and: 1, not: 2, comparison: 3 } as const;

function printOperand(operand: Expression, within: Expression['kind']): string {
  const text = printExpression(operand);
  return BINDING[operand.kind] < BINDING[within] ? `(${text})` : text;
}

function printFigure(figure: Figure): string {
  if (figure.kind === 'constant') return figure.text;
  if (figure.kind === 'measure') return figure.measure.key;
  const { operator, left, right } = figure;
  const isProduct = operator === '*' || operator === '/';
  const print = (operand: Figure, isRight: boolean) => {
    const isLooser = operand.kind === 'calculation' && isProduct && !isProductOf(operand.operator);
    const isSame = operand.kind === 'calculation' && isRight && isProduct === isProductOf(operand.operator);
    return isLooser || isSame ? `(${printFigure(operand)})` : printFigure(operand);
  };
  return `${print(left, false)} ${operator} ${print(right, true)}`;
}

function isProductOf(operator: string): boolean {
  return operator === '*' || operator === '/';
}

/** `cost_sum{agent="fraud-*"}`. */
export function printMeasure(figure: FigureName, selector: Selector): string {
  const matchers = selector.map(printMatcher).join(', ');
  return `${nameFigure(figure)}${matchers === '' ? '' : `{${matchers}}`}`;
}

function printMatcher({ label, operator, pattern }: Matcher): string {
  return `${nameLabel(label)}${operator}"${pattern.replaceAll(/["\\]/g, '\\$&')}"`;
}
