import type { Statistic } from '../../fleet/figures/statistic.js';
import { quote } from '../../settings/problem.js';
import type { ComparisonExpression, Expression, Figure } from './expression.js';
import { ADDITIVE_NAMES, metricOf, nameFigure } from './figure-name.js';
import { makeMeasure, readFigureName, readSelector } from './measure.js';
import { Mistake } from './mistake.js';
import {
  type Calculation,
  COMPARISONS,
  CONDITION_FORM,
  type Comparison,
  type FigureSyntax,
  type Syntax,
} from './syntax.js';
import { divide, formsOf, multiply, nameType, type RateTime, type Type, unify, unitOf } from './unit.js';

type Binary = Extract<Syntax, { kind: 'binary' }>;

interface Typed {
  readonly figure: Figure;
  readonly type: Type;
}

/** How figures are to be understood where they stand. */
interface Setting {
  /** The whole text, for messages. */
  readonly text: string;
  /** A value of the comparison has a rate: what adds up is divided by the window. */
  readonly isRate: boolean;
  /** What a bare name of what each decision has a value of stands for; null where it must name its statistic. */
  readonly bare: Statistic | null;
}

/** Says what a condition's syntax means. Throws a Mistake where it means nothing: where units do not go together, say. */
export function checkExpression(syntax: Syntax, text: string): Expression {
  if (syntax.kind === 'not') return { kind: 'not', operand: checkExpression(syntax.operand, text) };
  if (syntax.kind === 'binary' && (syntax.operator === 'and' || syntax.operator === 'or')) {
    const { operator, left, right } = syntax;
    return { kind: operator, left: checkExpression(left, text), right: checkExpression(right, text) };
  }
  if (syntax.kind === 'binary' && isComparison(syntax.operator)) return checkComparison(syntax, syntax.operator, text);
  throw new Mistake(
    syntax.offset,
    `${quote(sourceOf(syntax, text))} is a figure, not a condition: write ${CONDITION_FORM}`,
  );
}

function checkComparison(syntax: Binary, operator: Comparison, text: string): ComparisonExpression {
  const { left, right } = syntax;
  const per = rateOf(left) ?? rateOf(right);
  const isRate = per !== null;
  if (!isRate && isBare(left) && isBare(right)) {
    throw new Mistake(right.offset, sayStatistics(right, 'where both sides are figures'));
  }
  const isEquality = operator === '==' || operator === '!=';
  if (isEquality && !isRate) {
    const bare = [left, right].find(isBare);
    if (bare !== undefined) throw new Mistake(bare.offset, sayStatistics(bare, `with ${operator}`));
  }
  const isGreater = operator === '>' || operator === '>=';
  const typedLeft = checkFigure(left, { text, isRate, bare: isBare(left) ? (isGreater ? 'MAX' : 'MIN') : null });
  const typedRight = checkFigure(right, { text, isRate, bare: isBare(right) ? (isGreater ? 'MIN' : 'MAX') : null });
  const type = compareTypes(syntax, typedLeft.type, typedRight.type, text);
  return { kind: 'comparison', operator, left: typedLeft.figure, right: typedRight.figure, unit: unitOf(type, per) };
}

function compareTypes({ left, right }: Binary, leftType: Type, rightType: Type, text: string): Type {
  if (leftType.isConstant && rightType.isConstant) {
    throw new Mistake(left.offset, 'nothing is measured here: one side must be a metric, such as error_rate');
  }
  const type = unify(leftType, rightType);
  if (type === null) throw sayUnlike(left, right, { leftType, rightType, verb: 'compared' }, text);
  if (type.flavour === 'share' && type.usd === 0 && type.time === 0) {
    const [constant, measured] = leftType.isConstant ? [left, right] : [right, left];
    // `error_rate > 5`, where 5% was meant, would never hold.
    if (constant.kind === 'number' && constant.literal.value > 1) throw sayNotValue(constant, measured, type, text);
  }
  return type;
}

function checkFigure(syntax: Syntax, setting: Setting): Typed {
  if (syntax.kind === 'number') {
    const { text, value, type } = syntax.literal;
    return { figure: { kind: 'constant', text, value }, type };
  }
  if (syntax.kind === 'figure') return checkMeasure(syntax, setting);
  if (syntax.kind === 'binary' && isCalculation(syntax.operator)) {
    return checkCalculation(syntax, syntax.operator, { ...setting, bare: null });
  }
  throw new Mistake(syntax.offset, `${quote(sourceOf(syntax, setting.text))} is a condition: a figure must stand here`);
}

function checkCalculation(syntax: Binary, operator: Calculation, setting: Setting): Typed {
  const left = checkFigure(syntax.left, setting);
  const right = checkFigure(syntax.right, setting);
  const figure: Figure = { kind: 'calculation', operator, left: left.figure, right: right.figure };
  if (operator === '*') return { figure, type: multiply(left.type, right.type) };
  if (operator === '/') return { figure, type: divide(left.type, right.type) };
  const type = unify(left.type, right.type);
  if (type !== null) return { figure, type };
  const verb = operator === '+' ? 'added' : 'subtracted';
  throw sayUnlike(syntax.left, syntax.right, { leftType: left.type, rightType: right.type, verb }, setting.text);
}

function checkMeasure(syntax: FigureSyntax, { isRate, bare }: Setting): Typed {
  const { metric, statistic: written } = readFigureName(syntax);
  const selector = readSelector(syntax, metric);
  const { type, isAdditive, statistic: own } = metricOf(metric);
  const isSum = own === null ? written === null || written === 'SUM' : own === 'COUNT';
  if (isRate && !(isAdditive && isSum)) {
    throw new Mistake(
      syntax.offset,
      `${syntax.name} does not add up over time, so that it has no rate: ${ADDITIVE_NAMES.join(', ')} do`,
    );
  }
  const statistic = written ?? (isRate ? 'SUM' : bare);
  if (statistic === null) throw new Mistake(syntax.offset, sayStatistics(syntax, 'in a calculation'));
  const figure: Figure = { kind: 'measure', measure: makeMeasure(metric, statistic, selector), isRate };
  return { figure, type: isRate ? { ...type, time: type.time - 1 } : type };
}

/** `token_usage`, of which each decision has a value: alone on one side, it is any one decision's. */
function isBare(syntax: Syntax): syntax is FigureSyntax {
  return syntax.kind === 'figure' && readFigureName(syntax).statistic === null;
}

function rateOf(syntax: Syntax): RateTime | null {
  if (syntax.kind === 'number') return syntax.literal.per;
  return syntax.kind === 'binary' ? (rateOf(syntax.left) ?? rateOf(syntax.right)) : null;
}

function isComparison(operator: string): operator is Comparison {
  return (COMPARISONS as readonly string[]).includes(operator);
}

function isCalculation(operator: string): operator is Calculation {
  return !isComparison(operator) && operator !== 'and' && operator !== 'or';
}

function sayStatistics(syntax: FigureSyntax, where: string): string {
  const { metric } = readFigureName(syntax);
  const names = (['SUM', 'AVG', 'P95', 'MAX'] as const).map((statistic) => nameFigure({ metric, statistic }));
  return `${syntax.name} is one figure for each decision; ${where}, say which of them is meant: ${names.join(', ')} …`;
}

interface Unlike {
  readonly leftType: Type;
  readonly rightType: Type;
  readonly verb: string;
}

function sayUnlike(left: Syntax, right: Syntax, { leftType, rightType, verb }: Unlike, text: string): Mistake {
  if (verb === 'compared' && right.kind === 'number') return sayNotValue(right, left, leftType, text);
  if (verb === 'compared' && left.kind === 'number') return sayNotValue(left, right, rightType, text);
  const say = (syntax: Syntax, type: Type) => `${sourceOf(syntax, text)} is ${nameType(type)}`;
  const kinds = `${say(left, leftType)} and ${say(right, rightType)}`;
  return new Mistake(right.offset, `${kinds}: only what is of one kind can be ${verb}`);
}

function sayNotValue(constant: Syntax, measured: Syntax, type: Type, text: string): Mistake {
  const [written, subject] = [sourceOf(constant, text), sourceOf(measured, text)];
  return new Mistake(
    constant.offset,
    `${quote(written)} is not what ${subject} is compared with: write ${formsOf(type)}`,
  );
}

function sourceOf({ offset, end }: Syntax, text: string): string {
  return text.slice(offset, end);
}
